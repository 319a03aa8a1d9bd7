"""Send an order whose intent is committed, once, and book the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from cerberus.domain.orders import Order, OrderStatus, VenueOrder
from cerberus.errors import NotTheWriter, Rejected, StoreFailed, Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.book import Booked, book_refusal, book_report
from cerberus.services.desk import Desk

#: a lookup that finds nothing counts once the placement can no longer arrive
MISSES_UNTIL_FINAL = 2

Beside = Callable[[VenueOrder], Awaitable[None]]


async def send(desk: Desk, order: Order, beside: Beside | None = None) -> Booked:
    """Send an order; the caller holds the lock of its symbol.

    A timeout, a reset or a 5xx leaves the order unknown: it is asked about, never sent again.
    What the answer allows may be done beside the booking, which takes its time.

    Raises
    ------
    Transient
        The order had no effect, and may be wished for again.
    Unknown
        It was sent, and the store could not take what became of it: the follower asks again.
    """
    if desk.wall_clock.now() >= order.expires_at:
        # this process slept; a venue that takes no expiry would still let it trade
        late = f"it was not sent before it expired at {order.expires_at.isoformat()}"
        await book_refusal(desk, order, OrderStatus.REJECTED, late)
        raise Transient(late)
    try:
        report = await desk.exchange.place(order)
    except Unknown as error:
        with _still_in_doubt(order):
            return await book_refusal(desk, order, OrderStatus.UNKNOWN, str(error))
    except Rejected as error:
        return await book_refusal(desk, order, OrderStatus.REJECTED, str(error))
    except Transient as error:
        await book_refusal(desk, order, OrderStatus.REJECTED, str(error))
        raise
    with _still_in_doubt(order):
        if beside is None:
            return await book_report(desk, order, report)
        # both to their ends: nothing may go on when the lock is given up
        booked, told = await asyncio.gather(
            book_report(desk, order, report), beside(report), return_exceptions=True
        )
        if isinstance(booked, BaseException):
            raise booked
        if isinstance(told, BaseException):
            raise told
        return booked


async def resolve(desk: Desk, order: Order) -> Booked | None:
    """Ask what became of an order; None while it is still not known."""
    report = await desk.exchange.find(order)
    if report is not None:
        return await book_report(desk, order, report)
    if not order.is_in_doubt:
        return None
    missed = await desk.write(lambda transaction: _miss(transaction, order))
    if missed is None:
        return None
    arrived_too_late = desk.wall_clock.now() > order.expires_at
    if missed.misses < MISSES_UNTIL_FINAL or not arrived_too_late:
        return None
    return await book_refusal(
        desk, missed, OrderStatus.EXPIRED, "the venue never received the order"
    )


def _miss(transaction: Transaction, order: Order) -> Order | None:
    """Count that the venue does not know an order; None when it has told of it meanwhile."""
    present = transaction.orders.get(order.order_id) or order
    if not present.is_in_doubt:
        return None  # an emergency stop asks without the lock, while the answer comes in
    missed = present.missed()
    transaction.orders.save(missed)
    return missed


@contextmanager
def _still_in_doubt(order: Order) -> Iterator[None]:
    try:
        yield
    except (StoreFailed, NotTheWriter) as error:
        message = f"order {order.client_id} was sent, its outcome could not be recorded: {error}"
        raise Unknown(message) from error
