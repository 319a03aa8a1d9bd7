"""Close a position: reduce-only on perpetuals, a sale of the holding on spot."""

from cerberus.domain.exits import wanted_quantity
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose, VenueOrder
from cerberus.domain.positions import Position
from cerberus.domain.signals import TimeInForce
from cerberus.domain.trades import Trade
from cerberus.errors import Conflict, NotFound
from cerberus.ids import new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.resilience.urgency import urgent_work
from cerberus.services.adopt import adopt_closes
from cerberus.services.book import Booked, book_dust
from cerberus.services.cancel import cancel_exits
from cerberus.services.desk import Desk
from cerberus.services.send import send


@urgent_work
async def close_position(desk: Desk, position: Position, reason: str) -> Trade:
    """Close a position at the market and return its trade; the caller holds the symbol's lock.

    A perpetual keeps its exits until the close is done. A spot holding is tied up by its stop,
    which therefore goes first.

    Raises
    ------
    Conflict
        The venue refuses to close; the position is still open.
    Transient
        The close was not sent.
    """
    position = await _as_it_is(desk, position)
    if not position.is_open:
        return await _trade(desk, position.trade_id)
    order = close_order(desk, position, reason)
    if not await desk.write(lambda transaction: _commit(transaction, order)):
        return await _trade(desk, position.trade_id)

    async def drop_exits(report: VenueOrder) -> None:
        if report.status is OrderStatus.FILLED:
            await cancel_exits(desk, position.trade_id, "position is closed")

    booked = await send(desk, order, drop_exits)
    if booked.order.status is OrderStatus.REJECTED:
        booked = await _after_refusal(desk, booked.order)
    if booked.position is not None and not booked.position.is_open:
        await cancel_exits(desk, position.trade_id, "position is closed")
    return booked.trade


async def _as_it_is(desk: Desk, position: Position) -> Position:
    """Return what is left to close once nothing else can sell it."""
    is_changed = await adopt_closes(desk, position.symbol)
    if not desk.instrument(position.symbol).is_swap:
        await cancel_exits(desk, position.trade_id, "position is being closed")
        # the stop may have sold before it could be cancelled, and a sale cannot be reduce-only
        is_changed = True
    if not is_changed:
        return position
    held = await desk.store.read(lambda tx: tx.positions.of_trade(position.trade_id))
    return held or position


async def _after_refusal(desk: Desk, order: Order) -> Booked:
    """Book as dust what is worth too little for the venue to take it; all else is held still."""
    if not desk.instrument(order.symbol).is_swap:
        booked = await book_dust(desk, order, (await desk.quote(order.symbol)).bid)
        if booked.position is not None and not booked.position.is_open:
            return booked
    raise Conflict(f"the venue refused to close {order.symbol}: {order.reason}")


def close_order(desk: Desk, position: Position, reason: str) -> Order:
    """Return the order that closes a position."""
    now = desk.wall_clock.now()
    return Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id=position.trade_id,
        symbol=position.symbol,
        side=position.side.opposite,
        order_type=OrderType.MARKET,
        purpose=Purpose.CLOSE,
        quantity=wanted_quantity(position, desk.instrument(position.symbol)),
        time_in_force=TimeInForce.IOC,
        created_at=now,
        expires_at=desk.placement_expiry(),
        reason=reason,
    )


def _commit(transaction: Transaction, order: Order) -> bool:
    """Store the intent; False when nothing is held any more, or a close is on its way already.

    Whoever wants to close has waited for the lock: another one may have closed meanwhile.
    """
    held = transaction.positions.of_trade(order.trade_id)
    if held is None or not held.is_open:
        return False
    for live in transaction.orders.live():
        if live.trade_id == order.trade_id and live.purpose is Purpose.CLOSE:
            return False
    transaction.orders.add(order, None)
    return True


async def _trade(desk: Desk, trade_id: str) -> Trade:
    trade = await desk.store.read(lambda transaction: transaction.trades.get(trade_id))
    if trade is None:
        raise NotFound(f"trade {trade_id} is not known")
    return trade
