from decimal import Decimal

import pytest

from cerberus.domain.signals import Side
from cerberus.errors import Invalid
from cerberus.strategies.ma_cross import MaCross
from cerberus.strategies.verdict import Verdict
from tests.unit.strategies.bars_of import candles, just_after

DOWN = [1000.0 - step for step in range(141)]
UP = [1000.0 + step for step in range(141)]


def judge(closes: list[float]) -> Verdict:
    bars = candles(closes, height="2")
    return MaCross().evaluate("BTC/USDT", "5m", bars, just_after(bars))


@pytest.mark.parametrize(("closes", "step", "side"), [(DOWN, 5.0, Side.BUY), (UP, -5.0, Side.SELL)])
def test_a_turn_gives_exactly_one_signal_on_the_bar_of_the_cross(
    closes: list[float], step: float, side: Side
) -> None:
    turned = closes + [closes[-1] + step * number for number in range(1, 30)]

    found = [judge(turned[: 141 + number]) for number in range(1, 30)]

    signals = [verdict.signal for verdict in found if verdict.signal is not None]
    assert [signal.side for signal in signals] == [side]
    assert f"crossed {'above' if side is Side.BUY else 'below'}" in signals[0].reason


def test_a_steady_trend_gives_none_and_shows_both_averages() -> None:
    verdict = judge(UP)

    assert verdict.signal is None
    assert verdict.reason.startswith("no cross: ema 9 at 1136, ema 21 at 1130")
    assert verdict.values["fast"] > verdict.values["slow"]


def test_a_flat_market_does_not_cross_by_rounding() -> None:
    found = [judge([4571.55] * (141 + number)) for number in range(5)]

    assert [verdict.signal for verdict in found] == [None] * 5


def test_confidence_is_half_at_least_and_one_at_half_a_range() -> None:
    gentle = judge([*([1000.0] * 140), 1000.01]).signal
    steep = judge([*([1000.0] * 140), 1900.0]).signal

    assert gentle is not None
    assert steep is not None
    assert Decimal("0.5") <= gentle.confidence < Decimal("0.51")
    assert steep.confidence == 1
    assert steep.stop_loss is not None
    assert steep.stop_loss.value == Decimal("2.0000")


def test_too_little_history_gives_none() -> None:
    assert judge(DOWN[:140]).reason == "needs 141 closed 5m bars, has 140"


@pytest.mark.parametrize(("fast", "slow"), [(0, 21), (21, 21), (30, 21)])
def test_the_fast_average_must_be_faster(fast: int, slow: int) -> None:
    with pytest.raises(Invalid, match="fast: must lie in"):
        MaCross(fast=fast, slow=slow)
