"""A metric's history: one sample a minute, and what changes from one to the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cerberus.domain.anomalies.rules import Of

INTERVAL = timedelta(minutes=1)
#: samples that lie farther apart have a gap between them, whose change belongs to no minute
_NEIGHBOURS = INTERVAL * 1.5


@dataclass(frozen=True, slots=True)
class Sample:
    """The metrics of one minute, by name."""

    at: datetime
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Point:
    """One metric at one minute."""

    at: datetime
    value: float


def minute_of(moment: datetime) -> datetime:
    """Return the minute to which a moment belongs."""
    return moment.replace(second=0, microsecond=0)


def points(samples: Iterable[Sample], metric: str, of: Of = Of.VALUE) -> list[Point]:
    """Return a metric, or its changes, in the order of time; minutes without it are left out."""
    found = [Point(one.at, one.values[metric]) for one in samples if metric in one.values]
    return found if of is Of.VALUE else _changes(found)


def _changes(found: Sequence[Point]) -> list[Point]:
    return [
        Point(after.at, after.value - before.value)
        for before, after in pairwise(found)
        if after.at - before.at <= _NEIGHBOURS
    ]
