"""The step that all strategies share: closed bars in, a signal with exits out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cerberus.domain.signals import Side, Signal
from cerberus.models.indicators import average_true_range
from cerberus.strategies.bars import ClosedBars, bar_length
from cerberus.strategies.exits import ExitRule
from cerberus.strategies.numbers import PriceSeries, to_decimal
from cerberus.strategies.verdict import Verdict

CONFIDENCE_PLACES = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """What is being judged: the closed bars of one symbol, by one strategy, at one moment."""

    strategy: str
    symbol: str
    timeframe: str
    bars: ClosedBars
    prices: PriceSeries
    now: datetime

    def decline(self, reason: str, values: Mapping[str, Decimal]) -> Verdict:
        """Return the verdict that there is no signal."""
        return Verdict(self.symbol, self.strategy, None, reason, values)

    def propose(
        self,
        side: Side,
        confidence: float,
        reason: str,
        values: Mapping[str, Decimal],
        exits: ExitRule,
    ) -> Verdict:
        """Return the verdict with a signal for the last closed bar."""
        prices = self.prices
        atr = average_true_range(prices.highs, prices.lows, prices.closes, exits.atr_period)[-1]
        stop, target = exits.levels(atr, prices.closes[-1])
        signal = Signal(
            symbol=self.symbol,
            side=side,
            strategy=self.strategy,
            confidence=to_decimal(confidence, CONFIDENCE_PLACES),
            created_at=self.now,
            # an opinion about one bar is worth one more bar
            expires_at=self.now + bar_length(self.timeframe),
            stop_loss=stop,
            take_profit=target,
            timeframe=self.timeframe,
            bar=self.bars.last.opened_at,
            reason=f"{reason}; stop {stop.value} % and target {target.value} % away",
        )
        shown = {**values, "atr": to_decimal(atr, 8), "close": self.bars.last.close}
        return Verdict(self.symbol, self.strategy, signal, signal.reason, shown)
