"""The trades of a range, counted part by part in the order in which they were closed.

Parts that follow each other can be counted apart, each in a process of its own, and joined.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat
from math import fsum

from cerberus.domain.analytics.columns import Columns, Span
from cerberus.domain.analytics.curve import Turns
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
    funding: Decimal = ZERO
    best: Decimal | None = None
    worst: Decimal | None = None
    value: float = 0.0
    slippage: float = 0.0
    by_kind: dict[tuple[str, str], Outcomes] = field(default_factory=lambda: defaultdict(Outcomes))
    #: by UTC hour, as 2026-03-02T14
    by_hour: dict[str, Outcomes] = field(default_factory=lambda: defaultdict(Outcomes))
    #: how many results lie before each border, the last ones beyond all
    distribution: Counter[int] = field(default_factory=Counter)
    turns: Turns = field(default_factory=Turns)
    held: Held = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing held."""
        self.held = Held(self.span)

    def add(self, trades: Columns) -> None:
        """Count some more trades."""
        if not trades.net:
            return
        self.funding += sum(filter(None, trades.funding), ZERO)
        self.value += fsum(trades.value)
        self.slippage += fsum(trades.slippage)
        # the greatest amount is the greatest float too, and floats are quick to compare
        self._note_extremes(
            trades.net[trades.result.index(max(trades.result))],
            trades.net[trades.result.index(min(trades.result))],
        )
        for start, end in _hours(trades.closed_at):
            part = slice(start, end)
            hour = trades.closed_at[start][:13]
            self.by_hour[hour].add(trades.net[part], trades.fees[part])
        self._count_kinds(trades)
        self.distribution.update(map(bisect_right, repeat(BORDERS), trades.result))
        self.turns.follow(trades.result, trades.closed_at)
        self.held.follow(trades.opened_at, trades.closed_at, trades.value)

    def join(self, later: "Tally") -> None:
        """Count the trades of the part of the range that follows."""
        self.funding += later.funding
        self.value += later.value
        self.slippage += later.slippage
        if later.best is not None and later.worst is not None:
            self._note_extremes(later.best, later.worst)
        for kind, outcomes in later.by_kind.items():
            self.by_kind[kind].join(outcomes)
        for hour, outcomes in later.by_hour.items():
            self.by_hour[hour].join(outcomes)
        self.distribution.update(later.distribution)
        self.turns.join(later.turns)
        self.held.join(later.held)

    def _note_extremes(self, best: Decimal, worst: Decimal) -> None:
        self.best = best if self.best is None else max(self.best, best)
        self.worst = worst if self.worst is None else min(self.worst, worst)

    def _count_kinds(self, trades: Columns) -> None:
        groups: dict[tuple[str, str], tuple[list[Decimal], list[Decimal]]] = {}
        for kind, one, fee in zip(trades.kind, trades.net, trades.fees, strict=True):
            known = groups.get(kind)
            if known is None:
                groups[kind] = ([one], [fee])
            else:
                known[0].append(one)
                known[1].append(fee)
        for kind, (results, fees) in groups.items():
            self.by_kind[kind].add(results, fees)


def _hours(closed_at: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each hour begins and ends; the times are sorted."""
    start = 0
    while start < len(closed_at):
        # after every time of this hour, before any of the next: ":" is above every digit's minute
        end = bisect_right(closed_at, closed_at[start][:13] + ":~", start)
        yield start, end
        start = end
