"""The exits that belong to a trade, before they are placed."""

from datetime import datetime
from decimal import Decimal

from cerberus.domain.exits import Exit, ExitKind, trigger_tick
from cerberus.domain.market import Instrument
from cerberus.domain.trades import Trade
from cerberus.ids import new_id
from cerberus.ports import Transaction


def add_trade(transaction: Transaction, trade: Trade, instrument: Instrument) -> None:
    """Store a new trade with its stop and its target, both still to be placed."""
    transaction.trades.add(trade)
    for kind, price in ((ExitKind.STOP, trade.stop_price), (ExitKind.TARGET, trade.target_price)):
        transaction.exits.add(planned_exit(trade, kind, price, instrument, trade.created_at))


def planned_exit(
    trade: Trade, kind: ExitKind, price: Decimal, instrument: Instrument, now: datetime
) -> Exit:
    """Return an exit of a trade that is still to be placed."""
    side = trade.side.opposite
    return Exit(
        exit_id=new_id(),
        trade_id=trade.trade_id,
        symbol=trade.symbol,
        side=side,
        kind=kind,
        trigger_price=trigger_tick(price, side, kind, instrument),
        created_at=now,
    )
