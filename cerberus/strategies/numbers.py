"""The border between exact money and the floats of the indicators: one function each way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.market import Candle


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Highs, lows and closes as floats, oldest first."""

    highs: tuple[float, ...]
    lows: tuple[float, ...]
    closes: tuple[float, ...]


def to_floats(candles: Sequence[Candle]) -> PriceSeries:
    """Return the prices of the candles for the indicators."""
    return PriceSeries(
        highs=tuple(float(candle.high) for candle in candles),
        lows=tuple(float(candle.low) for candle in candles),
        closes=tuple(float(candle.close) for candle in candles),
    )


def to_decimal(value: float, places: int) -> Decimal:
    """Return an indicator's value, rounded to a number of places, for signals and reports."""
    return Decimal(f"{value:.{places}f}")
