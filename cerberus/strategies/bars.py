"""Which candles a strategy may look at: closed, recent, and always equally many."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cerberus.domain.market import ZERO, Candle
from cerberus.errors import Invalid

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_TIMEFRAME = re.compile(r"(?P<count>[1-9][0-9]{0,3})(?P<unit>[mhd])")

#: how many bars may have passed without a candle: a quiet market, rather than a dead feed
QUIET_BARS = 1


@dataclass(frozen=True, slots=True)
class ClosedBars:
    """Exactly the closed candles that were asked for, oldest first."""

    candles: tuple[Candle, ...]

    @property
    def last(self) -> Candle:
        """The newest closed bar."""
        return self.candles[-1]


@dataclass(frozen=True, slots=True)
class NoBars:
    """Why the candles cannot be judged."""

    reason: str


def bar_length(timeframe: str) -> timedelta:
    """Return the length of a bar, such as five minutes for ``5m``.

    Raises
    ------
    Invalid
        The text is not a number of minutes, hours or days.
    """
    found = _TIMEFRAME.fullmatch(timeframe)
    if found is None:
        raise Invalid("timeframe", f"expected a form like 5m, 1h or 1d, was {timeframe[:20]!r}")
    return int(found["count"]) * _UNITS[found["unit"]]


def closed_bars(
    candles: Sequence[Candle], timeframe: str, now: datetime, count: int
) -> ClosedBars | NoBars:
    """Return the last `count` closed candles, or the reason why there are none to judge.

    A fixed number makes the smoothed indicators independent of how much history a caller has:
    live, replay and backtest see the same values.
    """
    length = bar_length(timeframe)
    closed = [candle for candle in candles if candle.opened_at + length <= now]
    if len(closed) < count:
        return NoBars(f"needs {count} closed {timeframe} bars, has {len(closed)}")
    chosen = tuple(closed[-count:])
    problem = _order_problem(chosen) or _age_problem(chosen[-1], length, now)
    return NoBars(problem) if problem else ClosedBars(chosen)


def _order_problem(candles: tuple[Candle, ...]) -> str | None:
    for before, candle in pairwise(candles):
        if candle.opened_at <= before.opened_at:
            return f"bar {candle.opened_at.isoformat()} is not later than the one before it"
    for candle in candles:
        inside = (candle.open, candle.close)
        if not ZERO < candle.low <= min(inside) <= max(inside) <= candle.high:
            return (
                f"bar {candle.opened_at.isoformat()} is broken: open {candle.open}, "
                f"high {candle.high}, low {candle.low}, close {candle.close}"
            )
    return None


def _age_problem(last: Candle, length: timedelta, now: datetime) -> str | None:
    age = (now - (last.opened_at + length)).total_seconds()
    limit = (length * (1 + QUIET_BARS)).total_seconds()
    return None if age < limit else f"last closed bar ended {age:.0f} s ago, limit {limit:.0f} s"
