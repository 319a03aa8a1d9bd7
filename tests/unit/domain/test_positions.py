from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.fills import Fill
from cerberus.domain.market import Instrument
from cerberus.domain.positions import Position, profit
from cerberus.domain.signals import Side
from tests.unit.domain.examples import NOW, SPOT, SWAP, fill, position

BUY, SELL = Side.BUY, Side.SELL
D = Decimal
LATER = NOW + timedelta(minutes=1)


def after(*fills: Fill, side: Side = BUY, instrument: Instrument = SWAP) -> Position:
    held = position(side=side)
    for one in fills:
        held = held.apply(one, instrument)
    return held


@pytest.mark.parametrize(
    ("side", "exit_price", "expected"),
    [(BUY, "110", "20"), (BUY, "90", "-20"), (SELL, "110", "-20"), (SELL, "90", "20")],
)
def test_profit_follows_the_side(side: Side, exit_price: str, expected: str) -> None:
    assert profit(side, D(100), D(exit_price), D(2)) == D(expected)


prices = st.decimals("0.000001", "1000000", places=6)
quantities = st.decimals("0.0001", "1000000", places=4)


@given(prices, prices, quantities)
def test_the_profit_of_one_side_is_the_loss_of_the_other(
    entry: Decimal, exit_price: Decimal, quantity: Decimal
) -> None:
    long, short = (profit(side, entry, exit_price, quantity) for side in (BUY, SELL))

    assert long == -short


def test_entries_are_averaged_and_fees_add_up() -> None:
    held = after(fill(BUY, "1", "100", fee=D("0.1")), fill(BUY, "3", "200", fee=D("0.3")))

    assert (held.quantity, held.entered_quantity) == (4, 4)
    assert (held.entry_price, held.fees) == (175, D("0.4"))
    assert held.realised_pnl == 0


def test_a_partial_close_realises_its_part_and_keeps_the_entry() -> None:
    held = after(fill(BUY, "4", "100"), fill(SELL, "1", "110"))

    assert (held.quantity, held.entry_price, held.realised_pnl) == (3, 100, 10)
    assert held.settled(SWAP, LATER) is held


def test_a_fee_in_base_is_taken_off_the_holding_and_counted_once() -> None:
    held = after(fill(BUY, "1", "100", fee=D("0.002"), fee_currency="BTC"), instrument=SPOT)
    closed = held.apply(fill(SELL, "0.998", "110"), SPOT).settled(SPOT, LATER)

    assert (held.quantity, held.entered_quantity) == (D("0.998"), 1)
    # paid 100, got 109.78: the fee of 0.2 stands apart from the profit of 9.98
    assert closed.realised_pnl - closed.fees == D("9.78")
    assert not closed.is_open


@pytest.mark.parametrize(
    ("left", "minimum", "is_dust"),
    [
        ("0", "0.0001", True),
        ("0.00009", "0.0001", True),
        ("0.0001", "0.0001", False),
        ("0.0004", "0.0005", True),
        ("0.0005", "0.0005", False),
        ("0.00009", "0", True),
        ("0.0001", "0", False),
    ],
)
def test_what_the_venue_cannot_sell_is_dust(left: str, minimum: str, is_dust: bool) -> None:
    market = replace(SPOT, quantity_min=D(minimum))
    held = position(quantity=D(left), entry_price=D(100)).settled(market, LATER)

    assert held.is_open is not is_dust
    assert held.quantity + held.dust == D(left)
    assert held.closed_at == (LATER if is_dust else None)


@pytest.mark.parametrize(
    ("market", "price", "is_dust"),
    [(SPOT, "2999", True), (SPOT, "3000", False), (SWAP, "1", False)],
)
def test_what_is_worth_too_little_to_be_sold_is_dust_where_sales_have_a_least_worth(
    market: Instrument, price: str, is_dust: bool
) -> None:
    market = replace(market, notional_min=D(3))
    held = position(quantity=D("0.001"), entry_price=D(100)).settled(market, LATER, D(price))

    assert held.is_open is not is_dust
    assert held.dust == (D("0.001") if is_dust else 0)


def test_a_fee_in_a_third_coin_costs_its_worth_and_nothing_of_the_holding() -> None:
    bought = fill(BUY, "1", "100", fee=D("0.01"), fee_currency="GT", fee_value=D("0.1"))
    sold = fill(SELL, "1", "110", fee=D("0.02"), fee_currency="GT")

    closed = after(bought, sold, instrument=SPOT).settled(SPOT, LATER)

    assert (closed.entered_quantity, closed.dust, closed.is_open) == (1, 0, False)
    assert (closed.fees, closed.coin_fees, closed.net_pnl) == (D("0.1"), D("0.1"), D("9.9"))


def test_settling_twice_changes_nothing() -> None:
    once = position(quantity=D("0.00001")).settled(SPOT, LATER)

    assert once.settled(SPOT, LATER + timedelta(minutes=1)) is once


def test_a_late_entry_fill_opens_a_closed_position_again() -> None:
    closed = after(fill(BUY, "4", "100"), fill(SELL, "4", "98")).settled(SWAP, LATER)

    held = closed.apply(fill(BUY, "6", "99"), SWAP)

    assert held.is_open
    assert (held.quantity, held.entry_price, held.realised_pnl) == (6, 99, -8)


def test_an_entry_that_is_all_fee_holds_nothing() -> None:
    held = after(fill(BUY, "1", "100", fee=D(1), fee_currency="BTC"), instrument=SPOT)

    assert (held.quantity, held.entry_price) == (0, 0)


sides = st.sampled_from(Side)
fills = st.lists(st.tuples(sides, st.integers(1, 1000), st.integers(1, 1000)), max_size=25)


@given(sides, fills)
def test_a_position_is_the_sum_of_its_fills_and_never_flips(
    side: Side, told: list[tuple[Side, int, int]]
) -> None:
    held, expected, cash = position(side=side), D(0), D(0)
    for way, quantity, price in told:
        held = held.apply(fill(way, D(quantity), D(price)), SWAP)
        part = D(quantity) if way is side else min(D(quantity), expected)
        expected += part if way is side else -part
        cash -= part * price * way.sign
        assert held.quantity == expected >= 0
        assert held.side is side
    # what was paid and got, and what is still held at its entry price, is the profit
    value = held.quantity * held.entry_price * side.sign
    assert abs(cash + value - held.realised_pnl) < D("0.000001")


amounts = st.decimals("-1000", "1000", places=8)
steps = st.one_of(amounts, st.tuples(sides, st.integers(1, 1000), st.integers(1, 1000)))


@given(sides, st.lists(steps, max_size=25))
def test_the_net_result_is_fills_and_funding_less_fees(
    side: Side, told: list[Decimal | tuple[Side, int, int]]
) -> None:
    held, bare, paid, fees = position(side=side), position(side=side), D(0), D(0)
    for step in told:
        if isinstance(step, Decimal):
            held, paid = held.funded(step), paid + step
            continue
        way, quantity, price = step
        fee = D(quantity) * D("0.0005")
        held = held.apply(fill(way, D(quantity), D(price), fee=fee), SWAP)
        bare = bare.apply(fill(way, D(quantity), D(price)), SWAP)
        fees += fee

    assert (held.funding, held.fees) == (paid, fees)
    assert held.net_pnl == bare.realised_pnl + paid - fees
    # funding moves money, and nothing of what is held
    assert (held.quantity, held.entry_price, held.realised_pnl) == (
        bare.quantity,
        bare.entry_price,
        bare.realised_pnl,
    )


def test_funding_after_the_close_counts_and_does_not_open_again() -> None:
    closed = after(fill(BUY, "4", "100"), fill(SELL, "4", "98")).settled(SWAP, LATER)

    late = closed.funded(D("-0.5"))

    assert (late.is_open, late.closed_at) == (False, LATER)
    assert late.net_pnl == D("-8.5")


@given(fills)
def test_both_sides_of_the_same_trades_mirror(told: list[tuple[Side, int, int]]) -> None:
    long, short = position(side=BUY), position(side=SELL)
    for way, quantity, price in told:
        long = long.apply(fill(way, D(quantity), D(price)), SWAP)
        short = short.apply(fill(way.opposite, D(quantity), D(price)), SWAP)

    assert long.realised_pnl == -short.realised_pnl
    assert (long.quantity, long.entry_price) == (short.quantity, short.entry_price)
