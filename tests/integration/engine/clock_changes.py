"""Schedules across changes of the clock: what the engine's own evaluation says, and what is right.

A backfill runs every date of a schedule that lies in the past, by the evaluation that plans the
next date of one that is to come. Right is: each minute of the zone's clock that fits, as often as
the clock shows it; but a time of day that comes twice in one night counts once, the first time.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.engine_process import EngineProcess

SPACE = "t.clock"
#: a backfill runs about one date a second
HOURS_AROUND, DAYS_AROUND = timedelta(hours=8), timedelta(hours=40)
#: (hour, minute) of a daily schedule; no hour: hourly
TIMES: dict[str, tuple[int | None, int]] = {
    "hourly": (None, 0),
    "half-past-one": (1, 30),
    "half-past-two": (2, 30),
    "noon": (12, 0),
}
#: zones, and the moments at which their clocks change
CHANGES = {
    "warsaw-forward": ("Europe/Warsaw", datetime(2025, 3, 30, 1, tzinfo=UTC)),
    "warsaw-back": ("Europe/Warsaw", datetime(2025, 10, 26, 1, tzinfo=UTC)),
    "new-york-forward": ("America/New_York", datetime(2025, 3, 9, 7, tzinfo=UTC)),
    "new-york-back": ("America/New_York", datetime(2025, 11, 2, 6, tzinfo=UTC)),
}


class Schedule(NamedTuple):
    """A schedule around one change."""

    change: str
    time: str

    @property
    def flow(self) -> str:
        """The id of its flow."""
        return f"{self.change}-{self.time}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until when it is looked at."""
        moment = CHANGES[self.change][1] + timedelta(minutes=5)
        around = HOURS_AROUND if TIMES[self.time][0] is None else DAYS_AROUND
        return moment - around, moment + around

    @property
    def source(self) -> str:
        """Its flow."""
        hour, minute = TIMES[self.time]
        zone = CHANGES[self.change][0]
        return f"""\
id: {self.flow}
namespace: {SPACE}
tasks: [{{id: ret, type: io.kestra.plugin.core.debug.Return, format: x}}]
triggers:
  - id: tick
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "{minute} {"*" if hour is None else hour} * * *"
    timezone: {zone}
"""

    def right_dates(self) -> list[datetime]:
        """Return the dates by the zone's own rules, minute for minute."""
        hour, minute = TIMES[self.time]
        zone, (at, end) = ZoneInfo(CHANGES[self.change][0]), self.span
        found = []
        while at <= end:
            shown = at.astimezone(zone)
            is_repeated = hour is not None and shown.fold == 1
            if shown.minute == minute and hour in (None, shown.hour) and not is_repeated:
                found.append(at)
            at += timedelta(minutes=1)
        return found


ALL = [Schedule(change, name) for change in CHANGES for name in TIMES]


def engine_dates(engine: EngineProcess) -> dict[Schedule, list[datetime]]:
    """Return the dates for which the engine started executions, doubled ones twice."""
    for schedule in ALL:
        engine.create_flow(schedule.source)
    for schedule in ALL:
        _start_backfill(engine, schedule)
    limit = time.monotonic() + 120
    while busy := [each.flow for each in ALL if "backfill" in _trigger(engine, each)]:
        assert time.monotonic() < limit, f"backfills that never end: {busy}"
        time.sleep(0.2)
    dates = {schedule: _dates(engine, schedule) for schedule in ALL}
    for schedule in ALL:
        url = engine.api(f"flows/{SPACE}/{schedule.flow}")
        assert engine.session.delete(url, timeout=30).ok
    return dates


def _start_backfill(engine: EngineProcess, schedule: Schedule) -> None:
    start, end = (each.isoformat() for each in schedule.span)
    limit = time.monotonic() + 30
    while "nextEvaluationDate" not in _trigger(engine, schedule):
        assert time.monotonic() < limit, f"no trigger of {schedule.flow}"
        time.sleep(0.1)
    name = {"namespace": SPACE, "flowId": schedule.flow, "triggerId": "tick"}
    body = {**name, "backfill": {"start": start, "end": end}}
    answer = engine.session.put(engine.api("triggers/backfill/create"), json=body, timeout=30)
    assert answer.ok, answer.text


def _trigger(engine: EngineProcess, schedule: Schedule) -> dict[str, object]:
    url = engine.api(f"triggers/{SPACE}/{schedule.flow}")
    found = engine.session.get(url, timeout=30).json()["results"]
    return dict(found[0]) if found else {}


def _dates(engine: EngineProcess, schedule: Schedule) -> list[datetime]:
    wanted = {"namespace": SPACE, "flowId": schedule.flow, "size": "1000"}
    found = engine.session.get(engine.api("executions"), params=wanted, timeout=30).json()
    start, end = schedule.span
    dates = [
        datetime.fromisoformat(one["trigger"]["variables"]["date"]) for one in found["results"]
    ]
    # an hour may pass while this runs: that date is none of the backfill's
    return sorted(date for date in dates if start <= date <= end)
