"""What becomes of a fused signal: an entry, an exit, or nothing."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cerberus.domain.market import ONE, ZERO, MarketType
from cerberus.domain.signals import Side, Signal
from cerberus.errors import Invalid
from cerberus.strategies.bars import bar_length


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about the symbol: the side that is held, and the bar of the last entry.

    `held` None means flat. Leave out the whole standing where the position is not known.
    """

    held: Side | None = None
    last_entry_bar: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules between fusion and risk; they keep futile wishes from being made.

    Leaving is always allowed, entering must be earned: the minimum confidence, the sides and the
    cool-off bind entries only. `cool_off_bars` is the number of bars from one entry to the next,
    so that 1 allows one entry a bar. Risk repeats what matters with the position of that moment.
    """

    confidence_min: Decimal = Decimal("0.5")
    cool_off_bars: int = 1
    allow_short_swap: bool = True

    def __post_init__(self) -> None:
        if not ZERO <= self.confidence_min <= ONE:
            raise Invalid("confidence_min", f"must lie in 0..1, was {self.confidence_min}")
        if self.cool_off_bars < 1:
            raise Invalid("cool_off_bars", f"must be at least 1, was {self.cool_off_bars}")

    def objection(self, signal: Signal, standing: Standing | None) -> str | None:
        """Return why nothing becomes of the signal, or None where it may go on to risk."""
        if standing is not None and standing.held is signal.side:
            return f"already {'long' if signal.side is Side.BUY else 'short'}"
        if standing is not None and standing.held is signal.side.opposite:
            return None
        return (
            self._short_objection(signal, standing)
            or self._confidence_objection(signal)
            or self._cool_off_objection(signal, standing)
        )

    def _short_objection(self, signal: Signal, standing: Standing | None) -> str | None:
        if signal.side is Side.BUY:
            return None
        if _market_type(signal.symbol) is MarketType.SPOT:
            # with an unknown position it may be an exit; risk refuses a sale without holdings
            return None if standing is None else "nothing is held, and spot cannot be sold short"
        return None if self.allow_short_swap else "short entries are switched off"

    def _confidence_objection(self, signal: Signal) -> str | None:
        if signal.confidence >= self.confidence_min:
            return None
        return f"confidence {signal.confidence} is below the minimum {self.confidence_min}"

    def _cool_off_objection(self, signal: Signal, standing: Standing | None) -> str | None:
        if standing is None or standing.last_entry_bar is None:
            return None
        if signal.bar is None or signal.timeframe is None:
            return None
        passed = (signal.bar - standing.last_entry_bar) // bar_length(signal.timeframe)
        if passed >= self.cool_off_bars:
            return None
        return f"last entry was {passed} bars ago, cool-off is {self.cool_off_bars}"


def _market_type(symbol: str) -> MarketType:
    return MarketType.SWAP if ":" in symbol else MarketType.SPOT
