"""Many opinions about one bar become at most one signal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cerberus.domain.market import ONE
from cerberus.domain.signals import Signal
from cerberus.strategies.proposal import CONFIDENCE_PLACES
from cerberus.strategies.verdict import Verdict

NAME = "fusion"


def fuse(symbol: str, verdicts: Sequence[Verdict], weights: Mapping[str, Decimal]) -> Verdict:
    """Return one verdict for a symbol and bar.

    ============================  ====================================================
    verdicts                      result
    ============================  ====================================================
    no signal                     none, with each strategy's reason
    signals on both sides         none: strategies that contradict each other know nothing
    signals on one side           one signal, confidence 1 - (1 - w1 c1)(1 - w2 c2)...
    ============================  ====================================================

    The rule for the confidence treats the sources as independent: agreement raises it (0.6 and 0.5
    give 0.8), it never exceeds 1, and a lone signal of weight 1 keeps its own. A weight, 0 to 1,
    says how much of a strategy's confidence to believe. Stop and target are those of the source
    with the highest weighted confidence, so that they keep their ratio. The signal is named after
    its sources, for example ``fusion:ma_cross+rsi_reversion``.
    """
    signals = [verdict.signal for verdict in verdicts if verdict.signal is not None]
    if not signals:
        reasons = "; ".join(f"{verdict.strategy}: {verdict.reason}" for verdict in verdicts)
        return Verdict(symbol, NAME, None, reasons or "no strategy is enabled")
    if len({signal.side for signal in signals}) > 1:
        opinions = ", ".join(f"{signal.strategy} says {signal.side}" for signal in signals)
        return Verdict(symbol, NAME, None, f"conflict: {opinions}")
    fused = _merge(signals, [weights.get(signal.strategy, ONE) for signal in signals])
    return Verdict(symbol, NAME, fused, fused.reason, {"confidence": fused.confidence})


def _merge(signals: Sequence[Signal], weights: Sequence[Decimal]) -> Signal:
    believed = [signal.confidence * weight for signal, weight in zip(signals, weights, strict=True)]
    doubt = ONE
    for confidence in believed:
        doubt *= ONE - confidence
    leader = signals[believed.index(max(believed))]
    return replace(
        leader,
        strategy=f"{NAME}:{'+'.join(sorted(signal.strategy for signal in signals))}",
        confidence=(ONE - doubt).quantize(ONE.scaleb(-CONFIDENCE_PLACES)),
        reason=" | ".join(f"{signal.strategy}: {signal.reason}" for signal in signals),
    )
