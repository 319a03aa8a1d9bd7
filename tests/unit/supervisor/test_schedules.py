"""The watchdog of schedules, with an engine that is a list."""

from datetime import UTC, datetime, timedelta

import pytest

from cerberus.supervisor.schedules import ScheduleWatchdog, Trigger

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = Trigger("t", "flow", "tick", False, False, NOW, NOW, None)


class FakeEngine:
    def __init__(self, *triggers: Trigger) -> None:
        self.all = list(triggers)
        self.ended = {"over"}
        self.unlocked: list[str] = []
        self.is_away = False

    def triggers(self) -> list[Trigger]:
        if self.is_away:
            raise ConnectionRefusedError
        return self.all

    def has_ended(self, execution: str) -> bool:
        return execution in self.ended

    def unlock(self, trigger: Trigger) -> None:
        self.unlocked.append(trigger.name)


def kinds(watchdog: ScheduleWatchdog, *seconds: float) -> list[str]:
    return [
        finding.kind
        for second in seconds
        for finding in watchdog.look(NOW + timedelta(seconds=second))
    ]


@pytest.mark.parametrize(
    "trigger",
    [
        GOOD._replace(locked=True, execution="over"),
        GOOD._replace(locked=True, updated_at=NOW - timedelta(hours=1)),
        GOOD._replace(next_at=NOW - timedelta(seconds=90)),
    ],
)
def test_frees_a_schedule_that_is_stuck_at_the_second_look(trigger: Trigger) -> None:
    engine = FakeEngine(trigger)
    watchdog = ScheduleWatchdog(engine)
    assert kinds(watchdog, 0) == []
    assert engine.unlocked == []
    assert kinds(watchdog, 31) == ["schedule_unlocked"]
    assert engine.unlocked == ["t.flow.tick"]


@pytest.mark.parametrize(
    "trigger",
    [
        GOOD,
        GOOD._replace(next_at=NOW + timedelta(hours=1)),
        GOOD._replace(locked=True, execution="running", next_at=NOW - timedelta(hours=1)),
        GOOD._replace(locked=True, updated_at=NOW - timedelta(minutes=5)),
        GOOD._replace(disabled=True, next_at=NOW - timedelta(days=1)),
        GOOD._replace(next_at=None),
    ],
)
def test_leaves_a_schedule_alone_that_is_well_or_busy_or_off(trigger: Trigger) -> None:
    engine = FakeEngine(trigger)
    assert kinds(ScheduleWatchdog(engine), 0, 31, 58) == []
    assert engine.unlocked == []


def test_one_that_is_stuck_again_and_again_is_told_once_in_ten_minutes() -> None:
    engine = FakeEngine(GOOD._replace(locked=True, execution="over"))
    found = kinds(ScheduleWatchdog(engine), *range(0, 1300, 31))
    assert found == ["schedule_unlocked", "schedule_stuck_again", "schedule_stuck_again"]
    assert len(engine.unlocked) > 30


def test_what_was_unlocked_is_told_for_ten_minutes_and_is_news_again_afterwards() -> None:
    engine = FakeEngine(GOOD._replace(locked=True, execution="over"))
    watchdog = ScheduleWatchdog(engine)
    kinds(watchdog, 0, 31, 62)
    stuck = {"t.flow.tick": "it waits for execution over, which is over"}
    told = watchdog.unlocked(NOW + timedelta(seconds=62))
    assert {name: line.partition(";")[0] for name, line in told.items()} == stuck
    assert "unlocked 2 times" in told["t.flow.tick"]
    engine.all = [GOOD]
    assert watchdog.unlocked(NOW + timedelta(seconds=661))
    assert watchdog.unlocked(NOW + timedelta(seconds=662)) == {}

    engine.all = [GOOD._replace(locked=True, execution="over")]
    assert kinds(watchdog, 700, 731) == ["schedule_unlocked"]


def test_an_engine_that_does_not_answer_is_no_finding_and_clears_suspicion() -> None:
    engine = FakeEngine(GOOD._replace(locked=True, execution="over"))
    watchdog = ScheduleWatchdog(engine)
    assert kinds(watchdog, 0) == []
    engine.is_away = True
    assert kinds(watchdog, 31) == []
    engine.is_away = False
    assert kinds(watchdog, 62) == []
    assert kinds(watchdog, 93) == ["schedule_unlocked"]
