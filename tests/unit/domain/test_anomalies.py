"""What is unusual: spikes, small shifts that last, the wrong time of the day; and what is not."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import stdev

import pytest

from cerberus.domain.anomalies.judging import (
    BASELINE,
    LASTING,
    LASTING_NEEDS,
    SEASON_DAYS,
    SEASON_NEEDS,
    SUDDEN,
    SUDDEN_NEEDS,
    Judgement,
    judge,
)
from cerberus.domain.anomalies.rules import AnomalyRule, Direction, Method, Of
from cerberus.domain.anomalies.samples import Point, Sample, points
from cerberus.domain.anomalies.scores import Usual, ewma, ewma_score, robust_score, usual

NAME = "cerberus_probe_seconds"
NOW = datetime(2026, 3, 20, 12, 0, 30, tzinfo=UTC)
#: the minute that was sampled last
NEWEST = NOW.replace(second=0)
MINUTE = timedelta(minutes=1)


def rule(
    *methods: Method,
    threshold: float = 6,
    least_spread: float = 0.001,
    of: Of = Of.VALUE,
    direction: Direction = Direction.BOTH,
) -> AnomalyRule:
    thresholds = dict.fromkeys(methods, threshold)
    return AnomalyRule(NAME, "probe", thresholds, least_spread, of, direction)


def noise(count: int, middle: float = 10, spread: float = 1, seed: int = 7) -> list[float]:
    numbers = random.Random(seed)  # noqa: S311 - no secret
    return [numbers.gauss(middle, spread) for _ in range(count)]


def minutes(values: Sequence[float]) -> list[Sample]:
    """Return one sample a minute, the last one of the newest minute."""
    first = NEWEST - MINUTE * (len(values) - 1)
    return [Sample(first + MINUTE * i, {NAME: value}) for i, value in enumerate(values)]


def read(samples: Sequence[Sample]) -> Callable[[datetime, datetime], list[Sample]]:
    return lambda first, last: [one for one in samples if first <= one.at <= last]


def judged(asked: AnomalyRule, samples: Sequence[Sample]) -> Judgement:
    (found,) = judge([asked], read(samples), NOW)
    return found


def test_the_spread_of_normal_noise_is_its_standard_deviation() -> None:
    values = noise(20_000)
    assert usual(values, 0.001).spread == pytest.approx(stdev(values), rel=0.03)


def test_a_third_of_the_values_cannot_spoil_what_is_usual() -> None:
    values = [*noise(101), *[1e9] * 50]
    beside = usual(values, 0.001)
    assert 9 < beside.middle < 13
    assert beside.spread < 4


def test_the_modified_z_score_is_that_of_its_authors() -> None:
    # Iglewicz and Hoaglin's 0.6745 (x - median) / MAD: median 3, MAD 1
    beside = usual([1.0, 2.0, 3.0, 4.0, 100.0], 0.001)
    assert robust_score(100, beside) == pytest.approx(0.6745 * 97, rel=1e-4)


def test_what_never_changes_has_the_least_spread() -> None:
    assert usual([5.0] * 40, 0.5) == Usual(5.0, 0.5)


def test_the_running_average_begins_at_the_middle_and_goes_towards_the_values() -> None:
    assert ewma([], 10) == 10
    assert ewma([20.0], 10) == pytest.approx(12)
    assert ewma([20.0, 20.0], 10) == pytest.approx(13.6)
    assert ewma([20.0] * 200, 10) == pytest.approx(20)


def test_the_score_of_a_running_average_counts_its_own_deviations() -> None:
    numbers = random.Random(11)  # noqa: S311 - no secret
    beside = Usual(0, 1)
    scores = [
        ewma_score([numbers.gauss(0, 1) for _ in range(LASTING)], beside) for _ in range(4000)
    ]
    assert stdev(scores) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("ago", range(SUDDEN))
def test_a_spike_in_any_of_the_newest_minutes_is_sudden(ago: int) -> None:
    values = noise(120)
    values[-1 - ago] = 30
    found = judged(rule(Method.ROBUST), minutes(values))
    assert found.is_unusual
    assert found.value == 30
    assert found.score is not None
    assert found.score > 10


def test_a_spike_that_is_over_is_not_told_again() -> None:
    values = noise(120)
    values[-1 - SUDDEN] = 30
    found = judged(rule(Method.ROBUST), minutes(values))
    assert not found.is_unusual
    assert found.is_calm


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_usual_by_every_method(seed: int) -> None:
    samples = minutes(noise((SEASON_DAYS + 1) * 1440, seed=seed))
    found = judge([rule(*Method)], read(samples), NOW)
    assert [one.method for one in found] == list(Method)
    assert [one for one in found if one.is_unusual] == []


def test_a_small_shift_that_lasts_is_seen_by_the_running_average_alone() -> None:
    values = [*noise(BASELINE), *noise(LASTING, middle=13, seed=8)]
    sudden, lasting = judge([rule(Method.ROBUST, Method.EWMA)], read(minutes(values)), NOW)
    assert not sudden.is_unusual
    assert lasting.is_unusual


@pytest.mark.parametrize(
    ("direction", "value", "is_unusual"),
    [
        (Direction.ABOVE, 30, True),
        (Direction.ABOVE, -10, False),
        (Direction.BELOW, 30, False),
        (Direction.BELOW, -10, True),
        (Direction.BOTH, 30, True),
        (Direction.BOTH, -10, True),
    ],
)
def test_only_the_side_that_counts_is_unusual(
    direction: Direction, value: float, is_unusual: bool
) -> None:
    values = noise(120)
    values[-2] = value
    found = judged(rule(Method.ROBUST, direction=direction), minutes(values))
    assert found.is_unusual is is_unusual


def days(values_of: Callable[[int], float], count: int = SEASON_DAYS) -> list[Sample]:
    """Return the last hour of each day; `values_of` says by days ago."""
    return [
        Sample(NEWEST - timedelta(days=day) - MINUTE * minute, {NAME: values_of(day)})
        for day in range(count, -1, -1)
        for minute in range(59, -1, -1)
    ]


def test_what_is_usual_at_this_time_of_the_day_is_not_unusual() -> None:
    # noon is always busy: the hours before it say nothing of it
    quiet = [Sample(one.at - timedelta(hours=1), {NAME: 1.0}) for one in days(lambda _: 1.0)]
    busy = days(lambda day: 100.0 + day % 3)
    found = judge([rule(Method.SEASONAL)], read(sorted([*quiet, *busy], key=lambda s: s.at)), NOW)
    assert not found[0].is_unusual
    assert found[0].count == SEASON_DAYS


def test_what_is_unusual_at_this_time_of_the_day_is_found() -> None:
    found = judged(rule(Method.SEASONAL), days(lambda day: 50.0 if day == 0 else 10.0 + day % 3))
    assert found.is_unusual
    assert found.value == 50


@pytest.mark.parametrize(
    ("method", "samples", "count", "needed"),
    [
        (Method.ROBUST, minutes(noise(SUDDEN_NEEDS + SUDDEN - 1)), SUDDEN_NEEDS - 1, SUDDEN_NEEDS),
        (
            Method.EWMA,
            minutes(noise(LASTING_NEEDS + LASTING - 1)),
            LASTING_NEEDS - 1,
            LASTING_NEEDS,
        ),
        (Method.SEASONAL, days(lambda _: 1.0, SEASON_NEEDS - 1), SEASON_NEEDS - 1, SEASON_NEEDS),
    ],
)
def test_a_history_that_is_too_short_judges_nothing(
    method: Method, samples: list[Sample], count: int, needed: int
) -> None:
    found = judged(rule(method), samples)
    assert (found.score, found.value) == (None, None)
    assert (found.count, found.needed) == (count, needed)
    assert not found.is_unusual
    assert not found.is_calm


def test_a_history_that_is_just_long_enough_judges() -> None:
    assert judged(rule(Method.ROBUST), minutes(noise(SUDDEN_NEEDS + SUDDEN))).score is not None
    assert judged(rule(Method.EWMA), minutes(noise(LASTING_NEEDS + LASTING))).score is not None
    assert judged(rule(Method.SEASONAL), days(lambda _: 1.0, SEASON_NEEDS)).score is not None


def test_an_old_history_without_a_newest_minute_judges_nothing() -> None:
    old = [Sample(one.at - timedelta(hours=1), one.values) for one in minutes(noise(150))]
    assert judge([rule(*Method)], read(old), NOW)[0].score is None


def test_changes_across_a_gap_are_left_out() -> None:
    at = [NEWEST, NEWEST + MINUTE, NEWEST + MINUTE * 5, NEWEST + MINUTE * 6]
    samples = [
        Sample(one, {NAME: value}) for one, value in zip(at, (1.0, 3.0, 90.0, 91.5), strict=True)
    ]
    assert points(samples, NAME, Of.CHANGE) == [Point(at[1], 2.0), Point(at[3], 1.5)]


def test_what_only_rises_is_judged_by_its_changes() -> None:
    steady = [10.0 * minute for minute in range(120)]
    jump = [*steady[:-2], steady[-2] + 500, steady[-1] + 500]
    asked = rule(Method.ROBUST, of=Of.CHANGE, least_spread=1)
    assert not judged(asked, minutes(steady)).is_unusual
    assert judged(asked, minutes(jump)).value == 510


def test_a_metric_that_is_not_sampled_has_no_history() -> None:
    samples = [Sample(one.at, {"cerberus_other": 1.0}) for one in minutes(noise(200))]
    assert judged(rule(Method.ROBUST), samples).count == 0


def test_a_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="least_spread must be above 0, was 0"):
        rule(Method.ROBUST, least_spread=0)
