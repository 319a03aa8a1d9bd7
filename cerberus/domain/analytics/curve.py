"""The equity after each trade, and how deep and how long it fell below its peak."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, compress
from operator import eq, sub, truediv


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall from a peak, and the longest time below one.

    Depth: max over t of (P_t - E_t) / P_t, with P_t the highest equity until t, the start included.
    Length: from the last trade at a peak until the trade that brings the equity as high again, or
    until the end of the range.
    """

    depth_rate: float = 0.0
    depth_usd: float = 0.0
    deepest_at: datetime | None = None
    longest_seconds: float = 0.0
    longest_from: datetime | None = None
    is_recovered: bool = True


class Curve:
    """Follows the equity from trade to trade."""

    def __init__(self, equity: float, start: datetime) -> None:
        self._equity = self._peak = equity
        self._peak_at = start.isoformat()
        self._below = 0
        self._depth = (0.0, 0.0, "")
        self._longest = (0.0, "")

    def follow(self, results: Sequence[float], closed_at: Sequence[str]) -> None:
        """Go on with trades in the order in which they were closed."""
        if not results:
            return
        equity = list(accumulate(results, initial=self._equity))[1:]
        peaks = list(accumulate(equity, max, initial=self._peak))[1:]
        self._note_depth(equity, peaks, closed_at)
        # the last high lies so many trades before this part
        before = -1 - self._below
        for place in compress(range(len(equity)), map(eq, equity, peaks)):
            if place - before > 1:
                self._note_length(closed_at[place])
            self._peak_at, before = closed_at[place], place
        self._below = len(equity) - 1 - before
        self._equity, self._peak = equity[-1], peaks[-1]

    def ended(self, end: datetime) -> Drawdown:
        """Return what was found by the end of the range."""
        rate, fall, at = self._depth
        is_below = self._equity < self._peak
        if is_below:
            self._note_length(end.isoformat())
        seconds, since = self._longest
        return Drawdown(
            depth_rate=rate,
            depth_usd=fall,
            deepest_at=datetime.fromisoformat(at) if at else None,
            longest_seconds=seconds,
            longest_from=datetime.fromisoformat(since) if since else None,
            is_recovered=not is_below,
        )

    def _note_depth(
        self, equity: Sequence[float], peaks: Sequence[float], closed_at: Sequence[str]
    ) -> None:
        if self._peak <= 0:
            return  # a share of nothing is none
        falls = list(map(sub, peaks, equity))
        rates = list(map(truediv, falls, peaks))
        deepest = max(rates)
        if deepest > self._depth[0]:
            place = rates.index(deepest)
            self._depth = (deepest, falls[place], closed_at[place])

    def _note_length(self, until: str) -> None:
        since = datetime.fromisoformat(self._peak_at)
        seconds = (datetime.fromisoformat(until) - since).total_seconds()
        if seconds > self._longest[0]:
            self._longest = (seconds, self._peak_at)
