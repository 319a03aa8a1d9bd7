"""Exits whose placement got no answer."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cerberus.domain.signals import Side, Signal, Size
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.protect import protect
from tests.model.desk import new_desk, new_store
from tests.model.venue import Clock, ModelVenue, Mood
from tests.unit.domain.examples import SWAP

D = Decimal


@pytest.fixture
def venue() -> ModelVenue:
    return ModelVenue(Clock())


@pytest.fixture
def desk(venue: ModelVenue, tmp_path: Path) -> Iterator[Desk]:
    store = new_store(tmp_path)
    yield new_desk(venue, store, venue.clock)
    store.close()


@pytest.mark.parametrize("mood", [Mood.ANSWER_LOST, Mood.LOST])
async def test_an_exit_in_doubt_does_not_outlive_its_position(
    desk: Desk, venue: ModelVenue, mood: Mood
) -> None:
    """The stop's placement got no answer, and the position is closed before it is known."""
    told = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    taken = await take_in(desk, told)
    outcome = await execute(desk, taken.record.signal_id, Wish())
    assert outcome.trade is not None
    venue.moods["place_trigger"].append(mood)
    assert not await protect(desk, outcome.trade.trade_id)
    [held] = await desk.store.read(lambda tx: tx.positions.open())

    await close_position(desk, held, "test")
    venue.clock.tick(5)  # past the time for which it is looked for
    assert await follow_all(desk)
    assert await follow_all(desk)

    assert venue.open_triggers == {}
    assert await desk.store.read(lambda tx: tx.exits.live()) == []
