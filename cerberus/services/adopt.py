"""Adopt the closes that an emergency stop has sent while the store could not be written.

Their client ids tell them from everything else, so that they are found at the venue even when the
process that sent them is gone.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from cerberus.domain.market import ZERO
from cerberus.domain.orders import ListedOrder, Order, OrderStatus, OrderType, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.signals import TimeInForce
from cerberus.ids import is_stop_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.send import resolve
from cerberus.services.snapshot import EMERGENCY_STOP

log = logging.getLogger(__name__)

#: a venue may round the times of orders otherwise than those of fills
_ROUNDING = timedelta(seconds=1)


async def adopt_closes(desk: Desk, symbol: str) -> bool:
    """Book the closes of a symbol that the books lack; the caller holds its lock.

    The venue is asked once for each symbol, and again after every stop that went past the store.
    Return whether it was asked.
    """
    if symbol in desk.adopted:
        return False
    position, is_in_doubt = await desk.store.read(lambda transaction: _held(transaction, symbol))
    if position is not None:
        listed = await desk.exchange.finished_orders(symbol)
        for told in sorted(listed, key=lambda one: one.created_at):
            if _closes(told, position):
                await _adopt(desk, told, position)
    if not is_in_doubt:  # else an entry may be booked yet, and its close after it
        desk.adopted.add(symbol)
    return position is not None


def _held(transaction: Transaction, symbol: str) -> tuple[Position | None, bool]:
    live = [one for one in transaction.orders.live() if one.symbol == symbol]
    return transaction.positions.open_on(symbol), any(one.is_in_doubt for one in live)


def _closes(told: ListedOrder, position: Position) -> bool:
    return (
        is_stop_client_id(told.report.client_id)
        and told.side is position.side.opposite
        and told.report.filled_quantity > ZERO
        and told.created_at >= position.opened_at - _ROUNDING
    )


async def _adopt(desk: Desk, told: ListedOrder, position: Position) -> None:
    order = Order(
        order_id=new_id(),
        client_id=str(told.report.client_id),
        trade_id=position.trade_id,
        symbol=told.symbol,
        side=told.side,
        order_type=OrderType.MARKET,
        purpose=Purpose.CLOSE,
        quantity=told.quantity,
        time_in_force=TimeInForce.IOC,
        created_at=told.created_at,
        expires_at=told.created_at,
        status=OrderStatus.OPEN,
        venue_id=told.report.venue_id,
    )

    def add(transaction: Transaction) -> Order | None:
        if transaction.orders.get(order.client_id) is not None:
            return None
        why = transaction.facts.get(EMERGENCY_STOP).get("reason", "")
        mine = replace(order, reason=f"emergency stop: {why}" if why else "emergency stop")
        transaction.orders.add(mine, None)
        return mine

    new = await desk.write(add)
    if new is not None:
        log.warning("close_adopted symbol=%s client_id=%s", new.symbol, new.client_id)
        await resolve(desk, new)
