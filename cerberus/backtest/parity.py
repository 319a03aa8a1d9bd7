"""Live trades beside the backtest's, one by one: what differs, and by how much.

A difference in basis points is a share of the backtest's price, or of the value at entry; above 0
live paid more, or was paid less. Results are the other way round: live less backtest. Funding is in
neither, since a backtest knows none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from statistics import median

from cerberus.backtest.course import Course, Stand
from cerberus.domain.market import ZERO
from cerberus.domain.signals import Side

BPS = Decimal(10_000)
#: how many of the largest differences are named
MOST_NAMED = 5


class Outcome(StrEnum):
    """What can be compared of a signal.

    ==================  =======================================================================
    ``both``            closed on both sides: everything
    ``open``            entered on both sides, still open on one at least: the entry
    ``live_only``       live has traded, the backtest has not
    ``backtest_only``   the backtest has traded; live has refused, not executed or not filled it
    ``neither``         nobody has traded it
    ``waiting``         the candles do not tell yet, or live still waits
    ``unknown``         it cannot be followed; `note` says why
    ==================  =======================================================================
    """

    BOTH = "both"
    OPEN = "open"
    LIVE_ONLY = "live_only"
    BACKTEST_ONLY = "backtest_only"
    NEITHER = "neither"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lived:
    """What really became of a signal; prices are averages of the fills, `net` is without funding.

    `status` is the trade's, or the signal's where there was none; `note` says why.
    """

    status: str
    is_over: bool
    quantity: Decimal = ZERO
    entry_price: Decimal | None = None
    exit_price: Decimal | None = None
    reason: str = ""
    net: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One signal on both sides; `quantity` is what both results are of."""

    signal_id: str
    trade_id: str | None
    symbol: str
    side: Side
    strategy: str
    at: datetime
    quantity: Decimal
    lived: Lived
    course: Course
    note: str = ""

    @property
    def outcome(self) -> Outcome:
        """What can be compared."""
        stand, has_entered = self.course.stand, self.lived.entry_price is not None
        if self.note:
            return Outcome.UNKNOWN
        if stand is Stand.WAITING:
            return Outcome.WAITING
        if stand is Stand.UNFILLED:
            if has_entered:
                return Outcome.LIVE_ONLY
            return Outcome.NEITHER if self.lived.is_over else Outcome.WAITING
        if not has_entered:
            return Outcome.BACKTEST_ONLY if self.lived.is_over else Outcome.WAITING
        is_whole = stand is Stand.CLOSED and self.lived.exit_price is not None
        return Outcome.BOTH if is_whole and self.lived.is_over else Outcome.OPEN

    @property
    def backtest_net(self) -> Decimal | None:
        """What the backtest has made of the quantity."""
        return self.course.net(self.side, self.quantity) if self.quantity else None

    @property
    def entry_bps(self) -> Decimal | None:
        """How much worse live has entered."""
        entry = self.course.entry
        if self.lived.entry_price is None or entry is None:
            return None
        return (self.lived.entry_price / entry.price - 1) * self.side.sign * BPS

    @property
    def exit_bps(self) -> Decimal | None:
        """How much worse live has left."""
        leg = self.course.exit
        if self.outcome is not Outcome.BOTH or self.lived.exit_price is None or leg is None:
            return None
        return (1 - self.lived.exit_price / leg.price) * self.side.sign * BPS

    @property
    def pnl_usd(self) -> Decimal | None:
        """How much more live has made."""
        theirs, ours = self.backtest_net, self.lived.net
        if self.outcome is not Outcome.BOTH or theirs is None or ours is None:
            return None
        return ours - theirs

    @property
    def pnl_bps(self) -> Decimal | None:
        """How much more live has made of what it had put in."""
        difference, price = self.pnl_usd, self.lived.entry_price
        if difference is None or price is None:
            return None
        return difference / (price * self.quantity) * BPS

    @property
    def has_same_reason(self) -> bool | None:
        """Whether both have left for the same reason; None where one has not left."""
        if self.outcome is not Outcome.BOTH:
            return None
        return self.lived.reason == self.course.reason


@dataclass(frozen=True, slots=True)
class Parity:
    """The comparison of several signals."""

    rows: Sequence[Row]
    #: signals that closed what another had opened: part of that one's row
    closings: int = 0

    def count(self, outcome: Outcome) -> int:
        """Return how many signals ended so."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def compared(self) -> list[Row]:
        """The trades that are closed on both sides."""
        return [row for row in self.rows if row.pnl_bps is not None]

    @property
    def other_reasons(self) -> int:
        """How many were left for another reason than the backtest's."""
        return sum(row.has_same_reason is False for row in self.rows)

    @property
    def live_usd(self) -> Decimal:
        """What live has made of the trades that are closed on both sides."""
        return sum((row.lived.net or ZERO for row in self.compared), ZERO)

    @property
    def backtest_usd(self) -> Decimal:
        """What the backtest has made of them."""
        return sum((row.backtest_net or ZERO for row in self.compared), ZERO)

    @property
    def missed_usd(self) -> Decimal:
        """What the backtest has made of closed trades that live has not traded."""
        missed = [row for row in self.rows if row.outcome is Outcome.BACKTEST_ONLY]
        return sum((row.backtest_net or ZERO for row in missed), ZERO)

    def middle(self, measure: Callable[[Row], Decimal | None]) -> Decimal | None:
        """Return the median of what can be measured, None where nothing can."""
        found = [value for row in self.rows if (value := measure(row)) is not None]
        return median(found) if found else None

    @property
    def median_distance_bps(self) -> Decimal | None:
        """The median of how far results lie apart, whichever is better."""
        return self.middle(lambda row: None if row.pnl_bps is None else abs(row.pnl_bps))

    @property
    def largest(self) -> list[Row]:
        """The trades whose results lie furthest apart, the worst first."""
        return sorted(self.compared, key=lambda row: -abs(row.pnl_bps or ZERO))[:MOST_NAMED]

    def is_beyond(self, threshold_bps: Decimal) -> bool:
        """Return whether live and backtest lie so far apart that a person should look."""
        apart = self.median_distance_bps
        return apart is not None and apart > threshold_bps
