"""The one call: every strategy, fused, through the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from cerberus.domain.market import ONE, ZERO, Candle
from cerberus.domain.signals import Signal
from cerberus.errors import Invalid
from cerberus.strategies.fusion import fuse
from cerberus.strategies.policy import Policy, Standing
from cerberus.strategies.registry import REGISTRY, strategies_named
from cerberus.strategies.verdict import Strategy, Verdict


@dataclass(frozen=True, slots=True)
class StrategySettings:
    """Which strategies run, how much each is believed (default 1), and the policy."""

    strategies: tuple[Strategy, ...] = field(default_factory=lambda: strategies_named(REGISTRY))
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            if not ZERO < weight <= ONE:
                raise Invalid("weights", f"{name} must lie above 0 and up to 1, was {weight}")

    @property
    def candles_needed(self) -> int:
        """How many candles to fetch: the longest look-back, and the bar that is still open."""
        return max((strategy.bars_needed for strategy in self.strategies), default=0) + 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """At most one signal for a symbol and bar, and everything that was considered.

    `considered` holds one verdict a strategy and, last, the one of fusion and policy together,
    whose signal is `signal`.
    """

    symbol: str
    timeframe: str
    evaluated_at: datetime
    signal: Signal | None
    reason: str
    considered: tuple[Verdict, ...]


def evaluate(
    symbol: str,
    timeframe: str,
    candles: Sequence[Candle],
    now: datetime,
    settings: StrategySettings,
    standing: Standing | None = None,
) -> Evaluation:
    """Judge the last closed bar of a symbol with every strategy.

    Parameters
    ----------
    candles
        Oldest first; `settings.candles_needed` of them suffice. A bar that is still open is left
        out.
    now
        Market time.
    standing
        The position and the last entry, where they are known.

    Raises
    ------
    Invalid
        The timeframe is not one.
    """
    verdicts = [
        strategy.evaluate(symbol, timeframe, candles, now) for strategy in settings.strategies
    ]
    final = _settle(fuse(symbol, verdicts, settings.weights), settings.policy, standing)
    return Evaluation(symbol, timeframe, now, final.signal, final.reason, (*verdicts, final))


def _settle(fused: Verdict, policy: Policy, standing: Standing | None) -> Verdict:
    if fused.signal is None:
        return fused
    objection = policy.objection(fused.signal, standing)
    if objection is None:
        return fused
    return replace(fused, signal=None, reason=f"{objection} ({fused.reason})")
