"""Closed trades for the statistics, written as a person would tell them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cerberus.domain.analytics.columns import Background, Columns, Span, iso
from cerberus.domain.analytics.report import Report, report
from cerberus.domain.analytics.tally import Tally

#: a Monday
START = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = Span(START, START + timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Told:
    """One trade; hours are counted from the start of the range."""

    hour: float
    net: str
    lasted_hours: float = 1.0
    fees: str = "0"
    funding: str = "0"
    symbol: str = "BTC/USDT"
    strategy: str = "cross"
    value: float = 1000.0
    slippage: float = 0.0


def columns(trades: Iterable[Told]) -> Columns:
    told = sorted(trades, key=lambda one: one.hour)
    closed = [START + timedelta(hours=one.hour) for one in told]
    lasting = [timedelta(hours=one.lasted_hours) for one in told]
    return Columns(
        closed_at=[iso(at) for at in closed],
        opened_at=[iso(at - long) for at, long in zip(closed, lasting, strict=True)],
        kind=[(one.symbol, one.strategy) for one in told],
        net=[Decimal(one.net) for one in told],
        fees=[Decimal(one.fees) for one in told],
        funding=[Decimal(one.funding) for one in told],
        result=[float(one.net) for one in told],
        value=[one.value for one in told],
        slippage=[one.slippage for one in told],
    )


def report_of(
    *trades: Told,
    equity: str = "1000",
    span: Span = WEEK,
    parts: int = 1,
    are_joined: bool = False,
    **more: object,
) -> Report:
    """Return the report of trades that came in so many parts."""
    tally = Tally(span)
    told = sorted(trades, key=lambda one: one.hour)
    size = max(1, -(-len(told) // parts))
    for start in range(0, len(told), size):
        if are_joined:
            later = Tally(span)
            later.add(columns(told[start : start + size]))
            tally.join(later)
        else:
            tally.add(columns(told[start : start + size]))
    return report(tally, Background(Decimal(equity), **more))  # type: ignore[arg-type]  # holdings
