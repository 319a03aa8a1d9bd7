"""Alerts, their rules and their deliveries, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cerberus.domain.alerts.alert import Alert, AlertStatus, Level, fingerprint
from cerberus.domain.alerts.delivery import pause_after
from cerberus.domain.alerts.rules import AlertRule, AlertRules, EscalationStep, Policy, QuietHours

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALERT = Alert("1", "probe", "f", Level.WARNING, "title", "text", "test", NOW, NOW)
WARSAW = ZoneInfo("Europe/Warsaw")


def test_a_repetition_is_counted_and_tells_the_newest_text() -> None:
    later = replace(ALERT, message="newer", created_at=NOW + timedelta(seconds=5))

    counted = ALERT.repeated(later)

    assert (counted.count, counted.message) == (2, "newer")
    assert counted.last_at == later.created_at


def test_a_higher_level_opens_an_acknowledged_alert_again() -> None:
    seen = replace(ALERT, routed_at=NOW).acknowledged(NOW, "a person")

    higher = seen.repeated(replace(ALERT, level=Level.CRITICAL))

    assert higher.status is AlertStatus.OPEN
    assert higher.routed_at is None


def test_only_the_first_acknowledgement_counts() -> None:
    first = ALERT.acknowledged(NOW, "one")

    assert first.acknowledged(NOW, "two").acknowledged_by == "one"


def test_what_is_over_stays_over() -> None:
    over = ALERT.resolved(NOW)

    assert over.resolved(NOW + timedelta(days=1)) == over
    assert over.acknowledged(NOW, "late") == over


def test_fingerprints_of_different_parts_differ() -> None:
    assert fingerprint("a", "bc") != fingerprint("ab", "c")


def test_a_channel_rests_longer_after_each_failure_up_to_five_minutes() -> None:
    pauses = [pause_after(failures).total_seconds() for failures in (1, 2, 3, 8, 9, 1000)]

    assert pauses == [2, 4, 8, 256, 300, 300]


@pytest.mark.parametrize(
    ("local", "is_held"),
    [
        ("2026-03-27T21:59", False),  # a Friday
        ("2026-03-27T22:00", True),
        ("2026-03-28T06:59", True),
        ("2026-03-28T07:00", False),
        ("2026-03-28T23:00", False),  # the night of a Saturday
        ("2026-03-29T03:30", False),  # after the clocks went forward
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began(local: str, is_held: bool) -> None:
    weekdays = frozenset(range(5))
    night = QuietHours(time(22), time(7), WARSAW, weekdays=weekdays)

    assert (
        night.hold(Level.INFO, "phone", datetime.fromisoformat(local).replace(tzinfo=WARSAW))
        is is_held
    )


def test_quiet_hours_end_on_time_on_the_day_when_the_clocks_change() -> None:
    night = QuietHours(time(22), time(7), WARSAW)

    held = [
        night.hold(Level.INFO, "phone", datetime(2026, 3, 29, hour, 30, tzinfo=UTC))
        for hour in (3, 4, 5)
    ]

    assert held == [True, True, False]  # 5:30, 6:30 and 7:30 in Warsaw


def test_quiet_hours_cannot_silence_an_emergency() -> None:
    with pytest.raises(ValueError, match="never silence EMERGENCY"):
        QuietHours(time(22), time(7), WARSAW, levels=frozenset(Level))


def test_a_channel_that_is_not_set_up_is_left_out() -> None:
    policy = Policy(("phone", "pager"), (EscalationStep(timedelta(1), ("pager",)),))
    rules = AlertRules(levels={Level.WARNING: policy}, channels=("log", "phone"))

    assert rules.policy(ALERT).channels == ("phone",)
    assert rules.policy(ALERT).escalation == ()


def test_the_log_has_what_no_other_channel_takes() -> None:
    rules = AlertRules(rules={"probe": AlertRule("probe", channels=("pager",))})

    assert rules.policy(ALERT).channels == ("log",)
