"""Print the dates of schedules by the engine's own evaluation: a process with a Java machine.

    python -m tests.integration.engine.year_of_dates ZONE...

It reads a JSON list of flows' sources and prints, by zone and trigger, the cron and its dates.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cerberus.engine.install import install
from cerberus.engine.jvm.parser import Parser, parser_alone
from cerberus.engine.kestra.beans import TENANT
from cerberus.engine.kestra.java import Java, java
from cerberus.settings import EngineSettings, Paths, load

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
#: moments of that year at which the clocks of a zone change
CHANGES = {
    "Europe/Warsaw": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
}
#: a schedule that runs more often is looked at around the changes only
_MOST_A_DAY = 4
_AROUND = timedelta(hours=12)
_SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"


def spans(zone: str, runs_a_day: int) -> list[tuple[datetime, datetime]]:
    """Return from when until when a schedule is looked at."""
    if runs_a_day <= _MOST_A_DAY:
        return [(START, END)]
    return [(change - _AROUND, change + _AROUND) for change in CHANGES[zone]]


def values(field: str, count: int) -> list[int]:
    """Return the values of a cron's field: a number, a range, all, or every so many of them."""
    told, _, step = field.partition("/")
    first, _, last = told.partition("-")
    if told == "*":
        return list(range(0, count, int(step or 1)))
    return list(range(int(first), int(last or first) + 1, int(step or 1)))


def runs_a_day(cron: str) -> int:
    """Return how often a cron fits on a day on which it does."""
    minute, hour = cron.split()[:2]
    return len(values(minute, 60)) * len(values(hour, 24))


def main(zones: list[str]) -> None:
    """Evaluate every schedule in every zone."""
    paths, settings, sources = load(Paths), load(EngineSettings), json.load(sys.stdin)
    found: dict[str, Any] = {}
    with parser_alone(paths, settings, install(paths, settings)) as parser:
        for zone in zones:
            # as -Duser.timezone does before the machine starts: the flows name no zone
            java("java.util.TimeZone").setDefault(java("java.util.TimeZone").getTimeZone(zone))
            found[zone] = {
                name: {"cron": cron, "dates": [int(at.timestamp()) for at in dates]}
                for source in sources
                for name, cron, dates in _schedules(parser, source, zone)
            }
    print(json.dumps(found))


def _schedules(parser: Parser, source: str, zone: str) -> Iterator[tuple[str, str, list[datetime]]]:
    flow = parser._parsing.parseForValidation(parser._parsing.parse(TENANT, source, True))
    for trigger in flow.getTriggers() or ():
        if str(trigger.getClass().getName()) != _SCHEDULE:
            continue
        cron = str(trigger.getCron())
        dates = [
            date
            for start, end in spans(zone, runs_a_day(cron))
            for date in _dates(trigger, start, end)
        ]
        yield f"{flow.getId()}.{trigger.getId()}", cron, dates


def _dates(trigger: Java, start: datetime, end: datetime) -> Iterator[datetime]:
    """Ask the trigger for one date after the other, as the engine's scheduler does."""
    execution_time = _method("executionTime").invoke(trigger)
    following = _method("computeNextEvaluationDate")
    zone = java("java.time.ZoneId").of(trigger.getTimezone())
    # a date at the start itself counts
    first = java("java.time.Instant").ofEpochSecond(int(start.timestamp()) - 1)
    at = java("java.time.ZonedDateTime").ofInstant(first, zone)
    while True:
        at = following.invoke(trigger, execution_time, at).get()
        date = datetime.fromtimestamp(int(at.toEpochSecond()), UTC)
        if date >= end:
            return
        yield date


def _method(name: str) -> Java:
    """Return a method that is not public: the one whose answers the engine's scheduler has."""
    methods = java(_SCHEDULE).class_.getDeclaredMethods()
    (found,) = (one for one in methods if str(one.getName()) == name)
    found.setAccessible(True)
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
