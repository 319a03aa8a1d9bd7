"""Moving averages, RSI and average true range over plain floats.

Every function takes the whole series, oldest first, and returns the values from the first bar on
which the indicator is defined: the last item always belongs to the last input. A series that is
too short gives an empty list.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum

#: RSI of a series that has not moved at all: neither strong nor weak
RSI_NEUTRAL = 50.0


def simple_moving_average(values: Sequence[float], period: int) -> list[float]:
    """Return the mean of the last `period` values at each bar.

    Notes
    -----
    SMA_t = (v_t + v_{t-1} + ... + v_{t-n+1}) / n
    """
    _check_period(period)
    # each window is summed afresh: a running sum would carry its rounding along
    ends = range(period, len(values) + 1)
    return [fsum(values[end - period : end]) / period for end in ends]


def exponential_moving_average(values: Sequence[float], period: int) -> list[float]:
    """Return the exponential average, seeded with the mean of the first `period` values.

    Notes
    -----
    EMA_t = EMA_{t-1} + a (v_t - EMA_{t-1}),  a = 2 / (n + 1)
    """
    return _smoothed(values, period, 2.0 / (period + 1))


def wilder_average(values: Sequence[float], period: int) -> list[float]:
    """Return Wilder's smoothed average, seeded with the mean of the first `period` values.

    Notes
    -----
    W_t = (W_{t-1} (n - 1) + v_t) / n, an exponential average with a = 1 / n. Source: J. W. Wilder,
    "New Concepts in Technical Trading Systems", 1978.
    """
    return _smoothed(values, period, 1.0 / max(period, 1))


def relative_strength_index(closes: Sequence[float], period: int) -> list[float]:
    """Return Wilder's RSI, 0 to 100, from bar `period` on.

    Notes
    -----
    U_t = max(c_t - c_{t-1}, 0),  D_t = max(c_{t-1} - c_t, 0)
    RSI_t = 100 W(U)_t / (W(U)_t + W(D)_t), which equals 100 - 100 / (1 + RS) with RS = W(U) / W(D)
    and needs no case for W(D) = 0. Source: J. W. Wilder, "New Concepts in Technical Trading
    Systems", 1978, section VI.
    """
    changes = [now - before for before, now in pairwise(closes)]
    gains = wilder_average([max(change, 0.0) for change in changes], period)
    losses = wilder_average([max(-change, 0.0) for change in changes], period)
    return [_strength(gain, loss) for gain, loss in zip(gains, losses, strict=True)]


def true_range(
    highs: Sequence[float], lows: Sequence[float], closes: Sequence[float]
) -> list[float]:
    """Return the true range of each bar; the first one has no close before it.

    Notes
    -----
    TR_t = max(h_t, c_{t-1}) - min(l_t, c_{t-1}),  TR_0 = h_0 - l_0
    """
    if not highs:
        return []
    later = zip(highs[1:], lows[1:], closes, strict=False)
    return [highs[0] - lows[0]] + [
        max(high, before) - min(low, before) for high, low, before in later
    ]


def average_true_range(
    highs: Sequence[float], lows: Sequence[float], closes: Sequence[float], period: int
) -> list[float]:
    """Return Wilder's average of the true range.

    Notes
    -----
    ATR_t = (ATR_{t-1} (n - 1) + TR_t) / n. Source: J. W. Wilder, "New Concepts in Technical
    Trading Systems", 1978, section III.
    """
    return wilder_average(true_range(highs, lows, closes), period)


def _smoothed(values: Sequence[float], period: int, weight: float) -> list[float]:
    _check_period(period)
    if len(values) < period:
        return []
    averages = [fsum(values[:period]) / period]
    for value in values[period:]:
        averages.append(averages[-1] + weight * (value - averages[-1]))
    return averages


def _strength(gain: float, loss: float) -> float:
    moved = gain + loss
    # the quotient first: it cannot exceed 1, a hundredfold gain over the sum can exceed 100
    return 100.0 * (gain / moved) if moved > 0.0 else RSI_NEUTRAL


def _check_period(period: int) -> None:
    if period < 1:
        raise ValueError(f"period must be at least 1, was {period}")
