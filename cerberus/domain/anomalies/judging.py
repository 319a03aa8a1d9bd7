"""Judge a metric by its history; what is too short a history judges nothing.

The samples are one a minute. The newest ones are judged, each beside those before all of them:

* robust: the most unusual of the last 5 minutes beside the 3 hours before, from 30 minutes on
* ewma: the running average over the last 15 minutes beside the 3 hours before, from 60 minutes on
* seasonal: the median of the last 11 minutes beside the median of the same minutes on each of the
  14 days before, from 5 days on (days, not samples: those of one day resemble each other)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from cerberus.domain.anomalies.rules import AnomalyRule, Method
from cerberus.domain.anomalies.samples import INTERVAL, Point, Sample, points
from cerberus.domain.anomalies.scores import Usual, ewma_score, robust_score, usual

#: how much of its own past a metric is judged by
BASELINE = 180
SUDDEN, SUDDEN_NEEDS = 5, 30
LASTING, LASTING_NEEDS = 15, 60
SEASON, SEASON_DAYS, SEASON_NEEDS = 11, 14, 5
#: the longest past that is looked at
KEPT = timedelta(days=SEASON_DAYS, hours=1)
#: an alert is over below this share of its threshold: one on the edge would call again and again
_CALM_SHARE = 0.8

#: the samples from one moment to another, both included, in the order of time
History = Callable[[datetime, datetime], Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one method says of one metric; without a score its history is too short."""

    rule: AnomalyRule
    method: Method
    #: how many usual values there are, samples or days, and how many it takes
    count: int
    needed: int
    value: float | None = None
    usual: Usual | None = None
    score: float | None = None

    @property
    def threshold(self) -> float:
        """The score from which on it is unusual."""
        return self.rule.thresholds[self.method]

    @property
    def is_unusual(self) -> bool:
        """Whether the score has reached its threshold on the side that counts."""
        return self.score is not None and self.rule.size(self.score) >= self.threshold

    @property
    def is_calm(self) -> bool:
        """Whether the score is well below its threshold."""
        return self.score is not None and self.rule.size(self.score) < (
            _CALM_SHARE * self.threshold
        )


def judge(rules: Sequence[AnomalyRule], history: History, now: datetime) -> list[Judgement]:
    """Return what each method of each rule says; the history is read once for all of them."""
    recent = history(now - INTERVAL * (BASELINE + LASTING + 1), now)
    is_seasonal = any(Method.SEASONAL in rule.thresholds for rule in rules)
    days = list(_days(history, now)) if is_seasonal else []
    return [found for rule in rules for found in _judge(rule, recent, days, now)]


def _days(history: History, now: datetime) -> Iterator[Sequence[Sample]]:
    for day in range(SEASON_DAYS + 1):
        end = now - timedelta(days=day)
        yield history(end - INTERVAL * SEASON, end)


def _judge(
    rule: AnomalyRule, recent: Sequence[Sample], days: Sequence[Sequence[Sample]], now: datetime
) -> Iterator[Judgement]:
    known = points(recent, rule.metric, rule.of)
    methods: Mapping[Method, Callable[[], Judgement]] = {
        Method.ROBUST: lambda: _sudden(rule, known, now),
        Method.EWMA: lambda: _lasting(rule, known, now),
        Method.SEASONAL: lambda: _of_the_season(rule, days),
    }
    for method in rule.thresholds:
        yield methods[method]()


def _parted(known: Sequence[Point], now: datetime, newest: int) -> tuple[list[float], list[float]]:
    """Return what is usual and what is judged."""
    edge = now - INTERVAL * newest
    before = [one.value for one in known if one.at <= edge]
    return before[-BASELINE:], [one.value for one in known if one.at > edge]


def _sudden(rule: AnomalyRule, known: Sequence[Point], now: datetime) -> Judgement:
    before, newest = _parted(known, now, SUDDEN)
    if len(before) < SUDDEN_NEEDS or not newest:
        return Judgement(rule, Method.ROBUST, len(before), SUDDEN_NEEDS)
    beside = usual(before, rule.least_spread)
    # no spike between two looks is missed
    value = max(newest, key=lambda one: rule.size(robust_score(one, beside)))
    score = robust_score(value, beside)
    return Judgement(rule, Method.ROBUST, len(before), SUDDEN_NEEDS, value, beside, score)


def _lasting(rule: AnomalyRule, known: Sequence[Point], now: datetime) -> Judgement:
    before, newest = _parted(known, now, LASTING)
    if len(before) < LASTING_NEEDS or not newest:
        return Judgement(rule, Method.EWMA, len(before), LASTING_NEEDS)
    beside = usual(before, rule.least_spread)
    score = ewma_score(newest, beside)
    return Judgement(rule, Method.EWMA, len(before), LASTING_NEEDS, newest[-1], beside, score)


def _of_the_season(rule: AnomalyRule, days: Sequence[Sequence[Sample]]) -> Judgement:
    found = [[one.value for one in points(day, rule.metric, rule.of)] for day in days]
    earlier = [median(values) for values in found[1:] if values]
    if len(earlier) < SEASON_NEEDS or not found[0]:
        return Judgement(rule, Method.SEASONAL, len(earlier), SEASON_NEEDS)
    beside, value = usual(earlier, rule.least_spread), median(found[0])
    score = robust_score(value, beside)
    return Judgement(rule, Method.SEASONAL, len(earlier), SEASON_NEEDS, value, beside, score)
