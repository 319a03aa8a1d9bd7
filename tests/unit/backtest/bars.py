"""Bars written as four prices, one a minute, for what is worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cerberus.backtest.course import Costs, Wanted
from cerberus.domain.market import Candle
from cerberus.domain.signals import Side

D = Decimal
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREE = Costs(D(0), D(0), D(0))


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def bars(*prices: str) -> list[Candle]:
    """Return a bar for each text of open, high, low and close; the first begins at 12:00."""
    rows = [[D(price) for price in text.split()] for text in prices]
    return [Candle(minute(number), *row, D(1)) for number, row in enumerate(rows)]


def long(**changes: Any) -> Wanted:
    """Return a buy at 12:00 with its stop at 98 and its target at 104."""
    return Wanted(**{"side": Side.BUY, "at": START, "stop": D(98), "target": D(104), **changes})


def short(**changes: Any) -> Wanted:
    """Return a sale at 12:00 with its stop at 102 and its target at 96."""
    return Wanted(**{"side": Side.SELL, "at": START, "stop": D(102), "target": D(96), **changes})
