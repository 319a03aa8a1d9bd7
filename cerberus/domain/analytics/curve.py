"""The equity after each trade, and how deep and how long it fell below its peak."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, compress
from math import inf
from operator import eq

from cerberus.domain.analytics.columns import Span, iso


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


@dataclass(slots=True)
class Turns:
    """The highs of a curve and the lowest points between them: all that its drawdowns need.

    Values are counted from where the curve begins, so that one part can go on from another one.
    """

    equity: float = 0.0
    _points: list[tuple[float, str]] = field(default_factory=list)
    _peak: float = -inf
    _low: tuple[float, str] | None = None
    _last_at: str = ""

    def follow(self, results: Sequence[float], closed_at: Sequence[str]) -> None:
        """Go on with trades in the order in which they were closed."""
        if not results:
            return
        equity = list(accumulate(results, initial=self.equity))[1:]
        peaks = list(accumulate(equity, max, initial=self._peak))[1:]
        before = -1
        for place in compress(range(len(equity)), map(eq, equity, peaks)):
            if place - before > 1:
                self._note_low(equity, closed_at, before + 1, place)
            self._keep_low()
            self._points.append((equity[place], closed_at[place]))
            before = place
        if before + 1 < len(equity):
            self._note_low(equity, closed_at, before + 1, len(equity))
        self.equity, self._peak, self._last_at = equity[-1], peaks[-1], closed_at[-1]

    def join(self, later: "Turns") -> None:
        """Go on with a part of the curve that follows."""
        self._keep_low()
        base = self.equity
        self._points += [(base + value, at) for value, at in later.points()]
        self.equity, self._peak = base + later.equity, max(self._peak, base + later._peak)
        self._last_at = later._last_at or self._last_at

    def points(self) -> Iterator[tuple[float, str]]:
        """Yield the turns in their order, and at last where the curve ends."""
        yield from self._points
        if self._low is not None:
            yield self._low
        if self._last_at:
            yield self.equity, self._last_at

    def _note_low(
        self, equity: Sequence[float], closed_at: Sequence[str], start: int, end: int
    ) -> None:
        part = equity[start:end]
        lowest = min(part)
        if self._low is None or lowest < self._low[0]:
            self._low = (lowest, closed_at[start + part.index(lowest)])

    def _keep_low(self) -> None:
        if self._low is not None:
            self._points.append(self._low)
            self._low = None


def drawdown(turns: Turns, equity: float, span: Span) -> Drawdown:
    """Return the drawdown of a curve that begins with an equity."""
    peak, peak_at, is_below = equity, iso(span.start), False
    depth, length = (0.0, 0.0, ""), (0.0, "")
    for value, at in turns.points():
        now = equity + value
        if now >= peak:
            if is_below:
                length = max(length, (_seconds(peak_at, at), peak_at))
            peak, peak_at, is_below = now, at, False
            continue
        is_below = True
        if peak > 0 and (peak - now) / peak > depth[0]:
            depth = ((peak - now) / peak, peak - now, at)
    if is_below:
        length = max(length, (_seconds(peak_at, iso(span.end)), peak_at))
    return Drawdown(
        depth_rate=depth[0],
        depth_usd=depth[1],
        deepest_at=_moment(depth[2]),
        longest_seconds=length[0],
        longest_from=_moment(length[1]),
        is_recovered=not is_below,
    )


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
