from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cerberus.domain.signals import Side
from cerberus.errors import Invalid
from cerberus.strategies.rsi_reversion import RsiReversion
from tests.unit.strategies.bars_of import FIVE_MINUTES, candles, just_after, real_candles

FALLING = [1000 - step + 3 * (step % 4 == 0) for step in range(141)]
RISING = [1000 + step - 3 * (step % 4 == 0) for step in range(141)]


@pytest.mark.parametrize(("closes", "side"), [(FALLING, Side.BUY), (RISING, Side.SELL)])
def test_a_market_that_went_too_far_gives_a_signal_against_it(
    closes: list[float], side: Side
) -> None:
    bars = candles(closes)

    verdict = RsiReversion().evaluate("BTC/USDT", "5m", bars, just_after(bars))

    assert verdict.signal is not None
    assert verdict.signal.side is side
    assert verdict.signal.bar == bars[-1].opened_at
    assert verdict.signal.timeframe == "5m"
    assert verdict.signal.strategy == "rsi_reversion"


def test_a_calm_market_gives_none_and_says_where_rsi_is() -> None:
    bars = candles([100 + step % 2 for step in range(141)])

    verdict = RsiReversion().evaluate("BTC/USDT", "5m", bars, just_after(bars))

    assert verdict.signal is None
    assert verdict.reason == f"rsi {verdict.values['rsi']:.2f} lies between 30 and 70"


def test_too_little_history_gives_none() -> None:
    bars = candles(FALLING[:140])

    verdict = RsiReversion().evaluate("BTC/USDT", "5m", bars, just_after(bars))

    assert (verdict.signal, verdict.reason) == (None, "needs 141 closed 5m bars, has 140")


def test_history_beyond_the_look_back_changes_nothing() -> None:
    bars = real_candles("btc")[:230]
    now = just_after(bars)

    whole = RsiReversion().evaluate("BTC/USDT", "5m", bars, now)
    part = RsiReversion().evaluate("BTC/USDT", "5m", bars[-141:], now)

    assert whole == part


def test_every_bar_of_an_oversold_stretch_of_real_candles_signals() -> None:
    bars = real_candles("btc")
    now = datetime(2017, 9, 3, 18, 35, 1, tzinfo=UTC)

    found = [
        RsiReversion().evaluate("BTC/USDT", "5m", bars, now + step * FIVE_MINUTES)
        for step in range(8)
    ]

    shown = [str(round(verdict.values["rsi"], 1)) for verdict in found]
    assert shown == ["27.8", "27.8", "27.7", "27.7", "26.9", "24.1", "22.1", "35.1"]
    signals = [verdict.signal for verdict in found if verdict.signal is not None]
    assert len(signals) == 7
    assert all(signal.side is Side.BUY for signal in signals)
    assert len({signal.bar for signal in signals}) == 7


def test_confidence_grows_with_the_distance_from_the_threshold() -> None:
    bars = real_candles("btc")
    now = datetime(2017, 9, 3, 19, 0, 1, tzinfo=UTC)

    verdict = RsiReversion().evaluate("BTC/USDT", "5m", bars, now)

    assert verdict.signal is not None
    expected = Decimal("0.5") + (30 - verdict.values["rsi"]) / 30 / 2
    assert abs(verdict.signal.confidence - expected) < Decimal("0.0001")


def test_the_signal_lives_for_one_more_bar_and_tells_its_numbers() -> None:
    bars = candles(FALLING)
    now = just_after(bars) + timedelta(seconds=30)

    signal = RsiReversion().evaluate("BTC/USDT", "5m", bars, now).signal

    assert signal is not None
    assert (signal.created_at, signal.expires_at) == (now, now + FIVE_MINUTES)
    assert signal.stop_loss is not None
    assert signal.take_profit is not None
    assert (signal.stop_loss.value, signal.take_profit.value) == (
        Decimal("0.5000"),
        Decimal("1.0000"),
    )
    assert signal.reason.endswith("stop 0.5000 % and target 1.0000 % away")
    assert "is at or below 30" in signal.reason


@pytest.mark.parametrize(
    "parameters",
    [
        {"period": 1},
        {"oversold": 0.0},
        {"oversold": 70.0},
        {"overbought": 100.0},
        {"oversold": float("nan")},
    ],
)
def test_parameters_without_meaning_are_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(Invalid):
        RsiReversion(**parameters)  # type: ignore[arg-type]  # a table of single parameters
