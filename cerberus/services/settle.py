"""Settle one symbol with the venue: repair what its records explain, and judge what is left."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from cerberus.domain.exits import Exit, VenueTrigger
from cerberus.domain.fills import Fill
from cerberus.domain.holds import Holds, Key, Kind
from cerberus.domain.market import ZERO
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose, VenueOrder
from cerberus.domain.positions import Position
from cerberus.domain.reconciliation import Finding, Item, Ours, Problem, compare, judge
from cerberus.domain.signals import TimeInForce
from cerberus.errors import Transient
from cerberus.ids import new_client_id, new_id
from cerberus.services.book import book_report
from cerberus.services.both_sides import read_ours, read_theirs, unknown_fills
from cerberus.services.desk import Desk
from cerberus.services.follow import follow_symbol
from cerberus.services.send import resolve

log = logging.getLogger(__name__)

#: repairs of one symbol in one run; each may bring the next to light
_ROUNDS = 3
#: what was filled just now may be ours still to be booked: a venue's lists do not move at once
SETTLING = timedelta(seconds=2)
#: how long after it was sent a trigger may have arrived that nobody answered
LATEST = timedelta(seconds=60)
#: among so many of the newest exits the one that it was sent for is looked for
_RECENT_EXITS = 200


@dataclass(slots=True)
class Repair:
    """What one round has done, and what it has learned about the rest."""

    is_done: bool = False
    explained: set[Key] = field(default_factory=set)
    foreign: list[Finding] = field(default_factory=list)


async def settle(desk: Desk, symbol: str, holds: Holds) -> list[Item]:
    """Follow and repair a symbol until both sides agree, or nothing more can be done.

    The caller holds the lock of the symbol: nothing of ours is sent on it meanwhile.

    Raises
    ------
    Transient
        Something moves still; it is looked at again by the next run.
    """
    is_repaired = False
    desk.adopted.discard(symbol)  # a close past the books is looked for again
    for _ in range(_ROUNDS):
        before = await read_ours(desk, symbol)
        await follow_symbol(desk, symbol)
        ours = await read_ours(desk, symbol)
        is_repaired |= ours != before
        if ours.is_in_flight(symbol):
            raise Transient("an order or an exit is in flight")
        findings = compare(ours, await read_theirs(desk, symbol), desk.instruments)
        mine = [one for one in findings if one.symbol == symbol]
        repair = await _repair(desk, symbol, ours, mine)
        if not repair.is_done:
            told = [*mine, *repair.foreign]
            return [
                judge(
                    one,
                    holds,
                    was_repaired=is_repaired,
                    is_explained=one.key in repair.explained,
                )
                for one in told
            ]
        is_repaired = True
    raise Transient("it does not come to rest")


async def _repair(desk: Desk, symbol: str, ours: Ours, findings: Sequence[Finding]) -> Repair:
    for one in findings:
        is_stray = one.problem is Problem.UNKNOWN and (
            (one.kind is Kind.ORDER and await _cancel_stray_order(desk, one))
            or (one.kind is Kind.TRIGGER and await _cancel_stray_trigger(desk, one))
        )
        if is_stray:
            return Repair(is_done=True)
    wrong = [one for one in findings if one.kind is Kind.POSITION and one.problem is not _AGREES]
    if not (wrong or ours.positions):
        return Repair()
    fills = await unknown_fills(desk, symbol, ours, anew=bool(wrong))
    if await _book_ours(desk, fills):
        return Repair(is_done=True)
    is_fresh = any(fill.at > desk.market_clock.now() - SETTLING for fill in fills)
    if is_fresh and ours.symbols:  # where nothing of ours is alive it cannot be ours
        raise Transient("something was filled a moment ago")
    if not wrong:
        # a spot wallet may be traded from by its owner; a perpetual's position is one for all
        is_swap = desk.instrument(symbol).is_swap
        return Repair(foreign=[_as_finding(fill) for fill in fills] if is_swap else [])
    if ours.positions and await _book_closes(desk, ours.positions[0], wrong[0], fills):
        return Repair(is_done=True)
    beyond = wrong[0].there - wrong[0].ours
    is_explained = beyond * wrong[0].ours > ZERO and _net(fills) == beyond
    return Repair(explained={wrong[0].key} if is_explained else set())


_AGREES = Problem.NONE


async def _cancel_stray_order(desk: Desk, finding: Finding) -> bool:
    """Cancel an order of ours that the books had given up; what it has filled is booked."""
    order = await desk.store.read(lambda tx: tx.orders.get(finding.venue_id))
    if order is None:
        listed = await desk.exchange.open_orders(finding.symbol)
        names = {one.report.venue_id: one.report.client_id for one in listed}
        client_id = names.get(finding.venue_id)
        if client_id is None:
            return False
        order = await desk.store.read(lambda tx: tx.orders.get(client_id))
    if order is None:
        return False
    log.warning("stray_order symbol=%s client_id=%s", order.symbol, order.client_id)
    await desk.exchange.cancel(order)
    await resolve(desk, order)
    return True


async def _cancel_stray_trigger(desk: Desk, finding: Finding) -> bool:
    """Cancel an exit of ours that the books have over, and that waits at the venue still."""
    known = await desk.store.read(lambda tx: tx.exits.at_venue(finding.symbol, finding.venue_id))
    if known is None:
        known = await _late_twin(desk, finding)
    if known is None or not known.status.is_final:
        return False
    log.warning("stray_trigger symbol=%s venue_id=%s", finding.symbol, finding.venue_id)
    await desk.exchange.cancel_trigger(finding.symbol, finding.venue_id)
    return True


async def _late_twin(desk: Desk, finding: Finding) -> Exit | None:
    """Return the exit that a trigger was placed for, whose answer never came, and that is over."""
    waiting = await desk.exchange.triggers(finding.symbol, is_open=True)
    told = next((one for one in waiting if one.venue_id == finding.venue_id), None)
    if told is None:
        return None
    exits, _ = await desk.store.read(lambda tx: tx.exits.newest(_RECENT_EXITS, 0))
    return next((one for one in exits if _is_for(told, one)), None)


def _is_for(told: VenueTrigger, one: Exit) -> bool:
    return (
        told.fits(one) and one.sent_at is not None and abs(told.created_at - one.sent_at) <= LATEST
    )


async def _book_ours(desk: Desk, fills: Sequence[Fill]) -> bool:
    """Book the fills that were missed of orders that are ours."""
    found = False
    for venue_id in {fill.order_venue_id for fill in fills}:
        order = await desk.store.read(lambda tx, name=venue_id: tx.orders.get(name))  # type: ignore[misc]  # mypy knows no default there
        if order is not None:
            log.warning("missed_fill symbol=%s client_id=%s", order.symbol, order.client_id)
            await resolve(desk, order)
            found = True
    return found


async def _book_closes(desk: Desk, held: Position, finding: Finding, fills: Sequence[Fill]) -> bool:
    """Book what somebody else has closed of our position, where the venue's fills tell all of it.

    The venue is right about the quantity, and no fill is invented.
    """
    lost = finding.ours - finding.there
    closing = [fill for fill in fills if fill.side is held.side.opposite]
    closed = sum((fill.quantity for fill in closing), ZERO)
    if lost * finding.ours <= ZERO or finding.there * finding.ours < ZERO:
        return False
    if desk.instrument(held.symbol).is_swap:
        is_told = closed == abs(lost) and len(closing) == len(fills)
    else:
        is_told = abs(lost) <= closed <= held.quantity  # some of it may have been somebody's own
    if not is_told:
        return False
    by_order: dict[str, Decimal] = {}
    for fill in closing:
        by_order[fill.order_venue_id] = by_order.get(fill.order_venue_id, ZERO) + fill.quantity
    for venue_id, quantity in by_order.items():
        await _book_close(desk, held, venue_id, quantity)
    return True


async def _book_close(desk: Desk, held: Position, venue_id: str, quantity: Decimal) -> None:
    now = desk.wall_clock.now()
    order = Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id=held.trade_id,
        symbol=held.symbol,
        side=held.side.opposite,
        order_type=OrderType.MARKET,
        purpose=Purpose.CLOSE,
        quantity=quantity,
        time_in_force=TimeInForce.IOC,
        created_at=now,
        expires_at=now,
        status=OrderStatus.OPEN,
        venue_id=venue_id,
        reason="closed at the venue, not by us",
    )
    await desk.write(lambda transaction: transaction.orders.add(order, None))
    log.warning("foreign_close_booked symbol=%s venue_id=%s", held.symbol, venue_id)
    await book_report(desk, order, VenueOrder(venue_id, OrderStatus.FILLED, quantity))


def _as_finding(fill: Fill) -> Finding:
    signed = fill.quantity * fill.side.sign
    return Finding(Kind.FILL, fill.symbol, fill.fill_id, Problem.UNKNOWN, ZERO, signed)


def _net(fills: Sequence[Fill]) -> Decimal:
    return sum((fill.quantity * fill.side.sign for fill in fills), ZERO)
