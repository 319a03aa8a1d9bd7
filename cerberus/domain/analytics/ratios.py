"""Ratios of daily returns, without a risk-free rate, over 365 days a year: crypto never rests.

r_t is what day t made as a share of the equity at its beginning; n is the number of days. The
definitions are those of quantstats and empyrical with 365 periods a year, which the tests hold
them against. A ratio that is not defined is None, never infinite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import fsum, prod, sqrt
from statistics import stdev

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Ratios:
    """The ratios of a range."""

    days: int
    total_return: float | None
    annual_growth: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    daily_drawdown_rate: float | None


def ratios(returns: Sequence[float] | None) -> Ratios:
    """Return the ratios of daily returns; None stands for an equity that was gone once."""
    if not returns:
        return Ratios(0, None, None, None, None, None, None, None)
    return Ratios(
        days=len(returns),
        total_return=prod(1 + one for one in returns) - 1,
        annual_growth=annual_growth(returns),
        volatility=volatility(returns),
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        calmar=calmar(returns),
        daily_drawdown_rate=drawdown_rate(returns),
    )


def volatility(returns: Sequence[float]) -> float | None:
    """Return the standard deviation of a year.

    Notes
    -----
    std(r) * sqrt(365), with n - 1 in the denominator
    """
    return stdev(returns) * sqrt(DAYS_A_YEAR) if len(returns) > 1 else None


def sharpe(returns: Sequence[float]) -> float | None:
    """Return Sharpe's ratio (Sharpe 1994, The Sharpe Ratio).

    Notes
    -----
    mean(r) / std(r) * sqrt(365), with n - 1 in the denominator of std
    """
    if len(returns) < 2:
        return None
    spread = stdev(returns)
    return _mean(returns) / spread * sqrt(DAYS_A_YEAR) if spread > _NOTHING else None


def sortino(returns: Sequence[float]) -> float | None:
    """Return Sortino's ratio with a target of 0 (Sortino and Price 1994).

    Notes
    -----
    mean(r) / sqrt(sum(min(r, 0)^2) / n) * sqrt(365): all n days count, not the losing ones alone
    """
    if len(returns) < 2:
        return None
    downside = sqrt(fsum(min(one, 0.0) ** 2 for one in returns) / len(returns))
    return _mean(returns) / downside * sqrt(DAYS_A_YEAR) if downside > _NOTHING else None


def annual_growth(returns: Sequence[float]) -> float | None:
    """Return the growth of a year at the pace of these days.

    Notes
    -----
    (prod(1 + r)) ^ (365 / n) - 1
    """
    growth = prod(1 + one for one in returns)
    if growth <= 0 or not returns:
        return None
    try:
        return float(growth ** (DAYS_A_YEAR / len(returns)) - 1)
    except OverflowError:
        return None  # a day that doubled says nothing about a year


def drawdown_rate(returns: Sequence[float]) -> float | None:
    """Return the deepest fall of the equity at the end of the days below its highest one.

    Notes
    -----
    max over t of 1 - E_t / max(E_0 ... E_t), E_t = prod(1 + r_1 ... r_t), E_0 = 1
    """
    equity = list(accumulate(returns, lambda one, change: one * (1 + change), initial=1.0))
    peaks = accumulate(equity, max)
    return max(1 - now / peak for now, peak in zip(equity, peaks, strict=True))


def calmar(returns: Sequence[float]) -> float | None:
    """Return Calmar's ratio (Young 1991).

    Notes
    -----
    annual growth / deepest daily drawdown
    """
    growth, fall = annual_growth(returns), drawdown_rate(returns)
    if growth is None or fall is None or fall <= _NOTHING:
        return None
    return growth / fall


#: what rounding leaves of a difference that is none
_NOTHING = 1e-15


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)
