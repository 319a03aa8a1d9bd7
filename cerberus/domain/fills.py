"""Fills: what the venue says was traded, and what it cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cerberus.domain.market import ZERO, Instrument
from cerberus.domain.signals import Side


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution on the venue; `fill_id` is the venue's own and unique per symbol.

    `fee_value` is what a fee in a third coin was worth in the quote currency when it was booked;
    None where nobody told that coin's price, and where the fee is in base or quote.
    """

    fill_id: str
    order_venue_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    at: datetime
    fee_value: Decimal | None = None

    @property
    def notional(self) -> Decimal:
        """The value in the quote currency."""
        return self.quantity * self.price


def fee_in_quote(fill: Fill, instrument: Instrument) -> Decimal:
    """Return the fee in the quote currency; one in a third coin without a price counts 0."""
    if fill.fee_currency == instrument.quote:
        return fill.fee
    if fill.fee_currency == instrument.base:
        return fill.fee * fill.price
    return ZERO if fill.fee_value is None else fill.fee_value


def is_in_third_coin(fill: Fill, instrument: Instrument) -> bool:
    """Return whether a fee was paid out of a wallet that the trade itself does not touch."""
    return fill.fee != ZERO and fill.fee_currency not in (instrument.base, instrument.quote)


def unvalued_fees(fills: Iterable[Fill], instrument: Instrument) -> dict[str, Decimal]:
    """Return, by coin, the fees that count nowhere: nobody told what their coin is worth."""
    sums: dict[str, Decimal] = {}
    for fill in fills:
        if is_in_third_coin(fill, instrument) and fill.fee_value is None:
            sums[fill.fee_currency] = sums.get(fill.fee_currency, ZERO) + fill.fee
    return sums


def received_base(fill: Fill, instrument: Instrument) -> Decimal:
    """Return the base quantity by which a holding changes, a fee in base already taken off."""
    if fill.side is Side.BUY and fill.fee_currency == instrument.base:
        return fill.quantity - fill.fee
    return fill.quantity


def average_price(fills: list[Fill]) -> Decimal | None:
    """Return the quantity-weighted price, None without fills."""
    quantity = sum((fill.quantity for fill in fills), ZERO)
    return sum((fill.notional for fill in fills), ZERO) / quantity if quantity else None
