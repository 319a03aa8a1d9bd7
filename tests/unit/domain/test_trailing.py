"""Where a trailing stop goes, and that it never goes back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.signals import Side
from cerberus.domain.trailing import STEP_RATE, trailed_stop

D = Decimal
PRICES = st.decimals(1, 10**6, places=2)
PERCENTS = st.decimals("0.1", "50", places=2)
SIDES = st.sampled_from(list(Side))


@pytest.mark.parametrize(
    ("side", "present", "price", "wanted"),
    [
        (Side.BUY, "98", "110", "107.80"),
        (Side.SELL, "102", "90", "91.80"),
        (Side.BUY, "98", "100", None),
        (Side.BUY, "98", "90", None),
        (Side.SELL, "102", "110", None),
    ],
)
def test_the_stop_follows_at_its_distance_and_stays_where_the_price_goes_the_other_way(
    side: Side, present: str, price: str, wanted: str | None
) -> None:
    found = trailed_stop(side, D(present), D(price), D(2))
    assert found == (None if wanted is None else D(wanted))


def test_a_move_that_is_not_worth_a_call_of_the_venue_is_not_made() -> None:
    # two percent of 100, of which a twentieth
    least = D("98") + D(100) * D("0.02") * STEP_RATE
    assert trailed_stop(Side.BUY, D("98"), D("100.05"), D(2)) is None
    assert trailed_stop(Side.BUY, D("98"), least / D("0.98") + D("0.01"), D(2)) is not None
    assert trailed_stop(Side.BUY, D("97.9"), D(100), D(2)) == 98  # just worth it


@given(SIDES, PRICES, PERCENTS, st.lists(PRICES, max_size=30))
def test_along_any_path_the_stop_only_ever_takes_risk_away(
    side: Side, start: Decimal, percent: Decimal, path: list[Decimal]
) -> None:
    stop = start * (1 - side.sign * percent / 100)
    for price in path:
        moved = trailed_stop(side, stop, price, percent)
        if moved is not None:
            assert (moved - stop) * side.sign > 0
            assert (price - moved) * side.sign > 0  # behind the price: it does not fire at once
            stop = moved
