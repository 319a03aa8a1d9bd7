"""Schedules are right across both changes of the clock, by the engine's own evaluation."""

from datetime import datetime

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.clock_changes import ALL, Schedule, engine_dates


@pytest.fixture(scope="module")
def dates(engine: EngineProcess) -> dict[Schedule, list[datetime]]:
    return engine_dates(engine)


@pytest.mark.parametrize("schedule", ALL, ids=lambda schedule: schedule.flow)
def test_no_date_is_missed_doubled_or_made_up(
    dates: dict[Schedule, list[datetime]], schedule: Schedule
) -> None:
    assert dates[schedule] == schedule.right_dates()


@pytest.mark.parametrize(
    ("flow", "shown"),
    [
        # the night has no half past two: it is left out, not moved
        ("warsaw-forward-half-past-two", "29 31"),
        ("new-york-forward-half-past-two", "08 10"),
        # the night has it twice
        ("warsaw-back-half-past-two", "25 26 27"),
        ("new-york-back-half-past-one", "01 02 03"),
    ],
)
def test_the_nights_of_the_changes_are_what_people_expect(
    dates: dict[Schedule, list[datetime]], flow: str, shown: str
) -> None:
    found = next(dates[each] for each in ALL if each.flow == flow)
    assert " ".join(f"{each:%d}" for each in found) == shown
