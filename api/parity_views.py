"""What the API gives out of a comparison with the backtest: money as text, differences in bps."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from api.views import View
from cerberus.backtest.course import Stand
from cerberus.backtest.parity import Lived, Outcome, Parity, Row
from cerberus.domain.signals import Side
from cerberus.services.parity import Compared


class LivedOut(View):
    """What really became of a signal; `net` is without funding."""

    status: str
    entry_price: Decimal | None
    exit_price: Decimal | None
    reason: str
    net: Decimal | None
    note: str


class BacktestOut(BaseModel):
    """What the backtest makes of it; the times are those of its bars."""

    status: Stand
    entry_at: datetime | None
    entry_price: Decimal | None
    exit_at: datetime | None
    exit_price: Decimal | None
    reason: str
    net: Decimal | None


class RowOut(BaseModel):
    """One signal on both sides; `outcome` says what can be compared."""

    signal_id: str
    trade_id: str | None
    symbol: str
    side: Side
    strategy: str
    at: datetime
    quantity: Decimal
    outcome: Outcome
    note: str
    live: LivedOut
    backtest: BacktestOut
    entry_bps: float | None
    exit_bps: float | None
    pnl_usd: Decimal | None
    pnl_bps: float | None
    has_same_reason: bool | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the view of a row."""
        return cls(
            **{name: getattr(row, name) for name in _SAME},
            live=_live(row.lived),
            backtest=_backtest(row),
            entry_bps=_bps(row.entry_bps),
            exit_bps=_bps(row.exit_bps),
            pnl_bps=_bps(row.pnl_bps),
        )


_SAME = (
    "signal_id",
    "trade_id",
    "symbol",
    "side",
    "strategy",
    "at",
    "quantity",
    "outcome",
    "note",
    "pnl_usd",
    "has_same_reason",
)


class MediansOut(BaseModel):
    """The middle differences; `distance_bps` counts how far results lie apart either way."""

    entry_bps: float | None
    exit_bps: float | None
    pnl_bps: float | None
    distance_bps: float | None


class ParityOut(BaseModel):
    """Live trades beside the backtest's; sums are of trades that are closed on both sides."""

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    timeframe: str
    slippage_bps: float
    threshold_bps: Decimal
    is_beyond: bool
    counts: dict[Outcome, int]
    closings: int
    live_usd: Decimal
    backtest_usd: Decimal
    difference_usd: Decimal
    missed_usd: Decimal
    other_reasons: int
    medians: MediansOut
    largest: list[str]
    rows: list[RowOut]

    @classmethod
    def of(cls, found: Compared, threshold_bps: Decimal) -> Self:
        """Return the view of a comparison."""
        parity = found.parity
        return cls(
            start=found.start,
            end=found.end,
            timeframe=found.model.timeframe,
            slippage_bps=float(found.model.slippage_rate * 10_000),
            threshold_bps=threshold_bps,
            is_beyond=parity.is_beyond(threshold_bps),
            counts={one: parity.count(one) for one in Outcome},
            closings=parity.closings,
            live_usd=parity.live_usd,
            backtest_usd=parity.backtest_usd,
            difference_usd=parity.live_usd - parity.backtest_usd,
            missed_usd=parity.missed_usd,
            other_reasons=parity.other_reasons,
            medians=_medians(parity),
            largest=[row.signal_id for row in parity.largest],
            rows=[RowOut.of(row) for row in parity.rows],
        )


def _medians(parity: Parity) -> MediansOut:
    return MediansOut(
        entry_bps=_bps(parity.middle(lambda row: row.entry_bps)),
        exit_bps=_bps(parity.middle(lambda row: row.exit_bps)),
        pnl_bps=_bps(parity.middle(lambda row: row.pnl_bps)),
        distance_bps=_bps(parity.median_distance_bps),
    )


def _live(lived: Lived) -> LivedOut:
    return LivedOut.model_validate(lived)


def _backtest(row: Row) -> BacktestOut:
    course = row.course
    entry, leaving = course.entry, course.exit
    return BacktestOut(
        status=course.stand,
        entry_at=None if entry is None else entry.at,
        entry_price=None if entry is None else entry.price,
        exit_at=None if leaving is None else leaving.at,
        exit_price=None if leaving is None else leaving.price,
        reason=course.reason,
        net=row.backtest_net,
    )


def _bps(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)
