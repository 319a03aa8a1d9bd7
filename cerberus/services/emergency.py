"""The emergency stop: one verb that may be repeated."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from cerberus.domain.orders import Order, Purpose
from cerberus.domain.positions import Position
from cerberus.errors import CerberusError, StoreFailed, Transient
from cerberus.ports import Transaction
from cerberus.resilience.urgency import urgent_work
from cerberus.services.alerts.halts import note_stop
from cerberus.services.cancel import cancel_order
from cerberus.services.close import close_position
from cerberus.services.desk import Desk, Halt
from cerberus.services.known import promptly
from cerberus.services.snapshot import EMERGENCY_STOP
from cerberus.services.together import together
from cerberus.services.venue_stop import Course, stop_at_venue

log = logging.getLogger(__name__)

#: how long a stop waits for an order that is on its way on the same symbol
LOCK_PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StopReport:
    """What the stop found, what it did, and what is left."""

    reason: str
    cancelled_orders: int
    closed_positions: int
    open_positions: int
    open_orders: int
    problems: tuple[str, ...]
    is_recorded: bool = True

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held any more, and no entry can fill."""
        return self.open_positions == 0 and self.open_orders == 0


@urgent_work
async def emergency_stop(desk: Desk, reason: str, actor: str) -> StopReport:
    """Block entries, cancel entry orders, close every position; stay locked until released.

    Cancels and closes go out even when the store cannot commit: they are recorded when it can.
    """
    halt = Halt(reason, actor, desk.wall_clock.now())
    if desk.halt is None:
        desk.halt = halt  # from here on no entry is let through, whatever becomes of the store
    try:
        await _record(desk, halt)
        return await _stop(desk, reason)
    except StoreFailed as error:
        log.critical("stop_past_the_store reason=%s problem=%s", reason, error)
        desk.halt = desk.halt or halt
        course = await _past_the_store(desk, desk.halt)
        problems = (f"not recorded yet: {error}", *course.problems)
        return StopReport(
            reason,
            course.cancelled,
            course.closed,
            course.open_positions,
            course.open_orders,
            problems,
            is_recorded=False,
        )


async def latch_stop(desk: Desk, reason: str, actor: str) -> bool:
    """Let no process on this store enter any more; False when the store could not take it.

    Nothing is cancelled or closed yet.
    """
    halt = desk.halt or Halt(reason, actor, desk.wall_clock.now())
    desk.halt = halt
    try:
        await _record(desk, halt)
    except StoreFailed:
        await _latch(desk, halt)
        return False
    return True


@urgent_work
async def finish_stop(desk: Desk) -> None:
    """Go on with a stop that is in force until nothing is held: what failed is tried again.

    Raises
    ------
    Transient
        Something is still held, or the stop is not recorded yet.
    """
    if desk.halt is not None:
        await _record_at_last(desk, desk.halt)

    def read(transaction: Transaction) -> tuple[str, list[Order], list[Position]]:
        reason = transaction.facts.get(EMERGENCY_STOP).get("reason", "")
        return reason, entries_alive(transaction), transaction.positions.open()

    reason, entries, positions = await desk.store.read(read)
    if not reason:
        return
    problems: list[str] = []
    try:
        for order in entries:
            await _cancel(desk, order, problems)
        for position in positions:
            await _close(desk, position, reason, problems)
    except StoreFailed:
        # it is recorded, and yet the books cannot follow: go on without them
        desk.halt = Halt(reason, "the stop in force", desk.wall_clock.now())
        raise
    if problems:
        raise Transient("; ".join(problems))


async def _record(desk: Desk, halt: Halt) -> None:
    """Store that a stop is in force; the first reason stays."""

    def block(transaction: Transaction) -> None:
        if not transaction.facts.get(EMERGENCY_STOP):
            fact = {"reason": halt.reason, "actor": halt.actor, "at": halt.at.isoformat()}
            transaction.facts.put(EMERGENCY_STOP, fact, halt.at)
            note_stop(transaction, halt.reason, halt.actor, halt.at)
        transaction.facts.note(halt.at, halt.actor, "emergency_stop", "", halt.reason)

    await promptly(desk.store.write(block))
    desk.halt = None
    if halt.is_latched and desk.latch is not None:
        await asyncio.to_thread(desk.latch.put, {})


async def _record_at_last(desk: Desk, halt: Halt) -> None:
    try:
        await _record(desk, halt)
    except StoreFailed as error:
        course = await _past_the_store(desk, halt)
        left = "; ".join((f"the emergency stop is not recorded yet: {error}", *course.problems))
        raise Transient(left) from error
    log.warning("stop_recorded reason=%s at=%s", halt.reason, halt.at.isoformat())


async def _past_the_store(desk: Desk, halt: Halt) -> Course:
    course, problem = await asyncio.gather(stop_at_venue(desk, halt), _latch(desk, halt))
    course.problems += problem
    return course


async def _latch(desk: Desk, halt: Halt) -> list[str]:
    """Let the stop outlive this process, which the store cannot promise now."""
    if desk.latch is None or halt.is_latched:
        return []
    told = {"reason": halt.reason, "actor": halt.actor, "at": halt.at.isoformat()}
    try:
        await promptly(asyncio.to_thread(desk.latch.put, told))
    except StoreFailed as error:
        return [f"the stop would be forgotten at a restart: {error}"]
    halt.is_latched = True
    return []


def recall_stop(desk: Desk) -> None:
    """Take up the stop that an earlier process could not record."""
    told = desk.latch.get() if desk.latch is not None else {}
    if told:
        at = datetime.fromisoformat(told["at"])
        desk.halt = Halt(told["reason"], told["actor"], at, is_latched=True)


async def _stop(desk: Desk, reason: str) -> StopReport:
    entries = await desk.store.read(entries_alive)
    problems: list[str] = []
    cancelled = await together(_cancel(desk, one, problems) for one in entries)
    # an entry may have filled while it was being cancelled
    positions = await desk.store.read(lambda transaction: transaction.positions.open())
    closed = await together(_close(desk, one, reason, problems) for one in positions)
    left, alive = await desk.store.read(
        lambda transaction: (len(transaction.positions.open()), len(entries_alive(transaction)))
    )
    return StopReport(reason, sum(cancelled), sum(closed), left, alive, tuple(problems))


def entries_alive(transaction: Transaction) -> list[Order]:
    """Return the entry orders that can still fill."""
    return [one for one in transaction.orders.live() if one.purpose is Purpose.ENTRY]


async def _cancel(desk: Desk, order: Order, problems: list[str]) -> bool:
    try:
        async with _patiently(desk.locks[order.symbol]):
            booked = await cancel_order(desk, order)
    except StoreFailed:
        raise  # the stop goes on past the store
    except CerberusError as error:
        problems.append(f"cancel of {order.client_id} on {order.symbol}: {error}")
        return False
    return booked is not None and booked.order.status.is_final


async def _close(desk: Desk, position: Position, reason: str, problems: list[str]) -> bool:
    try:
        async with _patiently(desk.locks[position.symbol]):
            trade = await close_position(desk, position, f"emergency stop: {reason}")
    except StoreFailed:
        raise
    except CerberusError as error:
        problems.append(f"close of {position.symbol}: {error}")
        return False
    return trade.status.is_final


@asynccontextmanager
async def _patiently(lock: asyncio.Lock) -> AsyncIterator[None]:
    """Hold a lock, or go on without it when its owner hangs: a stop must not wait for ever."""
    try:
        await asyncio.wait_for(lock.acquire(), LOCK_PATIENCE_SECONDS)
        held = True
    except TimeoutError:
        held = False
    try:
        yield
    finally:
        if held:
            lock.release()
