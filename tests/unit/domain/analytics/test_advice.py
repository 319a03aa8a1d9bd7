"""Recommendations name their number and their threshold, and are silent where all is well."""

from cerberus.domain.analytics.advice import Advice, Thresholds, advise
from tests.unit.domain.analytics.examples import Told, report_of

FEW = Thresholds(trades=2)


def named(found: list[Advice]) -> dict[str, Advice]:
    return {one.name: one for one in found}


def test_too_few_trades_say_nothing_but_that() -> None:
    (only,) = advise(report_of(Told(1, "-500")))

    assert (only.name, only.value, only.limit) == ("few_trades", 1, 20)


def test_good_trading_gets_no_recommendation() -> None:
    trades = [Told(hour, "1.5" if hour % 3 else "-0.3") for hour in range(1, 160, 5)]

    assert advise(report_of(*trades)) == []


def test_what_loses_is_named_with_its_profit_factor() -> None:
    found = named(
        advise(
            report_of(
                *(Told(hour, "3", strategy="cross") for hour in range(2, 12)),
                *(Told(hour, "-1", strategy="rsi", symbol="ETH/USDT") for hour in (20, 30)),
                Told(40, "0.5", strategy="rsi", symbol="ETH/USDT"),
            ),
            FEW,
        )
    )

    assert (found["strategy_loses"].subject, found["strategy_loses"].value) == ("rsi", 0.25)
    assert found["strategy_loses"].limit == 1.0
    assert "lost 1.50 USD" in found["strategy_loses"].text
    assert found["symbol_loses"].subject == "ETH/USDT"


def test_costs_are_named_when_they_are_high() -> None:
    found = named(
        advise(report_of(*(Told(hour, "1", fees="2", slippage=5.0) for hour in (1, 2, 3))), FEW)
    )

    assert found["fees"].value == 6 / 9
    assert (found["slippage"].value, found["slippage"].limit) == (0.005, 0.001)


def test_a_deep_and_long_drawdown_and_too_much_exposure_are_named() -> None:
    limits = Thresholds(trades=2, drawdown_days=5.0)
    found = named(
        advise(
            report_of(Told(1, "-60", value=500_000), Told(2, "1", lasted_hours=1.5, value=500_000)),
            limits,
        )
    )

    assert found["drawdown_depth"].value == 0.06
    assert found["drawdown_length"].value == 7.0
    assert found["exposure"].value > found["exposure"].limit == 1.0


def test_the_hour_that_loses_most_is_named() -> None:
    wins = [Told(hour, "10") for hour in (1, 25, 49)]

    found = named(advise(report_of(*wins, Told(5, "-4"), Told(29, "-4")), FEW))

    assert (found["hour_loses"].subject, found["hour_loses"].value) == ("05:00 UTC", 8 / 30)
