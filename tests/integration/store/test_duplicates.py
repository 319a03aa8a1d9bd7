"""Signals that are told again, to one process or to two, on both databases."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from cerberus.domain.risk import RiskLimits
from cerberus.domain.signals import Signal
from cerberus.ports import Exchange
from cerberus.services.desk import Desk, TradingRules
from cerberus.services.intake import take_in, told_before
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import NOW, SIGNAL, Blocking

#: neither an id nor a bar: equal within the window only
ANONYMOUS = replace(SIGNAL, signal_id=None, bar=None)


@dataclass
class SetClock:
    """A clock that stands where a test sets it."""

    time: datetime

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


def desk(store: Blocking, clock: SetClock) -> Desk:
    # taking a signal in asks nothing of the venue
    venue = cast("Exchange", None)
    return Desk(venue, store.store, clock, clock, RiskLimits(), TradingRules())


def tell(to: Desk, signal: Signal) -> tuple[str, bool]:
    """Tell a signal as the API does; return the id under which it is known and whether it was."""

    async def both() -> tuple[str, bool]:
        intake = await told_before(to, signal) or await take_in(to, signal)
        return intake.record.signal_id, intake.is_duplicate

    return asyncio.run(both())


def test_a_repeat_is_found_in_memory_and_after_a_restart_in_the_store(
    open_store: OpenStore, clock: SetClock
) -> None:
    first = desk(open_store(), clock)
    known, _ = tell(first, SIGNAL)
    assert [tell(first, SIGNAL) for _ in range(3)] == [(known, True)] * 3
    assert (first.duplicates.tally.new, first.duplicates.tally.from_cache) == (1, 3)

    restarted = desk(open_store(), clock)
    assert [tell(restarted, SIGNAL) for _ in range(3)] == [(known, True)] * 3
    tally = restarted.duplicates.tally
    assert (tally.new, tally.from_store, tally.from_cache) == (0, 1, 2)


def test_equal_content_is_a_duplicate_for_five_minutes_from_the_first(
    store: Blocking, clock: SetClock
) -> None:
    at = desk(store, clock)
    known, _ = tell(at, ANONYMOUS)
    clock.time = NOW + timedelta(seconds=200)
    assert tell(at, ANONYMOUS) == (known, True)
    clock.time = NOW + timedelta(seconds=301)
    other, is_duplicate = tell(at, ANONYMOUS)
    assert (other != known, is_duplicate) == (True, False)
    assert tell(at, ANONYMOUS) == (other, True)


def test_of_two_processes_that_are_told_at_once_only_one_takes_it_in(
    open_store: OpenStore, clock: SetClock
) -> None:
    desks = [desk(open_store(), clock), desk(open_store(), clock)]

    async def race() -> list[tuple[str, bool]]:
        intakes = await asyncio.gather(*(take_in(desks[n % 2], SIGNAL) for n in range(20)))
        return [(intake.record.signal_id, intake.is_duplicate) for intake in intakes]

    found = asyncio.run(race())
    assert len({signal_id for signal_id, _ in found}) == 1
    assert sorted(is_duplicate for _, is_duplicate in found) == [False] + [True] * 19
    assert sum(one.duplicates.tally.new for one in desks) == 1
