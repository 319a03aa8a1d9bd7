from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.fills import (
    average_price,
    fee_in_quote,
    is_in_third_coin,
    received_base,
    unvalued_fees,
)
from cerberus.domain.signals import Side
from tests.unit.domain.examples import SPOT, SWAP, fill

BUY, SELL = Side.BUY, Side.SELL
D = Decimal


@pytest.mark.parametrize(
    ("side", "currency", "in_quote", "received"),
    [
        (BUY, "USDT", "0.02", "10"),
        (BUY, "BTC", "2.00", "9.98"),
        (BUY, "GT", "0", "10"),
        (SELL, "USDT", "0.02", "10"),
        (SELL, "BTC", "2.00", "10"),
        (SELL, "GT", "0", "10"),
    ],
)
def test_a_fee_counts_in_its_own_coin(
    side: Side, currency: str, in_quote: str, received: str
) -> None:
    one = fill(side, "10", "100", fee=D("0.02"), fee_currency=currency)

    assert fee_in_quote(one, SPOT) == D(in_quote)
    assert received_base(one, SPOT) == D(received)


@pytest.mark.parametrize(("side", "received"), [(BUY, "10"), (SELL, "10")])
def test_a_fee_in_a_third_coin_counts_what_the_coin_was_worth(side: Side, received: str) -> None:
    one = fill(side, "10", "100", fee=D("0.02"), fee_currency="GT", fee_value=D("0.3"))

    assert is_in_third_coin(one, SPOT)
    assert fee_in_quote(one, SPOT) == D("0.3")
    assert received_base(one, SPOT) == D(received)
    assert unvalued_fees([one], SPOT) == {}


def test_tells_by_coin_what_is_not_valued() -> None:
    told = [
        fill(BUY, "1", fee=D(2), fee_currency="GT"),
        fill(SELL, "1", fee=D(3), fee_currency="GT"),
        fill(SELL, "1", fee=D(4), fee_currency="POINT"),
        fill(SELL, "1", fee=D(5), fee_currency="BNB", fee_value=D(1)),
        fill(SELL, "1", fee=D(6), fee_currency="USDT"),
        fill(BUY, "1", fee=D(7), fee_currency="BTC"),
        fill(BUY, "1", fee=D(0), fee_currency="HT"),
    ]

    assert unvalued_fees(told, SPOT) == {"GT": 5, "POINT": 4}


def test_a_rebate_is_a_negative_fee() -> None:
    rebate = fill(BUY, "10", fee=D("-0.02"))

    assert fee_in_quote(rebate, SWAP) == D("-0.02")


def test_the_average_price_is_weighted_by_quantity() -> None:
    assert average_price([fill(BUY, "1", "100"), fill(BUY, "3", "200")]) == 175
    assert average_price([]) is None


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_the_average_price_lies_between_the_extremes(pairs: list[tuple[int, int]]) -> None:
    fills = [replace(fill(BUY, D(1)), quantity=D(q), price=D(p)) for q, p in pairs]

    average = average_price(fills)

    assert average is not None
    assert min(one.price for one in fills) <= average <= max(one.price for one in fills)
    assert fills[0].notional == fills[0].quantity * fills[0].price
