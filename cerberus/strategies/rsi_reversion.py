"""RSI reversion: buy what has been sold too far, sell what has been bought too far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cerberus.domain.market import Candle
from cerberus.domain.signals import Side
from cerberus.errors import Invalid
from cerberus.models.indicators import relative_strength_index
from cerberus.strategies.bars import NoBars, closed_bars
from cerberus.strategies.exits import ExitRule
from cerberus.strategies.numbers import to_decimal, to_floats
from cerberus.strategies.proposal import Judged
from cerberus.strategies.verdict import Verdict

#: after ten periods Wilder's smoothing remembers 0.05 per mille of what came before
_PERIODS_SEEN = 10


@dataclass(frozen=True, slots=True)
class RsiReversion:
    """Signal on every closed bar on which RSI lies at or beyond a threshold.

    It is the state that counts, not the crossing: as long as RSI stays beyond the threshold each
    bar gives a signal of its own. Confidence is 0.5 at the threshold and grows in a straight line
    to 1 at the end of the scale: for oversold 30, RSI 15 gives 0.75.
    """

    period: int = 14
    oversold: float = 30.0
    overbought: float = 70.0
    exits: ExitRule = field(default_factory=ExitRule)

    def __post_init__(self) -> None:
        if self.period < 2:
            raise Invalid("period", f"must be at least 2, was {self.period}")
        if not 0.0 < self.oversold < self.overbought < 100.0:
            raise Invalid(
                "oversold",
                f"must lie above 0 and below overbought {self.overbought}, was {self.oversold}",
            )

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "rsi_reversion"

    @property
    def bars_needed(self) -> int:
        """How many closed bars the strategy looks at."""
        return max(self.period, self.exits.atr_period) * _PERIODS_SEEN + 1

    def evaluate(
        self, symbol: str, timeframe: str, candles: Sequence[Candle], now: datetime
    ) -> Verdict:
        """Judge the last closed bar."""
        bars = closed_bars(candles, timeframe, now, self.bars_needed)
        if isinstance(bars, NoBars):
            return Verdict(symbol, self.name, None, bars.reason)
        judged = Judged(self.name, symbol, timeframe, bars, to_floats(bars.candles), now)
        rsi = relative_strength_index(judged.prices.closes, self.period)[-1]
        values = {"rsi": to_decimal(rsi, 4)}
        if rsi <= self.oversold:
            reason = f"rsi {rsi:.2f} is at or below {self.oversold:g}"
            depth = (self.oversold - rsi) / self.oversold
            return judged.propose(Side.BUY, 0.5 + depth / 2, reason, values, self.exits)
        if rsi >= self.overbought:
            reason = f"rsi {rsi:.2f} is at or above {self.overbought:g}"
            depth = (rsi - self.overbought) / (100.0 - self.overbought)
            return judged.propose(Side.SELL, 0.5 + depth / 2, reason, values, self.exits)
        reason = f"rsi {rsi:.2f} lies between {self.oversold:g} and {self.overbought:g}"
        return judged.decline(reason, values)
