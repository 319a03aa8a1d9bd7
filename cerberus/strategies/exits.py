"""Stop and target of a signal, as distances in percent, from the average true range."""

from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.market import ONE, ZERO
from cerberus.domain.signals import Level
from cerberus.errors import Invalid
from cerberus.strategies.numbers import to_decimal

#: places of a percentage: a hundredth of a basis point
_PLACES = 4


@dataclass(frozen=True, slots=True)
class ExitRule:
    """How far stop and target lie from the entry.

    The stop lies `stop_ranges` average true ranges away, clamped to `stop_percent_min` (nearer,
    fees and spread cost more than the stop saves) and `stop_percent_max` (farther, the position is
    too small to be worth it, and high leverage comes close to liquidation). The target lies
    `reward_ratio` times as far as the stop.
    """

    atr_period: int = 14
    stop_ranges: Decimal = Decimal("1.5")
    stop_percent_min: Decimal = Decimal("0.5")
    stop_percent_max: Decimal = Decimal("2.0")
    reward_ratio: Decimal = Decimal("2.0")

    def __post_init__(self) -> None:
        if self.atr_period < 1:
            raise Invalid("atr_period", f"must be at least 1, was {self.atr_period}")
        if not (self.stop_ranges.is_finite() and self.stop_ranges > ZERO):
            raise Invalid("stop_ranges", f"must be above 0, was {self.stop_ranges}")
        if not ZERO < self.stop_percent_min <= self.stop_percent_max < 100:
            raise Invalid(
                "stop_percent_min",
                f"must lie above 0 and up to {self.stop_percent_max}, was {self.stop_percent_min}",
            )
        if not ZERO < self.reward_ratio * self.stop_percent_max < 100:
            raise Invalid(
                "reward_ratio", f"must keep the target below 100 %, was {self.reward_ratio}"
            )

    def levels(self, average_true_range: float, close: float) -> tuple[Level, Level]:
        """Return stop and target for an entry near the close."""
        range_percent = to_decimal(100.0 * average_true_range / close, _PLACES)
        distance = self.stop_ranges * range_percent
        stop = min(max(distance, self.stop_percent_min), self.stop_percent_max)
        return _percent(stop), _percent(stop * self.reward_ratio)


def _percent(value: Decimal) -> Level:
    return Level(value.quantize(ONE.scaleb(-_PLACES)), is_percent=True)
