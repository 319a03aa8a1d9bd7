"""An emergency stop beside everything else that closes."""

import asyncio
from decimal import Decimal

from cerberus.domain.exits import ExitStatus
from cerberus.domain.orders import Purpose
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.emergency import emergency_stop, finish_stop
from cerberus.services.follow import follow_all
from tests.model.test_exits import hold
from tests.model.venue import Held, ModelVenue, Mood

D = Decimal


async def test_the_loop_that_finishes_a_stop_sends_no_second_close(
    desk: Desk, venue: ModelVenue
) -> None:
    await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)

    report, _ = await asyncio.gather(emergency_stop(desk, "test", "test"), _finish(desk))

    assert (report.is_flat, report.problems) == (True, ())
    assert len(_closes(venue)) == 1
    assert (venue.position, venue.open_triggers) == (0, {})


async def test_whoever_has_waited_for_another_close_sends_none(
    desk: Desk, venue: ModelVenue
) -> None:
    held = await hold(desk, venue, Mood.BUSY)
    await close_position(desk, held, "first")
    trade = await close_position(desk, held, "second")
    assert trade.close_reason == "first"
    assert len(_closes(venue)) == 1


async def test_an_exit_that_fires_while_its_position_is_closed_is_booked_once(
    desk: Desk, venue: ModelVenue
) -> None:
    held = await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    venue.moods["cancel_trigger"].append(Mood.RACE)

    await close_position(desk, held, "test")
    assert await follow_all(desk)

    assert venue.position == 0
    [position] = (await desk.store.read(lambda tx: tx.positions.newest(10, 0)))[0]
    assert not position.is_open
    exits = await desk.store.read(lambda tx: tx.exits.of_trade(held.trade_id))
    assert all(one.status in (ExitStatus.DONE, ExitStatus.CANCELLED) for one in exits)


async def _finish(desk: Desk) -> None:
    await asyncio.sleep(0)
    await finish_stop(desk)


def _closes(venue: ModelVenue) -> list[Held]:
    return [one for one in venue.orders.values() if one.order.purpose is Purpose.CLOSE]
