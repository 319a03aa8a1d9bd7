"""What a strategy answers, and the interface that every strategy keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from cerberus.domain.market import Candle
from cerberus.domain.signals import Signal


@dataclass(frozen=True, slots=True)
class Verdict:
    """A signal, or the reason why there is none, with the indicator values behind it."""

    symbol: str
    strategy: str
    signal: Signal | None
    reason: str
    values: Mapping[str, Decimal] = field(default_factory=dict)


class Strategy(Protocol):
    """Candles in, a verdict out; the same candles always give the same verdict."""

    @property
    def name(self) -> str:
        """The name in the registry, in signals and in reports."""

    @property
    def bars_needed(self) -> int:
        """How many closed bars the strategy looks at."""

    def evaluate(
        self, symbol: str, timeframe: str, candles: Sequence[Candle], now: datetime
    ) -> Verdict:
        """Judge the last closed bar."""
