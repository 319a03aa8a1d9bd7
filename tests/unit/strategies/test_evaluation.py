from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.signals import Level, Side, Signal, fingerprint
from cerberus.errors import Invalid, Misconfigured
from cerberus.strategies import Policy, Standing, StrategySettings, evaluate, strategies_named
from cerberus.strategies.fusion import fuse
from cerberus.strategies.verdict import Verdict
from tests.unit.strategies.bars_of import FIVE_MINUTES, START, candles, just_after, real_candles

SWAP, SPOT = "BTC/USDT:USDT", "BTC/USDT"


def opinion(strategy: str, side: Side | None, confidence: str = "0.6") -> Verdict:
    if side is None:
        return Verdict(SWAP, strategy, None, "nothing seen")
    stop = Level(Decimal(1 if strategy == "a" else 2), is_percent=True)
    signal = Signal(SWAP, side, strategy, Decimal(confidence), START, stop_loss=stop)
    return Verdict(SWAP, strategy, replace(signal, bar=START, timeframe="5m", reason="why"), "why")


def test_no_opinion_gives_none_with_every_reason() -> None:
    fused = fuse(SWAP, [opinion("a", None), opinion("b", None)], {})

    assert (fused.signal, fused.reason) == (None, "a: nothing seen; b: nothing seen")


def test_a_lone_opinion_keeps_its_confidence_and_names_its_source() -> None:
    signal = fuse(SWAP, [opinion("a", None), opinion("b", Side.SELL)], {}).signal

    assert signal is not None
    assert (signal.strategy, signal.side) == ("fusion:b", Side.SELL)
    assert signal.confidence == Decimal("0.6")


def test_agreement_raises_the_confidence_and_takes_the_exits_of_the_surest() -> None:
    signal = fuse(SWAP, [opinion("a", Side.BUY, "0.5"), opinion("b", Side.BUY)], {}).signal

    assert signal is not None
    assert signal.confidence == Decimal("0.8")
    assert signal.strategy == "fusion:a+b"
    assert signal.stop_loss == Level(Decimal(2), is_percent=True)
    assert signal.reason == "a: why | b: why"


def test_a_conflict_gives_none() -> None:
    fused = fuse(SWAP, [opinion("a", Side.BUY), opinion("b", Side.SELL)], {})

    assert (fused.signal, fused.reason) == (None, "conflict: a says buy, b says sell")


def test_a_weight_lowers_what_a_strategy_counts() -> None:
    signal = fuse(SWAP, [opinion("a", Side.BUY)], {"a": Decimal("0.5")}).signal

    assert signal is not None
    assert signal.confidence == Decimal("0.3")


@given(st.lists(st.decimals(0, 1, places=4), min_size=1, max_size=5))
def test_agreement_never_lowers_confidence_and_never_exceeds_one(found: list[Decimal]) -> None:
    opinions = [opinion(f"s{n}", Side.BUY, str(value)) for n, value in enumerate(found)]

    signal = fuse(SWAP, opinions, {}).signal

    assert signal is not None
    assert max(found) <= signal.confidence <= 1


BUY = opinion("a", Side.BUY).signal
SELL = opinion("a", Side.SELL).signal


@pytest.mark.parametrize(
    ("signal", "symbol", "standing", "objection"),
    [
        (BUY, SWAP, None, None),
        (BUY, SWAP, Standing(), None),
        (BUY, SWAP, Standing(held=Side.BUY), "already long"),
        (SELL, SWAP, Standing(held=Side.SELL), "already short"),
        (SELL, SWAP, Standing(), None),
        (SELL, SPOT, Standing(), "nothing is held, and spot cannot be sold short"),
        (SELL, SPOT, Standing(held=Side.BUY), None),
        (SELL, SPOT, None, None),
        (BUY, SWAP, Standing(last_entry_bar=START), "last entry was 0 bars ago, cool-off is 1"),
        (BUY, SWAP, Standing(last_entry_bar=START - FIVE_MINUTES), None),
        (SELL, SWAP, Standing(held=Side.BUY, last_entry_bar=START), None),
    ],
)
def test_the_policy_allows_or_objects(
    signal: Signal, symbol: str, standing: Standing | None, objection: str | None
) -> None:
    assert Policy().objection(replace(signal, symbol=symbol), standing) == objection


def test_the_policy_asks_confidence_of_entries_but_not_of_exits() -> None:
    policy = Policy(confidence_min=Decimal("0.7"))
    assert BUY is not None

    entry = policy.objection(BUY, Standing())
    leave = policy.objection(BUY, Standing(held=Side.SELL))

    assert entry == "confidence 0.6 is below the minimum 0.7"
    assert leave is None


def test_short_entries_can_be_switched_off() -> None:
    assert SELL is not None
    objection = Policy(allow_short_swap=False).objection(SELL, Standing())

    assert objection == "short entries are switched off"


def test_a_signal_without_a_bar_knows_no_cool_off() -> None:
    assert BUY is not None
    standing = Standing(last_entry_bar=START)

    assert Policy().objection(replace(BUY, bar=None), standing) is None


def test_real_candles_give_a_fused_signal_with_everything_that_was_considered() -> None:
    now = datetime(2017, 9, 3, 18, 45, 1, tzinfo=UTC)

    found = evaluate(SWAP, "5m", real_candles("btc"), now, StrategySettings())

    assert found.signal is not None
    assert (found.signal.strategy, found.signal.side) == ("fusion:rsi_reversion", Side.BUY)
    assert [verdict.strategy for verdict in found.considered] == [
        "ma_cross",
        "rsi_reversion",
        "fusion",
    ]
    assert found.considered[-1].signal == found.signal


def test_an_objection_of_the_policy_is_the_last_verdict() -> None:
    now = datetime(2017, 9, 3, 18, 45, 1, tzinfo=UTC)

    found = evaluate(
        SWAP, "5m", real_candles("btc"), now, StrategySettings(), Standing(held=Side.BUY)
    )

    assert found.signal is None
    assert found.reason.startswith("already long (rsi_reversion: rsi 27.65")


def test_two_evaluations_within_a_bar_give_signals_with_one_fingerprint() -> None:
    bars, settings = real_candles("btc"), StrategySettings()
    now = datetime(2017, 9, 3, 18, 45, 1, tzinfo=UTC)

    found = [
        evaluate(SWAP, "5m", bars, now + timedelta(seconds=wait), settings).signal
        for wait in (0, 200, 300)
    ]

    prints = [fingerprint(signal) for signal in found if signal is not None]
    assert prints[0] == prints[1] != prints[2]


def test_the_needed_candles_include_the_open_bar_and_suffice() -> None:
    settings = StrategySettings()
    bars = candles([100] * settings.candles_needed)
    now = just_after(bars) - FIVE_MINUTES

    found = evaluate(SPOT, "5m", bars, now, settings)

    assert settings.candles_needed == 142
    assert not any("needs" in verdict.reason for verdict in found.considered)


def test_without_strategies_there_is_no_signal() -> None:
    found = evaluate(SPOT, "5m", [], START, StrategySettings(strategies=()))

    assert (found.signal, found.reason) == (None, "no strategy is enabled")


def test_strategies_are_found_by_name_and_each_once() -> None:
    found = strategies_named(["rsi_reversion", "ma_cross", "rsi_reversion"])

    assert [strategy.name for strategy in found] == ["rsi_reversion", "ma_cross"]
    with pytest.raises(Misconfigured, match="strategy 'hunch' is not known"):
        strategies_named(["hunch"])


@pytest.mark.parametrize("weights", [{"a": Decimal(0)}, {"a": Decimal("1.1")}])
def test_a_weight_lies_between_zero_and_one(weights: Mapping[str, Decimal]) -> None:
    with pytest.raises(Invalid, match="weights: a must lie above 0 and up to 1"):
        StrategySettings(weights=weights)


@pytest.mark.parametrize("parameters", [{"confidence_min": Decimal("1.1")}, {"cool_off_bars": 0}])
def test_a_policy_without_meaning_is_refused(parameters: dict[str, Decimal]) -> None:
    with pytest.raises(Invalid):
        Policy(**parameters)  # type: ignore[arg-type]  # a table of single parameters
