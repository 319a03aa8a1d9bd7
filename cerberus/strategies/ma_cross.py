"""Moving-average cross: follow a trend from the bar on which it turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cerberus.domain.market import Candle
from cerberus.domain.signals import Side
from cerberus.errors import Invalid
from cerberus.models.indicators import average_true_range, exponential_moving_average
from cerberus.strategies.bars import NoBars, closed_bars
from cerberus.strategies.exits import ExitRule
from cerberus.strategies.numbers import to_decimal, to_floats
from cerberus.strategies.proposal import Judged
from cerberus.strategies.verdict import Verdict

#: after five periods an exponential average remembers 0.05 per mille of what came before
_PERIODS_SEEN = 5
#: averages nearer than this share of the price touch: in a flat market only rounding parts them
_TOUCHING = 1e-9


@dataclass(frozen=True, slots=True)
class MaCross:
    """Signal on the closed bar on which the fast average crosses the slow one.

    Confidence is 0.5 where the averages touch and grows in a straight line with their distance to 1
    at half an average true range: a cross by 0.1 ranges gives 0.6.
    """

    fast: int = 9
    slow: int = 21
    exits: ExitRule = field(default_factory=ExitRule)

    def __post_init__(self) -> None:
        if not 1 <= self.fast < self.slow:
            raise Invalid("fast", f"must lie in 1..{self.slow - 1}, was {self.fast}")

    @property
    def name(self) -> str:
        """The name in the registry."""
        return "ma_cross"

    @property
    def bars_needed(self) -> int:
        """How many closed bars the strategy looks at."""
        return max(self.slow * _PERIODS_SEEN, self.exits.atr_period * 10) + 1

    def evaluate(
        self, symbol: str, timeframe: str, candles: Sequence[Candle], now: datetime
    ) -> Verdict:
        """Judge the last closed bar."""
        bars = closed_bars(candles, timeframe, now, self.bars_needed)
        if isinstance(bars, NoBars):
            return Verdict(symbol, self.name, None, bars.reason)
        judged = Judged(self.name, symbol, timeframe, bars, to_floats(bars.candles), now)
        closes = judged.prices.closes
        fast = exponential_moving_average(closes, self.fast)[-2:]
        slow = exponential_moving_average(closes, self.slow)[-2:]
        values = {"fast": to_decimal(fast[-1], 8), "slow": to_decimal(slow[-1], 8)}
        side = _crossing(_gap(fast[0], slow[0]), _gap(fast[1], slow[1]))
        described = f"ema {self.fast} at {fast[-1]:.8g}, ema {self.slow} at {slow[-1]:.8g}"
        if side is None:
            return judged.decline(f"no cross: {described}", values)
        way = "above" if side is Side.BUY else "below"
        confidence = 0.5 + min(0.5, self._distance(judged, fast[-1] - slow[-1]))
        reason = f"fast average crossed {way} the slow one: {described}"
        return judged.propose(side, confidence, reason, values, self.exits)

    def _distance(self, judged: Judged, gap: float) -> float:
        prices = judged.prices
        atr = average_true_range(prices.highs, prices.lows, prices.closes, self.exits.atr_period)
        return abs(gap) / atr[-1] if atr[-1] > 0.0 else 0.0


def _gap(fast: float, slow: float) -> float:
    return fast - slow if abs(fast - slow) > _TOUCHING * slow else 0.0


def _crossing(before: float, after: float) -> Side | None:
    # from touching counts as a cross, to touching does not: a cross is seen exactly once
    if before <= 0.0 < after:
        return Side.BUY
    if before >= 0.0 > after:
        return Side.SELL
    return None
