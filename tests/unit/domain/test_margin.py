from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.margin import (
    Exposure,
    MarginTerms,
    apply_fill,
    bankruptcy_price,
    funding_payment,
    initial_margin,
    is_liquidated,
    liquidation_price,
    maintenance_margin,
    notional,
    order_margin,
    unrealised,
)

D = Decimal
TERMS = MarginTerms(D("0.0001"), D(10), D("0.005"), D("0.0005"))
NONE = Exposure()

prices = st.decimals(D(1000), D(100_000), places=2)
contracts = st.integers(-1000, 1000).filter(bool).map(D)


def opened(size: Decimal, price: Decimal) -> Exposure:
    return apply_fill(NONE, size, price, TERMS).exposure


def test_opening_takes_a_tenth_and_the_closing_fee_as_margin() -> None:
    exposure = opened(D(1000), D(5000))
    assert exposure == Exposure(D(1000), D(5000), D("50.25"))
    assert order_margin(D(1000), D(5000), TERMS) == D("50.5")
    assert initial_margin(D(-1000), D(5000), TERMS) == D("50.25")


def test_adding_averages_the_entry_by_contracts() -> None:
    effect = apply_fill(opened(D(100), D(5000)), D(300), D(5400), TERMS)
    assert effect.exposure.entry_price == D(5300)
    assert (effect.closed, effect.opened, effect.realised) == (0, 300, 0)


def test_reducing_realises_profit_and_releases_margin_in_proportion() -> None:
    effect = apply_fill(opened(D(1000), D(5000)), D(-400), D(5100), TERMS)
    assert effect.realised == D(4)
    assert effect.exposure == Exposure(D(600), D(5000), D("30.15"))
    assert (effect.closed, effect.opened) == (-400, 0)


def test_a_larger_opposite_fill_flips() -> None:
    effect = apply_fill(opened(D(1000), D(5000)), D(-1500), D(5100), TERMS)
    assert effect.realised == D(10)
    assert effect.exposure == opened(D(-500), D(5100))
    assert (effect.closed, effect.opened) == (-1000, -500)


@given(contracts, prices, prices)
def test_a_round_trip_realises_what_was_unrealised(
    size: Decimal, entry: Decimal, leave: Decimal
) -> None:
    exposure = opened(size, entry)
    effect = apply_fill(exposure, -size, leave, TERMS)
    assert effect.realised == unrealised(exposure, leave, TERMS)
    assert effect.exposure == NONE


@given(contracts, prices, prices)
def test_profits_of_the_two_sides_mirror(size: Decimal, entry: Decimal, mark: Decimal) -> None:
    long, short = opened(size, entry), opened(-size, entry)
    assert unrealised(long, mark, TERMS) == -unrealised(short, mark, TERMS)


@given(st.lists(st.tuples(contracts, prices), min_size=1, max_size=12), prices)
def test_realised_and_unrealised_equal_the_cash_flow(
    fills: list[tuple[Decimal, Decimal]], mark: Decimal
) -> None:
    exposure, realised, cash = NONE, D(0), D(0)
    for size, price in fills:
        effect = apply_fill(exposure, size, price, TERMS)
        exposure, realised = effect.exposure, realised + effect.realised
        cash -= size * TERMS.multiplier * price
    equity = cash + exposure.size * TERMS.multiplier * mark
    assert exposure.size == sum(size for size, _ in fills)
    assert realised + unrealised(exposure, mark, TERMS) == pytest.approx(equity, abs=D("1e-8"))


@given(contracts, prices, st.integers(2, 100))
def test_liquidation_comes_before_bankruptcy_and_at_its_price(
    size: Decimal, entry: Decimal, leverage: int
) -> None:
    terms = MarginTerms(TERMS.multiplier, D(leverage), D("0.005"), D("0.0005"))
    exposure = apply_fill(NONE, size, entry, terms).exposure
    price, ruin = liquidation_price(exposure, terms), bankruptcy_price(exposure, terms)
    toward = 1 if size > 0 else -1
    # the price itself is rounded: look a little to both sides of it
    near = D("0.000001")

    assert (entry - price) * toward > 0
    assert (price - ruin) * toward > 0
    assert is_liquidated(exposure, price - toward * near, terms)
    assert not is_liquidated(exposure, price + toward * near, terms)


@given(contracts, prices)
def test_closing_at_the_bankruptcy_price_loses_exactly_the_margin(
    size: Decimal, entry: Decimal
) -> None:
    exposure = opened(size, entry)
    ruin = bankruptcy_price(exposure, TERMS)
    fee = notional(size, ruin, TERMS.multiplier) * TERMS.taker_rate
    left = exposure.margin + unrealised(exposure, ruin, TERMS) - fee
    assert left == pytest.approx(D(0), abs=D("1e-9"))


def test_no_position_needs_and_risks_nothing() -> None:
    assert liquidation_price(NONE, TERMS) == 0
    assert maintenance_margin(NONE, D(5000), TERMS) == 0
    assert not is_liquidated(NONE, D(5000), TERMS)


@pytest.mark.parametrize(
    ("size", "rate", "paid"),
    [("1000", "0.0001", "0.05"), ("-1000", "0.0001", "-0.05"), ("1000", "-0.0001", "-0.05")],
)
def test_longs_pay_a_positive_rate_and_shorts_receive_it(size: str, rate: str, paid: str) -> None:
    assert funding_payment(D(size), D(5000), TERMS.multiplier, D(rate)) == D(paid)
