"""The schedules of our flows are right for a year, across both changes of the clock."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.engine.year_of_dates import CHANGES, runs_a_day, spans, values

ROOT = Path(__file__).resolve().parents[3]
NIGHTLY = """\
id: nightly
namespace: t.year
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: x}]
triggers:
  - {id: half_past_one, type: io.kestra.plugin.core.trigger.Schedule, cron: "30 1 * * *"}
  - {id: half_past_two, type: io.kestra.plugin.core.trigger.Schedule, cron: "30 2 * * *"}
"""


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """Return the dates of all our schedules and of two in the night, by zone and trigger."""
    flows = sorted((ROOT / "flows").rglob("*.yaml"))
    asked = json.dumps([*(one.read_text() for one in flows), NIGHTLY])
    command = [sys.executable, "-m", "tests.integration.engine.year_of_dates", *CHANGES]
    done = subprocess.run(
        command, input=asked, capture_output=True, text=True, cwd=ROOT, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return told


def right_dates(cron: str, zone: str) -> list[datetime]:
    """Return the dates by the zone's own rules; a time that comes twice in a night counts once."""
    minute, hour, day, month, weekday = cron.split()
    hours, days = set(values(hour, 24)), set(values(day, 32))
    months, weekdays = set(values(month, 13)), set(values(weekday, 7))
    dates = []
    for start, end in spans(zone, runs_a_day(cron)):
        at = start
        while at < end:
            shown = at.astimezone(ZoneInfo(zone))
            is_repeated = hour != "*" and shown.fold == 1
            fits = shown.hour in hours and shown.day in days and shown.month in months
            if fits and shown.isoweekday() % 7 in weekdays and not is_repeated:
                dates += [at + timedelta(minutes=one) for one in values(minute, 60)]
            at += timedelta(hours=1)
    return dates


@pytest.mark.parametrize("zone", CHANGES)
def test_no_date_of_a_year_is_missed_doubled_or_made_up(
    found: dict[str, dict[str, Any]], zone: str
) -> None:
    wrong = {}
    for name, told in found[zone].items():
        dates = [datetime.fromtimestamp(one, UTC) for one in told["dates"]]
        if dates != right_dates(told["cron"], zone):
            wrong[name] = sorted(set(dates) ^ set(right_dates(told["cron"], zone)))[:5]

    assert wrong == {}
    assert {"cerberus-analytics.monthly", "nightly.half_past_two"} < found[zone].keys()


@pytest.mark.parametrize(
    ("zone", "trigger", "count"),
    [
        # one night has no half past two, and the night that has it twice counts it once
        ("Europe/Warsaw", "nightly.half_past_two", 364),
        ("America/New_York", "nightly.half_past_two", 364),
        ("America/New_York", "nightly.half_past_one", 365),
        ("Europe/Warsaw", "cerberus-parity.every_night", 365),
        ("America/New_York", "cerberus-analytics.weekly", 52),
        ("Europe/Warsaw", "cerberus-analytics.monthly", 12),
    ],
)
def test_the_dates_of_a_year_are_as_many_as_people_expect(
    found: dict[str, dict[str, Any]], zone: str, trigger: str, count: int
) -> None:
    assert len(found[zone][trigger]["dates"]) == count
