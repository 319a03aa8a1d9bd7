"""Cancel orders and exits; the venue is asked afterwards what really happened."""

from enum import Enum, auto

from cerberus.domain.exits import Exit, ExitStatus
from cerberus.domain.orders import Order, OrderStatus
from cerberus.errors import Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.book import Booked, disarm
from cerberus.services.desk import Desk
from cerberus.services.fired import look_at_finished
from cerberus.services.send import resolve
from cerberus.services.together import together


async def cancel_order(desk: Desk, order: Order, reason: str = "") -> Booked | None:
    """Cancel an order and book what the venue then says; the caller holds the symbol's lock.

    One that waits for its trigger is only known here: it is over at once.
    """
    if order.is_armed:
        disarmed = await disarm(desk, order, OrderStatus.CANCELLED, "cancelled before its trigger")
        if disarmed is not None:
            return disarmed
    asked = await desk.write(lambda transaction: _ask_for_cancel(transaction, order, reason))
    try:
        await desk.exchange.cancel(asked)
    except (Transient, Unknown):
        return None  # the follower cancels again
    return await resolve(desk, asked)


def _ask_for_cancel(transaction: Transaction, order: Order, reason: str) -> Order:
    present = transaction.orders.get(order.order_id) or order
    if present.status.is_final or present.status is OrderStatus.INTENT:
        return present
    asked = present.moved(OrderStatus.CANCEL_REQUESTED, reason)
    transaction.orders.save(asked)
    return asked


class Answer(Enum):
    """What the cancel of an exit came to."""

    #: nothing waits any more
    CANCELLED = auto()
    #: it was over already: it may have fired
    WAS_OVER = auto()
    #: it has to be tried again
    OPEN = auto()


async def cancel_exits(desk: Desk, trade_id: str, reason: str) -> None:
    """Cancel every live exit of a trade, side by side; the caller holds the symbol's lock."""
    exits = await desk.store.read(lambda transaction: transaction.exits.of_trade(trade_id))
    await _cancel_all(desk, [one for one in exits if not one.status.is_final], reason)


async def cancel_exit(desk: Desk, one: Exit, reason: str) -> None:
    """Cancel one exit; where the venue cannot be asked it stays, and has to be tried again."""
    await _cancel_all(desk, [one], reason)


async def _cancel_all(desk: Desk, exits: list[Exit], reason: str) -> None:
    answers = await together(_cancel_at_venue(desk, one) for one in exits)
    told = list(zip(exits, answers, strict=True))
    cancelled = [
        one.moved(ExitStatus.CANCELLED, reason)
        for one, answer in told
        if answer is Answer.CANCELLED
    ]
    if cancelled:
        await desk.write(lambda transaction: _save_all(transaction, cancelled))
    for one, answer in told:
        if answer is Answer.WAS_OVER:
            await look_at_finished(desk, one)


async def _cancel_at_venue(desk: Desk, one: Exit) -> Answer:
    if one.status in (ExitStatus.SENDING, ExitStatus.TRIGGERED):
        # whether it rests is not known yet and is looked for first; or its order is being followed
        return Answer.OPEN
    if one.venue_id is None or one.status is not ExitStatus.RESTING:
        return Answer.CANCELLED
    try:
        was_waiting = await desk.exchange.cancel_trigger(one.symbol, one.venue_id)
    except (Transient, Unknown):
        return Answer.OPEN
    return Answer.CANCELLED if was_waiting else Answer.WAS_OVER


def _save_all(transaction: Transaction, exits: list[Exit]) -> None:
    for one in exits:
        transaction.exits.save(one)
