"""Which metrics are judged by their history, how, and from which score on they are unusual."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cerberus.domain.alerts.alert import Level


class Method(StrEnum):
    """How a metric is judged."""

    #: against the last hours: something sudden
    ROBUST = "robust"
    #: a running average against the last hours: something small that lasts
    EWMA = "ewma"
    #: against the same minutes of earlier days
    SEASONAL = "seasonal"


class Of(StrEnum):
    """What of a metric is judged: itself, or by how much it changes from minute to minute."""

    VALUE = "value"
    CHANGE = "change"


class Direction(StrEnum):
    """On which side of the usual a metric is unusual."""

    ABOVE = "above"
    BELOW = "below"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class AnomalyRule:
    """One metric and the scores from which on it is unusual, in spreads of its usual values."""

    metric: str
    title: str
    thresholds: Mapping[Method, float]
    #: a smaller spread counts as this one: what never changes would be unusual at a grain of dust
    least_spread: float
    of: Of = Of.VALUE
    direction: Direction = Direction.BOTH
    level: Level = Level.WARNING

    def __post_init__(self) -> None:
        if self.least_spread <= 0:
            raise ValueError(f"least_spread must be above 0, was {self.least_spread}")

    def size(self, score: float) -> float:
        """Return how far a score lies on the side that counts; negative on the other."""
        if self.direction is Direction.BOTH:
            return abs(score)
        return score if self.direction is Direction.ABOVE else -score
