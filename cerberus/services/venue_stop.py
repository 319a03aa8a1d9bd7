"""An emergency stop past the store: what is to be cancelled and closed is taken from the venue.

Nothing is written. The closes bear client ids by which they are adopted once the store is back.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from cerberus.domain.exits import VenueTrigger
from cerberus.domain.orders import ListedOrder, Order, OrderStatus, OrderType, Purpose
from cerberus.domain.positions import Position, VenuePosition
from cerberus.domain.signals import TimeInForce
from cerberus.errors import CerberusError
from cerberus.ids import is_client_id, stop_client_id
from cerberus.services.desk import Books, Desk, Halt
from cerberus.services.known import at_venue, present_books
from cerberus.services.unrecorded import build_close, send_close
from cerberus.services.venue_holdings import sell_holding

Result = TypeVar("Result")


@dataclass(slots=True)
class Course:
    """What one pass has done, and what is left."""

    cancelled: int = 0
    closed: int = 0
    open_positions: int = 0
    open_orders: int = 0
    problems: list[str] = field(default_factory=list)

    async def tried(self, what: str, work: Awaitable[Result]) -> Result | None:
        """Do one part; a failure is noted and leaves the others to be done."""
        try:
            return await work
        except CerberusError as error:
            self.problems.append(f"{what}: {error}")
            return None


async def stop_at_venue(desk: Desk, halt: Halt) -> Course:
    """Cancel our entries and close our positions; may be repeated, one pass runs at a time."""
    async with halt.lock:
        course = Course()
        if not desk.instruments:
            told = await course.tried("markets", desk.exchange.instruments())
            desk.instruments = told or {}
        books = await present_books(desk)
        books = None if books is None else at_venue(books)
        await _cancel_entries(desk, course)
        await asyncio.gather(
            _close_positions(desk, halt, books, course),
            _sell_holdings(desk, books or desk.books, course),
        )
        await _look_again(desk, books, course)
        return course


async def _cancel_entries(desk: Desk, course: Course) -> None:
    found = await course.tried("open orders", _entries(desk)) or []
    done = [course.tried(f"cancel on {one.symbol}", _cancel(desk, one)) for one in found]
    course.cancelled += len([one for one in await asyncio.gather(*done) if one])


async def _entries(desk: Desk) -> list[ListedOrder]:
    """Return our orders that could still open something; a person's own are left alone."""
    return [
        one
        for one in await desk.exchange.open_orders()
        if is_client_id(one.report.client_id) and not one.reduce_only
    ]


async def _cancel(desk: Desk, told: ListedOrder) -> bool:
    await desk.exchange.cancel(_as_order(desk, told))
    return True


def _as_order(desk: Desk, told: ListedOrder) -> Order:
    return Order(
        order_id="",
        client_id=str(told.report.client_id),
        trade_id="",
        symbol=told.symbol,
        side=told.side,
        order_type=OrderType.LIMIT,
        purpose=Purpose.ENTRY,
        quantity=told.quantity,
        time_in_force=TimeInForce.GTC,
        created_at=told.created_at,
        expires_at=desk.wall_clock.now(),
        status=OrderStatus.OPEN,
        venue_id=told.report.venue_id,
    )


async def _close_positions(desk: Desk, halt: Halt, books: Books | None, course: Course) -> None:
    found = await course.tried("positions", _positions(desk, books)) or []
    if not found:
        return
    trades = {one.symbol: one.trade_id for one in books.positions} if books else {}
    closes = [
        course.tried(f"close of {one.symbol}", _close(desk, halt, one, trades.get(one.symbol)))
        for one in found
    ]
    # one list of all that waits: asked for by symbol, it would cost as many requests as the closes
    listed, done = await asyncio.gather(
        course.tried("triggers", desk.exchange.resting_triggers()), asyncio.gather(*closes)
    )
    course.closed += done.count(OrderStatus.FILLED)
    sent = {
        held.symbol: held.side.opposite for held, status in zip(found, done, strict=True) if status
    }
    await _cancel_exits(
        desk, [one for one in listed or () if sent.get(one.symbol) is one.side], course
    )


async def _positions(desk: Desk, books: Books | None) -> list[VenuePosition]:
    """Return our perpetual positions; every one when the store cannot tell which are ours."""
    account = await desk.exchange.account()
    if books is None:
        return list(account.positions)
    symbols = {one.symbol for one in books.positions} | {one.symbol for one in books.orders}
    return [one for one in account.positions if one.symbol in symbols]


async def _close(desk: Desk, halt: Halt, held: VenuePosition, trade_id: str | None) -> OrderStatus:
    """Close a perpetual; equal states of a position make equal ids, until one close is over."""
    state = (trade_id or halt.at.date(), held.symbol, held.side, held.quantity, held.entry_price)
    client_id = stop_client_id(*state, halt.attempts[held.symbol])
    order = build_close(desk, held.symbol, held.side.opposite, held.quantity, client_id)
    try:
        report = await send_close(desk, order)
    finally:
        desk.adopted.discard(held.symbol)
    desk.account_changed()
    if report.status.is_final:
        halt.attempts[held.symbol] += 1
    return report.status


async def _cancel_exits(desk: Desk, exits: Sequence[VenueTrigger], course: Course) -> None:
    cancels = [
        course.tried(
            f"cancel of an exit on {told.symbol}",
            desk.exchange.cancel_trigger(told.symbol, told.venue_id),
        )
        for told in exits
    ]
    await asyncio.gather(*cancels)


async def _sell_holdings(desk: Desk, books: Books | None, course: Course) -> None:
    if books is None:
        course.problems.append("spot holdings: the store cannot be read and never was")
        return
    alive: list[Position | Order] = [*books.positions, *books.orders]
    trades = {
        one.trade_id: one.symbol
        for one in alive
        if ":" not in one.symbol  # else a perpetual
    }
    for trade_id, symbol in trades.items():
        sold = await course.tried(f"sale of {symbol}", sell_holding(desk, books, trade_id, symbol))
        desk.adopted.discard(symbol)
        course.open_positions += sold is None
        course.closed += bool(sold)


async def _look_again(desk: Desk, books: Books | None, course: Course) -> None:
    """Count what is left at the venue; what cannot be asked about counts as held."""
    positions = await course.tried("positions afterwards", _positions(desk, books))
    orders = await course.tried("orders afterwards", _entries(desk))
    course.open_positions += 1 if positions is None else len(positions)
    course.open_orders += 1 if orders is None else len(orders)
