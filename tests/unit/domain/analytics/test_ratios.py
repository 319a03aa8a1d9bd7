"""The ratios are those of quantstats and empyrical, where these define the same."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cerberus.domain.analytics.outcomes import Outcomes
from cerberus.domain.analytics.ratios import ratios

REFERENCE: dict[str, Any] = json.loads(Path(__file__).with_name("reference.json").read_text())


@pytest.mark.parametrize("library", ["quantstats", "empyrical"])
@pytest.mark.parametrize("name", REFERENCE)
def test_the_ratios_are_those_of_the_libraries(name: str, library: str) -> None:
    told = {each: value for each, value in REFERENCE[name][library].items() if each in _OF_RETURNS}

    found = asdict(ratios(REFERENCE[name]["returns"]))

    assert {each: found[each] for each in told} == pytest.approx(told, rel=1e-9)
    assert len(told) == len(_OF_RETURNS)


@pytest.mark.parametrize("name", REFERENCE)
def test_win_rate_and_profit_factor_are_those_of_quantstats(name: str) -> None:
    told = REFERENCE[name]["quantstats"]
    outcomes = Outcomes()
    outcomes.add([Decimal(repr(one)) for one in REFERENCE[name]["returns"]], [])

    assert outcomes.win_rate is not None
    assert outcomes.profit_factor is not None
    assert float(outcomes.win_rate) == pytest.approx(told["win_rate"], rel=1e-9)
    assert float(outcomes.profit_factor) == pytest.approx(told["profit_factor"], rel=1e-9)


@pytest.mark.parametrize("returns", [None, [], [0.01], [0.01] * 30, [0.0] * 30])
def test_what_is_not_defined_is_none_and_never_infinite(returns: list[float] | None) -> None:
    found = ratios(returns)

    assert found.sharpe is None
    assert found.calmar is None
    assert found.sortino is None


def test_a_day_that_loses_everything_has_no_growth() -> None:
    found = ratios([0.1, -1.0, 0.0])

    assert found.total_return == -1
    assert found.annual_growth is None
    assert found.daily_drawdown_rate == 1


_OF_RETURNS = {
    "total_return",
    "annual_growth",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "daily_drawdown_rate",
}
