from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.fills import average_price, fee_in_quote, received_base
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
