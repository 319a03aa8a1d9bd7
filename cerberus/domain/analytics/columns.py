"""Closed trades as columns, in the order in which they were closed: what the statistics read.

A million trades are read as columns, because an object for each of them would take longer than all
that is computed from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Columns:
    """Some closed trades, all columns of one length.

    Times are UTC in ISO form with microseconds, so that their order as text is that of time.
    """

    closed_at: Sequence[str]
    opened_at: Sequence[str]
    #: symbol and strategy
    kind: Sequence[tuple[str, str]]
    #: what each trade made after fees, with funding
    net: Sequence[Decimal]
    fees: Sequence[Decimal]
    funding: Sequence[Decimal]
    #: the net result once more, for statistics that are no money
    result: Sequence[float]
    #: the value at the average entry price
    value: Sequence[float]
    #: what a worse entry price than planned has cost; a better one is negative
    slippage: Sequence[float]


@dataclass(frozen=True, slots=True)
class Span:
    """The range of a report, from a moment on and before another one."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse a range that holds no time."""
        if self.end <= self.start:
            raise ValueError(f"a range must end after {self.start}, was {self.end}")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Holding:
    """A position that was still open at the end of the range."""

    opened_at: str
    value: float


@dataclass(frozen=True, slots=True)
class Background:
    """What is needed beside the trades: the equity before them, and what was left open."""

    equity: Decimal
    holdings: Sequence[Holding] = ()


def iso(at: datetime) -> str:
    """Return a moment in the form of the columns."""
    return at.isoformat(timespec="microseconds")
