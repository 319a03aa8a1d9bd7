"""What the API gives out of statistics: money as text, ratios as numbers, times in UTC."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from api.views import View
from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.analytics.report import WEEKDAYS
from cerberus.services.analytics import Analysis


class OutcomesOut(View):
    """How some trades ended; `lost` and `average_loss` are negative."""

    trades: int
    wins: int
    losses: int
    net: Decimal
    gained: Decimal
    lost: Decimal
    fees: Decimal
    win_rate: Decimal | None
    profit_factor: Decimal | None
    expectancy: Decimal | None
    average_win: Decimal | None
    average_loss: Decimal | None


class GroupOut(OutcomesOut):
    """How the trades of a group ended."""

    name: str

    @classmethod
    def of(cls, groups: Iterable[tuple[str, Outcomes]]) -> list[Self]:
        """Return the views of groups."""
        return [
            cls(name=name, **OutcomesOut.model_validate(one).model_dump()) for name, one in groups
        ]


class CellOut(View):
    """A weekday, 0 is Monday, and an hour in which trades were closed."""

    weekday: int
    hour: int
    trades: int
    net: Decimal


class CostsOut(View):
    """What trading has cost; slippage is an estimate, and part of the results already."""

    fees: Decimal
    funding: Decimal
    slippage_usd: float
    slippage_rate: float | None
    value_usd: float


class RatiosOut(View):
    """Ratios of daily returns over 365 days a year; null where one is not defined."""

    days: int
    total_return: float | None
    annual_growth: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    daily_drawdown_rate: float | None


class DrawdownOut(View):
    """The deepest fall from a peak, trade by trade, and the longest time below one."""

    depth_rate: float
    depth_usd: float
    deepest_at: datetime | None
    longest_seconds: float
    longest_from: datetime | None
    is_recovered: bool


class ExposureOut(View):
    """What was held: for which share of the time, and how much on average."""

    time_rate: float
    average_usd: float
    average_rate: float | None


class DayOut(View):
    """24 hours of the range."""

    start: datetime
    trades: int
    net: Decimal
    equity: Decimal


class BinOut(View):
    """How many results lie from `start` on and before `end`; null is open."""

    start: float | None
    end: float | None
    trades: int


class AdviceOut(View):
    """A recommendation: the value that was measured, and its threshold."""

    name: str
    subject: str
    text: str
    value: float
    limit: float


class ReportFileOut(View):
    """A drawn report; `picture` lies below var/report, and is null where no charts were drawn."""

    name: str
    start: datetime
    end: datetime
    bytes: int
    made_at: datetime
    picture: str | None


class SummaryOut(BaseModel):
    """The statistics of every trade that was closed in the range, without its days."""

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    open_positions: int
    equity_start: Decimal
    equity_end: Decimal
    total: OutcomesOut
    best: Decimal | None
    worst: Decimal | None
    costs: CostsOut
    ratios: RatiosOut
    drawdown: DrawdownOut
    exposure: ExposureOut
    by_symbol: list[GroupOut]
    by_strategy: list[GroupOut]
    by_hour: list[GroupOut]
    by_weekday: list[GroupOut]
    recommendations: list[AdviceOut]


class AnalyticsOut(SummaryOut):
    """The statistics of every trade that was closed in the range."""

    by_weekday_and_hour: list[CellOut]
    days: list[DayOut]
    distribution: list[BinOut]

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        """Return the view of an analysis."""
        one = analysis.report
        cells = [
            CellOut(weekday=day, hour=hour, trades=each.trades, net=each.net)
            for (day, hour), each in one.by_weekday_and_hour.items()
        ]
        return cls(
            **_summary(analysis),
            by_weekday_and_hour=cells,
            days=[DayOut.model_validate(day) for day in one.days],
            distribution=[BinOut.model_validate(part) for part in one.distribution],
        )


class DrawnOut(SummaryOut):
    """The statistics of a range, and where they were drawn."""

    report: ReportFileOut

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        """Return the view of an analysis that was drawn."""
        return cls(**_summary(analysis), report=ReportFileOut.model_validate(analysis.file))


def _summary(analysis: Analysis) -> dict[str, Any]:
    one = analysis.report
    hours = ((f"{hour:02d}:00", each) for hour, each in one.by_hour.items())
    weekdays = ((WEEKDAYS[day], each) for day, each in one.by_weekday.items())
    return {
        "start": one.span.start,
        "end": one.span.end,
        "open_positions": one.open_positions,
        "equity_start": one.equity_start,
        "equity_end": one.equity_end,
        "total": OutcomesOut.model_validate(one.total),
        "best": one.best,
        "worst": one.worst,
        "costs": CostsOut.model_validate(one.costs),
        "ratios": RatiosOut.model_validate(one.ratios),
        "drawdown": DrawdownOut.model_validate(one.drawdown),
        "exposure": ExposureOut.model_validate(one.exposure),
        "by_symbol": GroupOut.of(one.by_symbol.items()),
        "by_strategy": GroupOut.of(one.by_strategy.items()),
        "by_hour": GroupOut.of(hours),
        "by_weekday": GroupOut.of(weekdays),
        "recommendations": [AdviceOut.model_validate(word) for word in analysis.advice],
    }
