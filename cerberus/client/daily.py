"""The day in figures, for a person: closed trades, what is held, how much of the limits is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

DAY = timedelta(days=1)
#: the API gives no more trades at a time
MOST_TRADES = 200


class Day(NamedTuple):
    """The figures of the 24 hours before a moment of market time."""

    until: datetime
    trades: int
    winners: int
    net_pnl: Decimal
    fees: Decimal
    best: Decimal
    worst: Decimal
    open_positions: int
    open_result: Decimal
    equity: Decimal
    drawdown_rate: Decimal
    is_complete: bool


def day(
    health: Mapping[str, object],
    risk: Mapping[str, object],
    holdings: Sequence[Mapping[str, object]],
    trades: Sequence[Mapping[str, object]],
) -> Day:
    """Return the figures of the day that ends now; `trades` are the newest closed ones."""
    until = datetime.fromisoformat(str(health["market_time"]))
    closed = [one for one in trades if one.get("closed_at") and _is_within(one, until)]
    results = [_decimal(one["net_pnl"]) for one in closed]
    return Day(
        until=until,
        trades=len(closed),
        winners=sum(result > 0 for result in results),
        net_pnl=sum(results, Decimal(0)),
        fees=sum((_decimal(one["fees"]) for one in closed), Decimal(0)),
        best=max(results, default=Decimal(0)),
        worst=min(results, default=Decimal(0)),
        open_positions=len(holdings),
        open_result=sum((_decimal(one.get("result")) for one in holdings), Decimal(0)),
        equity=_decimal(risk["equity"]),
        drawdown_rate=_decimal(risk["drawdown_rate"]),
        is_complete=len(trades) < MOST_TRADES,
    )


def describe(one: Day) -> str:
    """Return the text for a person."""
    at_least = "" if one.is_complete else "at least "
    won = f", {one.winners} with a gain ({one.winners / one.trades:.0%})" if one.trades else ""
    return "\n".join(
        [
            f"24 hours until {one.until:%Y-%m-%d %H:%M} UTC",
            f"closed trades: {at_least}{one.trades}{won}",
            f"result {one.net_pnl:+.2f} USD after {one.fees:.2f} of fees, "
            f"best {one.best:+.2f}, worst {one.worst:+.2f}",
            f"open positions: {one.open_positions}, {one.open_result:+.2f} USD if closed now",
            f"equity {one.equity:.2f} USD, {one.drawdown_rate:.2%} below its peak",
        ]
    )


def _is_within(trade: Mapping[str, object], until: datetime) -> bool:
    return until - DAY < datetime.fromisoformat(str(trade["closed_at"])) <= until


def _decimal(value: object) -> Decimal:
    return Decimal(str(value or 0))
