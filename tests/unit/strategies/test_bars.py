from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cerberus.errors import Invalid
from cerberus.strategies.bars import ClosedBars, NoBars, bar_length, closed_bars
from tests.unit.strategies.bars_of import FIVE_MINUTES, candles, just_after


@pytest.mark.parametrize(
    ("timeframe", "length"),
    [
        ("1m", timedelta(minutes=1)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("1d", timedelta(days=1)),
    ],
)
def test_a_timeframe_has_a_length(timeframe: str, length: timedelta) -> None:
    assert bar_length(timeframe) == length


@pytest.mark.parametrize("timeframe", ["", "5", "m5", "0m", "5M", "5m\n", "99999m", "-5m"])
def test_other_texts_are_no_timeframe(timeframe: str) -> None:
    with pytest.raises(Invalid, match="timeframe: expected a form like 5m"):
        bar_length(timeframe)


def test_an_open_bar_does_not_count() -> None:
    bars = candles([10, 11, 12])
    now = bars[-1].opened_at + FIVE_MINUTES - timedelta(microseconds=1)

    found = closed_bars(bars, "5m", now, 2)

    assert found == ClosedBars((bars[0], bars[1]))


def test_a_bar_is_closed_at_the_very_moment_of_its_end() -> None:
    bars = candles([10, 11, 12])

    found = closed_bars(bars, "5m", bars[-1].opened_at + FIVE_MINUTES, 2)

    assert isinstance(found, ClosedBars)
    assert found.last == bars[2]


def test_too_few_closed_bars_are_counted() -> None:
    bars = candles([10, 11])

    found = closed_bars(bars, "5m", just_after(bars), 3)

    assert found == NoBars("needs 3 closed 5m bars, has 2")


@pytest.mark.parametrize(("late_seconds", "judged"), [(599, True), (600, False)])
def test_one_quiet_bar_is_let_pass_but_not_a_dead_feed(late_seconds: int, judged: bool) -> None:
    bars = candles([10, 11])
    now = bars[-1].opened_at + FIVE_MINUTES + timedelta(seconds=late_seconds)

    found = closed_bars(bars, "5m", now, 2)

    assert isinstance(found, ClosedBars) is judged


def test_a_stale_feed_is_named_with_age_and_limit() -> None:
    bars = candles([10, 11])

    found = closed_bars(bars, "5m", just_after(bars) + timedelta(hours=1), 2)

    assert found == NoBars("last closed bar ended 3601 s ago, limit 600 s")


def test_bars_out_of_order_are_refused() -> None:
    bars = candles([10, 11, 12])

    found = closed_bars([bars[1], bars[0], bars[2]], "5m", just_after(bars), 3)

    assert isinstance(found, NoBars)
    assert found.reason.endswith("is not later than the one before it")


@pytest.mark.parametrize(
    "change",
    [
        {"low": Decimal(0)},
        {"low": Decimal("10.2")},
        {"high": Decimal("9.9")},
        {"open": Decimal(20)},
    ],
)
def test_a_broken_bar_is_refused(change: dict[str, Decimal]) -> None:
    bars = candles([10, 10, 10])
    bars[1] = replace(bars[1], **change)

    found = closed_bars(bars, "5m", just_after(bars), 3)

    assert isinstance(found, NoBars)
    assert "is broken" in found.reason
