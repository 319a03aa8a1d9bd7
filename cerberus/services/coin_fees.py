"""Fees in a third coin: what they are worth when they are booked, and what they sum up to."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cerberus.domain.balances import Wallet
from cerberus.domain.fills import Fill, is_in_third_coin
from cerberus.domain.market import ZERO, Instrument, MarketType
from cerberus.errors import CerberusError
from cerberus.ports import Transaction
from cerberus.services.desk import Desk

log = logging.getLogger(__name__)

#: what has been paid out of each wallet that is no part of the trade
COIN_FEES = "coin_fees"


async def value_coin_fees(desk: Desk, fills: Sequence[Fill]) -> Sequence[Fill]:
    """Return the fills with a value for each new fee in a third coin, where it has a price.

    A fee is never waited for: one without a price is booked all the same, and told as not valued.
    """
    paid_in_coin = [one for one in fills if is_in_third_coin(one, desk.instrument(one.symbol))]
    if not paid_in_coin:
        return fills

    def lacking(transaction: Transaction) -> list[Fill]:
        known = transaction.orders.has_fill
        return [one for one in paid_in_coin if not known(one.symbol, one.fill_id)]

    new = await desk.store.read(lacking)
    pairs = {(one.fee_currency, desk.instrument(one.symbol).quote) for one in new}
    prices = {pair: await _price(desk, *pair) for pair in sorted(pairs)}
    values = {
        (one.symbol, one.fill_id): one.fee * price
        for one in new
        if (price := prices[one.fee_currency, desk.instrument(one.symbol).quote]) is not None
    }
    return [replace(one, fee_value=values.get((one.symbol, one.fill_id))) for one in fills]


def note_coin_fee(desk: Desk, transaction: Transaction, fill: Fill, instrument: Instrument) -> None:
    """Add a fee to what its coin's wallet has paid."""
    fact = dict(transaction.facts.get(COIN_FEES))
    wallet = f"{instrument.market_type} {fill.fee_currency}"
    fact[wallet] = str(Decimal(fact.get(wallet, "0")) + fill.fee)
    transaction.facts.put(COIN_FEES, fact, desk.wall_clock.now())


def read_coin_fees(transaction: Transaction) -> Mapping[Wallet, Decimal]:
    """Return what each wallet has paid for trades that it is no part of."""
    fact = transaction.facts.get(COIN_FEES)
    pairs = ((name.split(" ", 1), Decimal(value)) for name, value in fact.items())
    return {(MarketType(kind), coin): value for (kind, coin), value in pairs if value != ZERO}


async def _price(desk: Desk, coin: str, quote: str) -> Decimal | None:
    for symbol in (f"{coin}/{quote}", f"{coin}/{quote}:{quote}"):
        if symbol not in desk.instruments:
            continue
        try:
            told = await desk.quote(symbol)
        except CerberusError as error:
            log.warning("fee_not_valued coin=%s reason=%s", coin, error)
            return None
        return told.mid
    log.warning("fee_not_valued coin=%s reason=no market has it against %s", coin, quote)
    return None
