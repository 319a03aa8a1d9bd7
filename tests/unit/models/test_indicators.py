import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.models.indicators import (
    average_true_range,
    exponential_moving_average,
    relative_strength_index,
    simple_moving_average,
    true_range,
    wilder_average,
)

prices = st.lists(st.floats(0.01, 100_000.0), min_size=1, max_size=80)
periods = st.integers(1, 20)

#: the closes of the worked example for RSI that charting manuals share, to two decimals
TEXTBOOK_CLOSES = [
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89,
    46.03, 45.61, 46.28, 46.28, 46.00, 46.03, 46.41, 46.22, 45.64, 46.21, 46.25,
    45.71, 46.45, 45.78, 45.35, 44.03, 44.18, 44.22, 44.57, 43.42, 42.66, 43.13,
]  # fmt: skip
TEXTBOOK_RSI = [
    70.46, 66.25, 66.48, 69.35, 66.29, 57.92, 62.88, 63.21, 56.01, 62.34,
    54.67, 50.39, 40.02, 41.49, 41.90, 45.50, 37.32, 33.09, 37.79,
]  # fmt: skip


def test_rsi_gives_the_textbook_values() -> None:
    found = relative_strength_index(TEXTBOOK_CLOSES, 14)

    assert [round(value, 2) for value in found] == TEXTBOOK_RSI


def test_the_first_rsi_value_agrees_with_a_calculation_by_hand() -> None:
    # gains 1 and 3 (mean 1 of 4), losses 2 and 1 (mean 0.75): 100 * 1 / 1.75
    found = relative_strength_index([10.0, 11.0, 9.0, 12.0, 11.0], 4)

    assert found == [pytest.approx(100.0 / 1.75)]


@pytest.mark.parametrize(
    ("closes", "expected"),
    [([1.0, 2.0, 3.0, 4.0], 100.0), ([4.0, 3.0, 2.0, 1.0], 0.0), ([5.0] * 4, 50.0)],
)
def test_rsi_of_a_one_way_market_is_extreme_and_of_a_still_one_neutral(
    closes: list[float], expected: float
) -> None:
    assert relative_strength_index(closes, 3) == [expected]


def test_averages_agree_with_calculations_by_hand() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 8.0]

    assert simple_moving_average(values, 3) == [2.0, 3.0, 5.0]
    assert exponential_moving_average(values, 3) == [2.0, 3.0, 5.5]
    assert wilder_average(values, 2) == [1.5, 2.25, 3.125, 5.5625]


def test_true_range_counts_a_gap_from_the_close_before() -> None:
    found = true_range([10.0, 15.0, 9.0], [8.0, 13.0, 8.5], [9.0, 14.0, 8.75])

    assert found == [2.0, 6.0, 5.5]


def test_average_true_range_is_wilders_average_of_the_true_range() -> None:
    found = average_true_range([10.0, 15.0, 9.0], [8.0, 13.0, 8.5], [9.0, 14.0, 8.75], 2)

    assert found == [4.0, 4.75]


@pytest.mark.parametrize(
    "indicator",
    [
        simple_moving_average,
        exponential_moving_average,
        wilder_average,
        relative_strength_index,
    ],
)
def test_a_series_that_is_too_short_gives_nothing(
    indicator: object,
) -> None:
    assert callable(indicator)
    assert indicator([1.0, 2.0], 5) == []
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        indicator([1.0, 2.0], 0)


def test_the_true_range_of_no_bars_is_empty() -> None:
    assert true_range([], [], []) == []


@given(prices, periods)
def test_every_average_stays_between_the_extremes(values: list[float], period: int) -> None:
    low, high = min(values), max(values)
    tolerance = 1e-9 * high

    for average in (simple_moving_average, exponential_moving_average, wilder_average):
        found = average(values, period)
        assert len(found) == max(0, len(values) - period + 1)
        assert all(low - tolerance <= value <= high + tolerance for value in found)


@given(prices, periods)
def test_rsi_stays_in_0_to_100_and_mirrors_with_the_prices(
    closes: list[float], period: int
) -> None:
    found = relative_strength_index(closes, period)
    mirrored = relative_strength_index([-close for close in closes], period)

    assert len(found) == max(0, len(closes) - period)
    assert all(0.0 <= value <= 100.0 for value in found)
    for value, other in zip(found, mirrored, strict=True):
        assert value + other == pytest.approx(100.0)


@given(prices, periods, st.floats(0.5, 2.0))
def test_rsi_does_not_depend_on_the_unit_of_the_price(
    closes: list[float], period: int, unit: float
) -> None:
    rounded = [round(close, 2) for close in closes]
    scaled = relative_strength_index([close * unit for close in rounded], period)

    for value, other in zip(relative_strength_index(rounded, period), scaled, strict=True):
        # a still market is neutral; scaling may turn stillness into rounding noise
        assert math.isclose(value, other, abs_tol=1e-3) or 50.0 in (value, other)


@given(prices, periods)
def test_average_true_range_is_never_below_the_average_height_of_the_bars(
    closes: list[float], period: int
) -> None:
    highs = [close * 1.01 for close in closes]
    lows = [close * 0.99 for close in closes]
    heights = wilder_average([high - low for high, low in zip(highs, lows, strict=True)], period)

    found = average_true_range(highs, lows, closes, period)

    assert all(a >= b * (1 - 1e-9) for a, b in zip(found, heights, strict=True))
