"""All statistics of a range of time, put together from what was counted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, TypeVar

from cerberus.domain.analytics.columns import Background, Span
from cerberus.domain.analytics.curve import Drawdown, drawdown
from cerberus.domain.analytics.exposure import Exposure
from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.analytics.ratios import Ratios, ratios
from cerberus.domain.analytics.tally import BORDERS, Tally

Old = TypeVar("Old")
New = TypeVar("New", bound=Any)

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: of the equity's curve
MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading has cost; slippage is part of the results already, and an estimate."""

    fees: Decimal
    funding: Decimal
    slippage_usd: float
    #: slippage as a share of the value traded at entry
    slippage_rate: float | None
    value_usd: float


@dataclass(frozen=True, slots=True)
class Day:
    """24 hours, counted from the full hour in which the range begins, and the equity after them."""

    start: datetime
    trades: int
    net: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """The equity at a moment."""

    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Bin:
    """How many results lie from a border on and before the next one; None is open."""

    start: float | None
    end: float | None
    trades: int


@dataclass(frozen=True, slots=True)
class Report:
    """The statistics of a range; money is exact, ratios are not."""

    span: Span
    open_positions: int
    equity_start: Decimal
    equity_end: Decimal
    total: Outcomes
    best: Decimal | None
    worst: Decimal | None
    costs: Costs
    ratios: Ratios
    drawdown: Drawdown
    exposure: Exposure
    by_symbol: Mapping[str, Outcomes]
    by_strategy: Mapping[str, Outcomes]
    #: by UTC hour of the close, 0 to 23
    by_hour: Mapping[int, Outcomes]
    #: Monday is 0
    by_weekday: Mapping[int, Outcomes]
    #: by weekday, Monday is 0, and hour
    by_weekday_and_hour: Mapping[tuple[int, int], Outcomes]
    days: Sequence[Day]
    #: the equity after each hour with trades
    curve: Sequence[Point]
    distribution: Sequence[Bin]


def report(tally: Tally, background: Background) -> Report:
    """Return the report of everything that was counted."""
    total = _joined(tally.by_kind.values())
    days = _days(tally, background.equity)
    by_place = _regrouped(tally.by_hour, _weekday_and_hour)
    return Report(
        span=tally.span,
        open_positions=len(background.holdings),
        equity_start=background.equity,
        equity_end=background.equity + total.net,
        total=total,
        best=tally.best,
        worst=tally.worst,
        costs=_costs(tally, total),
        ratios=ratios(_returns(background.equity, days)),
        drawdown=drawdown(tally.turns, float(background.equity), tally.span),
        exposure=tally.held.ended(background.holdings, float(background.equity)),
        by_symbol=_regrouped(tally.by_kind, lambda kind: kind[0]),
        by_strategy=_regrouped(tally.by_kind, lambda kind: kind[1]),
        by_hour=_regrouped(by_place, lambda place: place[1]),
        by_weekday=_regrouped(by_place, lambda place: place[0]),
        by_weekday_and_hour=by_place,
        days=days,
        curve=_points(tally, background.equity),
        distribution=_bins(tally),
    )


def _joined(groups: Iterable[Outcomes]) -> Outcomes:
    total = Outcomes()
    for one in groups:
        total.join(one)
    return total


def _regrouped(groups: Mapping[Old, Outcomes], name: Callable[[Old], New]) -> dict[New, Outcomes]:
    """Return the outcomes by what a function makes of their names, in the order of the new ones."""
    found: dict[New, Outcomes] = defaultdict(Outcomes)
    for old, one in groups.items():
        found[name(old)].join(one)
    return dict(sorted(found.items()))


def _weekday_and_hour(hour: str) -> tuple[int, int]:
    return date.fromisoformat(hour[:10]).weekday(), int(hour[11:13])


def _costs(tally: Tally, total: Outcomes) -> Costs:
    return Costs(
        fees=total.fees,
        funding=tally.funding,
        slippage_usd=tally.slippage,
        slippage_rate=tally.slippage / tally.value if tally.value > 0 else None,
        value_usd=tally.value,
    )


def _days(tally: Tally, equity: Decimal) -> list[Day]:
    """Return the days of the range, those without a trade among them."""
    span, found = tally.span, []
    count = ceil(span.seconds / _DAY.total_seconds())
    first = span.start.replace(minute=0, second=0, microsecond=0)
    # the last minutes of a range that does not begin at a full hour belong to its last day
    by_day = _regrouped(tally.by_hour, lambda hour: min((_moment(hour) - first) // _DAY, count - 1))
    for number in range(count):
        one = by_day.get(number, Outcomes())
        equity += one.net
        found.append(Day(first + number * _DAY, one.trades, one.net, equity))
    return found


def _points(tally: Tally, equity: Decimal) -> list[Point]:
    """Return the equity after each hour with trades, thinned out to what a chart can show."""
    found = [Point(tally.span.start, equity)]
    for hour, one in tally.by_hour.items():
        equity += one.net
        found.append(Point(min(_moment(hour) + _HOUR, tally.span.end), equity))
    step = len(found) // MOST_POINTS + 1
    return [*found[:-1:step], found[-1]]


def _moment(hour: str) -> datetime:
    return datetime.fromisoformat(hour + ":00:00+00:00")


def _returns(equity: Decimal, days: Sequence[Day]) -> list[float] | None:
    """Return what each day made of the equity at its beginning, None when that was ever gone."""
    before = [equity, *(one.equity for one in days[:-1])]
    if any(one <= 0 for one in before):
        return None
    return [float(day.net / start) for day, start in zip(days, before, strict=True)]


def _bins(tally: Tally) -> list[Bin]:
    """Return the distribution between the outermost bins that hold a result."""
    counted = tally.distribution
    if not counted:
        return []
    borders = (None, *BORDERS, None)
    return [
        Bin(borders[number], borders[number + 1], counted[number])
        for number in range(min(counted), max(counted) + 1)
    ]
