"""How unusual numbers are beside others: robust, by a running average, by the time of the day.

A score counts spreads from the middle of the usual values. The middle is their median and the
spread is 1.4826 times their median absolute deviation (MAD), which for normal noise is its standard
deviation, and which half of the values cannot spoil (Hampel 1974, The Influence Curve and Its Role
in Robust Estimation; Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers, whose modified
z-score 0.6745 (x - median) / MAD is the same number).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

#: 1 / the 75th percentile of the standard normal distribution
_MAD_TO_DEVIATION = 1.4826
#: the weight of the newest value in the running average; 0.2 to 0.3 is usual (NIST 6.3.2.4)
EWMA_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Usual:
    """Middle and spread of usual values."""

    middle: float
    spread: float


def usual(values: Sequence[float], least_spread: float) -> Usual:
    """Return middle and spread of at least one value.

    Notes
    -----
    spread = max(1.4826 median(|x_i - median(x)|), least_spread)
    """
    middle = median(values)
    deviation = median([abs(value - middle) for value in values])
    return Usual(middle, max(_MAD_TO_DEVIATION * deviation, least_spread))


def robust_score(value: float, beside: Usual) -> float:
    """Return the robust z-score of a value.

    Notes
    -----
    (x - middle) / spread
    """
    return (value - beside.middle) / beside.spread


def ewma(newest: Sequence[float], start: float) -> float:
    """Return the exponentially weighted moving average of values, oldest first, from a start on.

    Notes
    -----
    z_t = a x_t + (1 - a) z_{t-1},  z_0 = start
    """
    average = start
    for value in newest:
        average = EWMA_WEIGHT * value + (1 - EWMA_WEIGHT) * average
    return average


def ewma_score(newest: Sequence[float], beside: Usual) -> float:
    """Return how many of its own deviations the running average is away from the middle.

    It sees a small shift that lasts, which each single value hides. The deviation is that of
    independent values: what drifts by itself scores higher, and wants a higher threshold or its
    changes judged in its place.

    Notes
    -----
    (z_n - middle) / (spread sqrt(a / (2 - a) (1 - (1 - a)^{2n}))), Roberts 1959, Control Chart
    Tests Based on Geometric Moving Averages; NIST/SEMATECH e-Handbook, 6.3.2.4
    """
    share = EWMA_WEIGHT / (2 - EWMA_WEIGHT) * (1 - (1 - EWMA_WEIGHT) ** (2 * len(newest)))
    return (ewma(newest, beside.middle) - beside.middle) / (beside.spread * sqrt(share))
