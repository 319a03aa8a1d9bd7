"""The trades of a range, counted part by part in the order in which they were closed."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from math import fsum

from cerberus.domain.analytics.columns import Background, Columns, Span
from cerberus.domain.analytics.curve import Curve
from cerberus.domain.analytics.exposure import Held
from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.market import ZERO

#: borders of the distribution of results: 1, 2 and 5 of each power of ten, on both sides of zero
_ABOVE = [digit * 10.0**power for power in range(-2, 6) for digit in (1, 2, 5)]
BORDERS = (*(-one for one in reversed(_ABOVE)), 0.0, *_ABOVE)


@dataclass(slots=True)
class Tally:
    """Everything that is counted of a range; `add` takes its trades in the order of closing."""

    span: Span
    background: Background
    funding: Decimal = ZERO
    best: Decimal | None = None
    worst: Decimal | None = None
    value: float = 0.0
    slippage: float = 0.0
    by_kind: dict[str, Outcomes] = field(default_factory=lambda: defaultdict(Outcomes))
    #: by UTC hour, as 2026-03-02T14
    by_hour: dict[str, Outcomes] = field(default_factory=lambda: defaultdict(Outcomes))
    #: how many results lie before each border, the last ones beyond all
    distribution: Counter[int] = field(default_factory=Counter)
    curve: Curve = field(init=False)
    held: Held = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the equity before the first trade."""
        self.curve = Curve(float(self.background.equity), self.span.start)
        self.held = Held(self.span)

    def add(self, trades: Columns) -> None:
        """Count some more trades."""
        if not trades.net:
            return
        self.funding += sum(trades.funding, ZERO)
        self.value += fsum(trades.value)
        self.slippage += fsum(trades.slippage)
        # the greatest amount is the greatest float too, and floats are quick to compare
        best = trades.net[trades.result.index(max(trades.result))]
        worst = trades.net[trades.result.index(min(trades.result))]
        self.best = best if self.best is None else max(self.best, best)
        self.worst = worst if self.worst is None else min(self.worst, worst)
        self._count_kinds(trades)
        for start, end in _hours(trades.closed_at):
            hour = trades.closed_at[start][:13]
            self.by_hour[hour].add(trades.net[start:end], trades.fees[start:end])
        self.distribution.update(map(bisect_right, repeat(BORDERS), trades.result))
        self.curve.follow(trades.result, trades.closed_at)
        self.held.follow(trades.opened_at, trades.closed_at, trades.value)

    def _count_kinds(self, trades: Columns) -> None:
        net: dict[str, list[Decimal]] = defaultdict(list)
        fees: dict[str, list[Decimal]] = defaultdict(list)
        for kind, one, fee in zip(trades.kind, trades.net, trades.fees, strict=True):
            net[kind].append(one)
            fees[kind].append(fee)
        for kind, results in net.items():
            self.by_kind[kind].add(results, fees[kind])


def _hours(closed_at: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each hour begins and ends; the times are sorted."""
    start = 0
    while start < len(closed_at):
        # after every time of this hour, before any of the next: ":" is above every digit's minute
        end = bisect_right(closed_at, closed_at[start][:13] + ":~", start)
        yield start, end
        start = end
