"""Move the stops that follow the price; the next `protect` brings them to the venue.

The new trigger is in place before the old one is cancelled, and what is wanted is in the store
before either, so that a restart goes on from there.
"""

import logging
from dataclasses import replace
from decimal import Decimal

from cerberus.domain.positions import Position
from cerberus.domain.trades import Trade
from cerberus.domain.trailing import trailed_stop
from cerberus.ports import Transaction
from cerberus.services.desk import Desk

log = logging.getLogger(__name__)


async def trail(desk: Desk, position: Position) -> None:
    """Move the stop of a position after its price; the caller holds the symbol's lock."""
    trade = await desk.store.read(lambda transaction: transaction.trades.get(position.trade_id))
    if trade is None or trade.trailing_percent is None or not position.is_open:
        return
    quote = await desk.quote(position.symbol)
    price = quote.bid if position.side.sign > 0 else quote.ask
    wanted = trailed_stop(position.side, trade.present_stop, price, trade.trailing_percent)
    if wanted is None:
        return
    await desk.write(lambda transaction: _move(transaction, trade, wanted))
    log.info("stop_trailed symbol=%s trade=%s stop=%s", trade.symbol, trade.trade_id, wanted)


def _move(transaction: Transaction, trade: Trade, wanted: Decimal) -> None:
    present = transaction.trades.get(trade.trade_id) or trade
    transaction.trades.save(replace(present, trailed_stop=wanted))
