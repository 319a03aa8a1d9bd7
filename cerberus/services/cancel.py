"""Cancel orders and exits; the venue is asked afterwards what really happened."""

from cerberus.domain.exits import Exit, ExitStatus
from cerberus.domain.orders import Order, OrderStatus
from cerberus.errors import Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.book import Booked, disarm
from cerberus.services.desk import Desk
from cerberus.services.fired import look_at_finished
from cerberus.services.send import resolve


async def cancel_order(desk: Desk, order: Order) -> Booked | None:
    """Cancel an order and book what the venue then says; the caller holds the symbol's lock.

    One that waits for its trigger is only known here: it is over at once.
    """
    if order.is_armed:
        disarmed = await disarm(desk, order, OrderStatus.CANCELLED, "cancelled before its trigger")
        if disarmed is not None:
            return disarmed
    asked = await desk.write(lambda transaction: _ask_for_cancel(transaction, order))
    try:
        await desk.exchange.cancel(asked)
    except (Transient, Unknown):
        return None  # the follower cancels again
    return await resolve(desk, asked)


def _ask_for_cancel(transaction: Transaction, order: Order) -> Order:
    present = transaction.orders.get(order.order_id) or order
    if present.status.is_final or present.status is OrderStatus.INTENT:
        return present
    asked = present.moved(OrderStatus.CANCEL_REQUESTED)
    transaction.orders.save(asked)
    return asked


async def cancel_exits(desk: Desk, trade_id: str, reason: str) -> None:
    """Cancel every live exit of a trade; the caller holds the symbol's lock."""
    exits = await desk.store.read(lambda transaction: transaction.exits.of_trade(trade_id))
    for one in exits:
        if not one.status.is_final:
            await cancel_exit(desk, one, reason)


async def cancel_exit(desk: Desk, one: Exit, reason: str) -> bool:
    """Cancel one exit; False when the venue could not be asked and it has to be tried again."""
    if one.status is ExitStatus.SENDING:
        return False  # whether it rests is not known yet: it is looked for first
    if one.status is ExitStatus.TRIGGERED:
        return False  # its order is being followed
    if one.venue_id is not None and one.status is ExitStatus.RESTING:
        try:
            if not await desk.exchange.cancel_trigger(one.symbol, one.venue_id):
                return await look_at_finished(desk, one)
        except (Transient, Unknown):
            return False
    cancelled = one.moved(ExitStatus.CANCELLED, reason)
    await desk.write(lambda transaction: transaction.exits.save(cancelled))
    return True
