"""Candles for the tests of strategies: made up, and the real ones that the package carries."""

import csv
import gzip
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources

from cerberus.domain.market import Candle

START = datetime(2017, 9, 3, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def candles(closes: Sequence[float | str], height: str = "1") -> list[Candle]:
    """Return five-minute candles with these closes, each as high as told."""
    half = Decimal(height) / 2
    made = []
    for number, close in enumerate(closes):
        price = Decimal(str(close))
        opened_at = START + number * FIVE_MINUTES
        made.append(Candle(opened_at, price, price + half, price - half, price, Decimal(1)))
    return made


def just_after(bars: Sequence[Candle]) -> datetime:
    """Return the moment one second after the last candle has closed."""
    return bars[-1].opened_at + FIVE_MINUTES + timedelta(seconds=1)


def real_candles(asset: str) -> list[Candle]:
    """Return the bundled minutes of 2017-09-03 and 04 as five-minute candles."""
    file = resources.files("cerberus.simulator.data").joinpath(f"{asset}usd_1m_2017-09-03.csv.gz")
    rows = list(csv.reader(io.StringIO(gzip.decompress(file.read_bytes()).decode())))[1:]
    return [_merge(rows[start : start + 5]) for start in range(0, len(rows), 5)]


def _merge(rows: Sequence[Sequence[str]]) -> Candle:
    columns = [[Decimal(row[column]) for row in rows] for column in range(1, 6)]
    opens, highs, lows, closes, volumes = columns
    opened_at = datetime.fromtimestamp(int(rows[0][0]) / 1000, UTC)
    return Candle(opened_at, opens[0], max(highs), min(lows), closes[-1], sum(volumes, Decimal(0)))
