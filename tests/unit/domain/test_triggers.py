from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.market import Quote
from cerberus.domain.orders import Order, OrderType
from cerberus.domain.signals import EntryType, Level, Side
from cerberus.domain.sizing import Plan, plan_entry
from cerberus.domain.triggers import is_hit, missed
from tests.unit.domain.examples import NOW, QUOTE, RULES, SWAP, order, signal

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
STOP, TAKE = EntryType.STOP, EntryType.TAKE_PROFIT
FORMS = [kind for kind in EntryType if kind.is_triggered]


def quote(price: str | Decimal) -> Quote:
    """Return a quote whose sides meet at one price."""
    return Quote(SWAP.symbol, D(price), D(price), NOW)


def planned(kind: EntryType, side: Side, trigger: str, limit: str | None = None) -> Plan:
    told = {"entry_type": kind, "side": side, "trigger_price": D(trigger)}
    told["price"] = None if limit is None else D(limit)
    told |= {"stop_loss": Level(D(2), True), "take_profit": Level(D(4), True)}
    return plan_entry(signal(**told), SWAP, QUOTE, RULES)


def armed(plan: Plan, **changes: Any) -> Order:
    told = {"side": plan.signal.side, "order_type": OrderType(str(plan.signal.entry_type))}
    told |= {"price": plan.worst_price, "trigger_price": plan.signal.trigger_price}
    return order(**(told | changes))


def late(plan: Plan, price: str) -> str:
    return missed(armed(plan), plan, quote(price))


@pytest.mark.parametrize(
    ("kind", "side", "price", "hit"),
    [
        (STOP, BUY, "10199.9", False),
        (STOP, BUY, "10200", True),
        (STOP, BUY, "10300", True),
        (STOP, SELL, "10200.1", False),
        (STOP, SELL, "10200", True),
        (STOP, SELL, "10100", True),
        (TAKE, BUY, "10200.1", False),
        (TAKE, BUY, "10200", True),
        (TAKE, BUY, "10100", True),
        (TAKE, SELL, "10199.9", False),
        (TAKE, SELL, "10200", True),
        (TAKE, SELL, "10300", True),
    ],
)
@pytest.mark.parametrize("has_limit", [False, True])
def test_a_stop_is_hit_in_its_own_direction_and_a_take_profit_against_it(
    kind: EntryType, side: Side, price: str, hit: bool, has_limit: bool
) -> None:
    told = OrderType(f"{kind}_limit" if has_limit else str(kind))
    waiting = order(order_type=told, side=side, trigger_price=D(10200))

    assert is_hit(waiting, quote(price)) is hit


def test_a_buy_looks_at_the_ask_and_a_sale_at_the_bid() -> None:
    wide = Quote(SWAP.symbol, D(10000), D(10200), NOW)

    assert is_hit(order(order_type=OrderType.STOP, side=BUY, trigger_price=D(10100)), wide)
    assert not is_hit(order(order_type=OrderType.STOP, side=SELL, trigger_price=D(9999)), wide)
    assert not is_hit(
        order(order_type=OrderType.TAKE_PROFIT, side=SELL, trigger_price=D(10100)), wide
    )


def test_an_order_without_a_trigger_is_never_hit() -> None:
    assert not is_hit(order(order_type=OrderType.STOP), quote("10200"))


@given(
    kind=st.sampled_from(FORMS),
    trigger=st.integers(1, 10**6).map(D),
    price=st.integers(1, 10**6).map(D),
)
def test_the_sides_mirror_each_other(kind: EntryType, trigger: Decimal, price: Decimal) -> None:
    told = {"order_type": OrderType(str(kind)), "trigger_price": trigger}
    hits = [is_hit(order(side=side, **told), quote(price)) for side in Side]

    assert any(hits)
    assert all(hits) is (price == trigger)


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "entry", "worst"),
    [
        (STOP, BUY, "10200", "10200", "10251"),
        (STOP, SELL, "9800", "9800", "9751"),
        (TAKE, BUY, "9800", "9800", "9849"),
        (TAKE, SELL, "10200", "10200", "10149"),
    ],
)
def test_a_trigger_is_priced_where_it_fires_with_the_slippage_of_a_market_entry(
    kind: EntryType, side: Side, trigger: str, entry: str, worst: str
) -> None:
    plan = planned(kind, side, trigger)

    assert (plan.entry_price, plan.worst_price, plan.problem) == (D(entry), D(worst), "")


def test_a_triggered_limit_is_priced_at_its_limit() -> None:
    plan = planned(EntryType.STOP_LIMIT, BUY, "10200", "10210")

    assert (plan.entry_price, plan.worst_price) == (D(10210), D(10210))


@pytest.mark.parametrize(
    ("kind", "side", "price", "is_late"),
    [
        (STOP, BUY, "10200", False),
        (STOP, BUY, "10251", False),
        (STOP, BUY, "10251.1", True),
        (TAKE, BUY, "10149", False),
        (TAKE, BUY, "10148.9", True),
        (STOP, SELL, "10149", False),
        (STOP, SELL, "10148.9", True),
        (TAKE, SELL, "10251", False),
        (TAKE, SELL, "10251.1", True),
    ],
)
def test_what_the_price_has_left_behind_is_not_sent(
    kind: EntryType, side: Side, price: str, is_late: bool
) -> None:
    assert bool(late(planned(kind, side, "10200"), price)) is is_late


def test_a_missed_trigger_names_price_limit_and_trigger() -> None:
    told = late(planned(STOP, BUY, "10200"), "10300")

    assert told == "the price 10300 is more than 51.0 away from its trigger 10200"


def test_a_triggered_limit_is_sent_at_any_distance_but_never_into_its_own_stop() -> None:
    stop = planned(EntryType.STOP_LIMIT, BUY, "10200", "10210")
    take = planned(EntryType.TAKE_PROFIT_LIMIT, BUY, "9800", "9800")

    assert late(stop, "10900") == ""
    assert late(take, "9700") == ""
    assert "stop 9604.0 is not behind the entry 9600 of a buy" in late(take, "9600")


def test_a_sale_that_would_meet_its_target_at_once_is_not_sent() -> None:
    take = planned(EntryType.TAKE_PROFIT_LIMIT, SELL, "10200", "10200")

    assert "stop" in late(take, "10500")


def test_an_order_that_was_never_to_wait_is_not_sent() -> None:
    plan = planned(STOP, BUY, "10200")

    assert missed(armed(plan, trigger_price=None), plan, quote("10200"))
    assert missed(replace(armed(plan), price=None), plan, quote("10200"))
