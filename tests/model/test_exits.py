"""Exits whose placement got no answer."""

from decimal import Decimal

import pytest

from cerberus.domain.exits import VenueTrigger
from cerberus.domain.positions import Position
from cerberus.domain.reconciliation import Outcome
from cerberus.domain.signals import Side, Signal, Size
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.protect import protect
from cerberus.services.reconcile import reconcile
from cerberus.services.snapshot import read_holds
from tests.model.moods import Mood
from tests.model.venue import ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal


async def hold(desk: Desk, venue: ModelVenue, mood: Mood) -> Position:
    """Return a position whose stop was sent, and something befell the call."""
    told = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    taken = await take_in(desk, told)
    outcome = await execute(desk, taken.record.signal_id, Wish())
    assert outcome.trade is not None
    venue.moods["place_trigger"].append(mood)
    assert not await protect(desk, outcome.trade.trade_id)
    [held] = await desk.store.read(lambda tx: tx.positions.open())
    return held


@pytest.mark.parametrize("mood", [Mood.ANSWER_LOST, Mood.LOST])
async def test_an_exit_in_doubt_does_not_outlive_its_position(
    desk: Desk, venue: ModelVenue, mood: Mood
) -> None:
    held = await hold(desk, venue, mood)

    await close_position(desk, held, "test")
    venue.clock.tick(5)  # past the time for which it is looked for
    assert await follow_all(desk)
    assert await follow_all(desk)

    assert venue.open_triggers == {}
    assert await desk.store.read(lambda tx: tx.exits.live()) == []


async def test_an_exit_that_arrives_after_the_close_is_found_to_be_ours_and_cancelled(
    desk: Desk, venue: ModelVenue
) -> None:
    held = await hold(desk, venue, Mood.LATE)
    venue.clock.tick(5)
    assert await follow_all(desk)  # it was never received, and is placed again
    await close_position(desk, held, "test")
    assert await follow_all(desk)
    assert venue.open_triggers == {}
    venue.arrive()
    assert len(venue.open_triggers) == 1

    report = await reconcile(desk)

    assert venue.open_triggers == {}
    assert [one for one in report.items if one.outcome is Outcome.FOREIGN] == []
    assert (await desk.store.read(read_holds)).entry_block == ""


@pytest.mark.parametrize(("price", "seconds"), [("9700", 0), ("9800", 120)])
async def test_a_trigger_that_none_of_our_exits_was_sent_as_is_left_to_its_owner(
    desk: Desk, venue: ModelVenue, price: str, seconds: int
) -> None:
    held = await hold(desk, venue, Mood.LATE)
    venue.late.clear()
    venue.clock.tick(5)
    assert await follow_all(desk)
    await close_position(desk, held, "test")
    assert await follow_all(desk)
    venue.clock.tick(seconds)
    now, size = venue.clock.now(), held.quantity
    theirs = VenueTrigger("x", SWAP.symbol, Side.SELL, size, D(price), True, now)
    venue.open_triggers["x"] = theirs

    report = await reconcile(desk)

    assert venue.open_triggers == {"x": theirs}
    assert [one.finding.venue_id for one in report.items if one.outcome is Outcome.FOREIGN] == ["x"]
