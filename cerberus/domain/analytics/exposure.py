"""For how much of the time something was held, and how much on average."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import mul, sub

from cerberus.domain.analytics.columns import Holding, Span, iso


@dataclass(frozen=True, slots=True)
class Exposure:
    """What was held over the range.

    `time_rate` is the share of the range in which anything was held; `average_usd` the value at
    entry of all that was held, averaged over the whole range; `average_rate` the same as a share
    of the equity at its start.
    """

    time_rate: float = 0.0
    average_usd: float = 0.0
    average_rate: float | None = None


class Held:
    """Follows positions in the order in which they were closed.

    Times that overlap become one stretch. Whatever comes closes later than all before, so only the
    newest stretches can still grow together, and they lie on a stack.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._start = iso(span.start)
        self._stretches: list[tuple[str, str]] = []
        self._weighted = 0.0

    def follow(
        self, opened_at: Sequence[str], closed_at: Sequence[str], values: Sequence[float]
    ) -> None:
        """Go on with positions that were closed in the range."""
        if not opened_at:
            return
        if min(opened_at) < self._start:
            opened_at = [max(one, self._start) for one in opened_at]
        until = map(datetime.fromisoformat, closed_at)
        lasting = map(sub, until, map(datetime.fromisoformat, opened_at))
        self._weighted += sum(map(mul, map(timedelta.total_seconds, lasting), values))
        self._join(opened_at, closed_at)

    def join(self, later: "Held") -> None:
        """Go on with positions that were closed later."""
        self._weighted += later._weighted
        if later._stretches:
            self._join(*zip(*later._stretches, strict=True))

    def ended(self, holdings: Sequence[Holding], equity: float) -> Exposure:
        """Return the exposure, with what was still held at the end."""
        end = iso(self._span.end)
        left = [one for one in holdings if one.opened_at < end]
        self.follow([one.opened_at for one in left], [end] * len(left), [one.value for one in left])
        seconds = sum(
            (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
            for since, until in self._stretches
        )
        average = self._weighted / self._span.seconds
        return Exposure(
            time_rate=seconds / self._span.seconds,
            average_usd=average,
            average_rate=average / equity if equity > 0 else None,
        )

    def _join(self, opened_at: Sequence[str], closed_at: Sequence[str]) -> None:
        stretches = self._stretches
        since, until = stretches.pop() if stretches else (opened_at[0], opened_at[0])
        for opened, closed in zip(opened_at, closed_at, strict=True):
            if opened > until:
                stretches.append((since, until))
                since = opened
            elif opened < since:
                since = opened
                while stretches and stretches[-1][1] >= since:
                    since = min(since, stretches.pop()[0])
            until = closed
        stretches.append((since, until))
