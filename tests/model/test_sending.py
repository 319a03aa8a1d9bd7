"""What becomes of a close whose sending, answer or booking goes wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cerberus.adapters.store import SqlStore
from cerberus.domain.orders import OrderStatus
from cerberus.domain.positions import Position
from cerberus.domain.trades import TradeStatus
from cerberus.errors import Conflict, StoreFailed, Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.book import book_report
from cerberus.services.close import close_position
from cerberus.services.desk import Desk, Halt
from cerberus.services.follow import follow_all
from cerberus.services.reconcile import reconcile
from tests.model.test_exits import hold
from tests.model.venue import ModelVenue, Mood
from tests.unit.domain.examples import order

D = Decimal


class Spoiled:
    """A store of which one write fails."""

    def __init__(self, store: SqlStore, write: int) -> None:
        self._store, self._left = store, write

    async def write(self, work: Callable[[Transaction], object]) -> object:
        self._left -= 1
        if self._left == 0:
            raise StoreFailed("the store failed: full")
        return await self._store.write(work)

    async def read(self, work: Callable[[Transaction], object]) -> object:
        return await self._store.read(work)


@pytest.fixture
async def held(desk: Desk, venue: ModelVenue) -> Position:
    found = await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    assert len(venue.open_triggers) == 2
    return found


async def test_what_was_not_sent_in_time_is_not_sent(
    desk: Desk, venue: ModelVenue, held: Position
) -> None:
    desk.rules = replace(desk.rules, placement_lifetime=timedelta(0))
    with pytest.raises(Transient, match="not sent before it expired"):
        await close_position(desk, held, "test")
    assert venue.position == held.quantity
    assert len(venue.open_triggers) == 2


async def test_a_close_that_the_venue_refuses_leaves_the_position_with_its_exits(
    desk: Desk, venue: ModelVenue, held: Position
) -> None:
    venue.moods["place"].append(Mood.REFUSED)
    with pytest.raises(Conflict, match="refused to close"):
        await close_position(desk, held, "test")
    assert len(venue.open_triggers) == 2
    await _is_closed(desk, venue, held)


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.SHORT])
async def test_a_close_whose_fills_are_not_told_yet_is_asked_about_again(
    desk: Desk, venue: ModelVenue, held: Position, mood: Mood
) -> None:
    venue.moods["fills"].append(mood)
    trade = await close_position(desk, held, "test")
    assert trade.status is TradeStatus.OPEN
    [live] = await desk.store.read(lambda tx: tx.orders.live())
    assert live.status is OrderStatus.OPEN
    # the venue has filled it, so that nothing needs its exits
    assert venue.open_triggers == {}
    assert await follow_all(desk)
    await _is_settled(desk, venue, held)


async def test_a_close_that_is_filled_in_part_keeps_its_exits_until_the_rest_is_closed(
    desk: Desk, venue: ModelVenue, held: Position
) -> None:
    venue.depth = D("0.5")
    trade = await close_position(desk, held, "test")
    assert trade.status is TradeStatus.OPEN
    assert len(venue.open_triggers) == 2
    venue.depth = D(1)
    await _is_closed(desk, venue, held)


@pytest.mark.parametrize("write", [2, 3])  # the booking and the end of the exits, or reversed
async def test_an_outcome_that_could_not_be_recorded_is_found_out_later(
    desk: Desk, venue: ModelVenue, held: Position, write: int
) -> None:
    store = desk.store
    desk.store = Spoiled(store, write)  # type: ignore[assignment, arg-type]  # of one test
    with pytest.raises(Unknown, match="could not be recorded"):
        await close_position(desk, held, "test")
    desk.store = store
    for _ in range(2):
        assert await follow_all(desk)
    await _is_settled(desk, venue, held)


async def test_a_cancel_without_an_answer_is_tried_again(
    desk: Desk, venue: ModelVenue, held: Position
) -> None:
    venue.moods["cancel_trigger"].append(Mood.LOST)
    await close_position(desk, held, "test")
    for _ in range(2):
        assert await follow_all(desk)
    await _is_settled(desk, venue, held)


async def test_nothing_is_reconciled_while_a_stop_goes_past_the_books(desk: Desk) -> None:
    desk.halt = Halt("test", "test", desk.today())
    with pytest.raises(Transient, match="under way past the store"):
        await reconcile(desk)


async def test_an_order_of_no_trade_cannot_be_booked(desk: Desk, venue: ModelVenue) -> None:
    stray = order(status=OrderStatus.OPEN, venue_id="1")
    told = await venue.place(stray)
    with pytest.raises((LookupError, Conflict)):
        await book_report(desk, stray, replace(told, filled_quantity=D(0)))


async def _is_closed(desk: Desk, venue: ModelVenue, held: Position) -> None:
    present = await desk.store.read(lambda tx: tx.positions.of_trade(held.trade_id))
    assert present is not None
    await close_position(desk, present, "again")
    await _is_settled(desk, venue, held)


async def _is_settled(desk: Desk, venue: ModelVenue, held: Position) -> None:
    present = await desk.store.read(lambda tx: tx.positions.of_trade(held.trade_id))
    assert present is not None
    assert not present.is_open
    assert (venue.position, venue.open_triggers, venue.violations) == (0, {}, [])
    assert await desk.store.read(lambda tx: tx.exits.live()) == []
    assert await desk.store.read(lambda tx: tx.orders.live()) == []
