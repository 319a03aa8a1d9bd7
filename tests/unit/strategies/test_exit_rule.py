from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.errors import Invalid
from cerberus.strategies.exits import ExitRule


@pytest.mark.parametrize(
    ("average_true_range", "stop", "target"),
    [
        (0.0, "0.5000", "1.0000"),
        (0.2, "0.5000", "1.0000"),
        (0.5, "0.7500", "1.5000"),
        (1.0, "1.5000", "3.0000"),
        (50.0, "2.0000", "4.0000"),
    ],
)
def test_the_stop_follows_the_range_between_its_limits(
    average_true_range: float, stop: str, target: str
) -> None:
    found = ExitRule().levels(average_true_range, 100.0)

    assert [level.value for level in found] == [Decimal(stop), Decimal(target)]
    assert all(level.is_percent for level in found)


@given(st.floats(0.0, 1e6), st.floats(1e-6, 1e6))
def test_no_market_moves_the_levels_out_of_their_limits(range_: float, close: float) -> None:
    stop, target = ExitRule().levels(range_, close)

    assert Decimal("0.5") <= stop.value <= 2
    assert target.value == 2 * stop.value


@pytest.mark.parametrize(
    "parameters",
    [
        {"atr_period": 0},
        {"stop_ranges": Decimal(0)},
        {"stop_ranges": Decimal("NaN")},
        {"stop_percent_min": Decimal(3)},
        {"stop_percent_max": Decimal(100)},
        {"reward_ratio": Decimal(60)},
        {"reward_ratio": Decimal(-1)},
    ],
)
def test_a_rule_without_meaning_is_refused(parameters: dict[str, Decimal]) -> None:
    with pytest.raises(Invalid):
        ExitRule(**parameters)  # type: ignore[arg-type]  # a table of single parameters
