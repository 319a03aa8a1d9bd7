from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.matching import (
    Arrival,
    Bar,
    BookShape,
    Fate,
    Level,
    Side,
    TimeInForce,
    TriggerRule,
    arrive,
    cost,
    is_triggered,
    make_book,
    price_path,
    take,
    take_budget,
    trades_through,
)

D = Decimal

SHAPE = BookShape(
    tick=D("0.01"),
    step=D("0.001"),
    spread_rate=D("0.0002"),
    gap_rate=D("0.0001"),
    levels=10,
    depth_bars=D(5),
    depth_notional_min=D(1000),
)

prices = st.decimals(D(1), D(100_000), places=2)
volumes = st.decimals(D(0), D(1000), places=4)
quantities = st.decimals(D("0.001"), D(10_000), places=3)
sides = st.sampled_from(Side)
forces = st.sampled_from(TimeInForce)


def bar(first: str, high: str, low: str, last: str) -> Bar:
    return Bar(D(first), D(high), D(low), D(last), D(1))


def filled(arrival: Arrival) -> Decimal:
    return sum((one.quantity for one in arrival.executions), D(0))


def test_a_rising_bar_trades_its_low_before_its_high() -> None:
    assert price_path(bar("10", "14", "9", "12")) == (10, 9, 14, 12)


def test_a_falling_bar_trades_its_high_before_its_low() -> None:
    assert price_path(bar("12", "14", "9", "10")) == (12, 14, 9, 10)


@pytest.mark.parametrize(
    ("first", "high", "low", "last"),
    [("10", "9", "8", "9"), ("10", "12", "11", "12"), ("0", "1", "0", "1")],
)
def test_refuses_bars_that_contradict_themselves(
    first: str, high: str, low: str, last: str
) -> None:
    with pytest.raises(ValueError, match=r"low|high"):
        bar(first, high, low, last)


def test_the_book_lies_around_the_price_and_grows_with_distance() -> None:
    book = make_book(D(1000), D(11), SHAPE)

    assert (book.bids[0].price, book.asks[0].price) == (D("999.9"), D("1000.1"))
    assert (book.bids[1].price, book.asks[1].price) == (D("999.8"), D("1000.2"))
    # 5 bars of volume 11, in 55 parts: 1 at the best price, 10 at the tenth
    assert [level.quantity for level in book.asks] == [D(n) for n in range(1, 11)]
    assert book.asks == make_book(D(1000), D(11), SHAPE).asks


def test_a_quiet_bar_still_offers_the_least_depth() -> None:
    book = make_book(D(1000), D(0), SHAPE)
    assert sum(level.quantity for level in book.asks) == pytest.approx(D(1), abs=D("0.01"))


@given(prices, volumes)
def test_a_book_is_never_crossed_and_sorted(last: Decimal, volume: Decimal) -> None:
    book = make_book(last, volume, SHAPE)

    assert book.bids[0].price < book.asks[0].price
    assert list(book.bids) == sorted(book.bids, key=lambda level: -level.price)
    assert list(book.asks) == sorted(book.asks, key=lambda level: level.price)
    for level in (*book.bids, *book.asks):
        assert level.price > 0
        assert level.quantity >= SHAPE.step
        assert level.price % SHAPE.tick == level.quantity % SHAPE.step == 0


@given(prices, volumes, sides, quantities, st.none() | prices, forces)
def test_an_arrival_accounts_for_the_whole_order(
    last: Decimal,
    volume: Decimal,
    side: Side,
    quantity: Decimal,
    limit: Decimal | None,
    tif: TimeInForce,
) -> None:
    book = make_book(last, volume, SHAPE)
    arrival = arrive(book, side, quantity, limit, tif)

    assert filled(arrival) + arrival.left == quantity
    for execution in arrival.executions:
        assert limit is None or (
            execution.price <= limit if side is Side.BUY else execution.price >= limit
        )
    match arrival.fate:
        case Fate.FILLED:
            assert arrival.left == 0
        case Fate.KILLED | Fate.WOULD_TAKE:
            assert not arrival.executions
        case Fate.RESTS:
            assert limit is not None
            assert tif in (TimeInForce.GTC, TimeInForce.POC)


@given(prices, volumes, sides, quantities, prices)
def test_what_rests_does_not_cross_the_book_that_is_left(
    last: Decimal, volume: Decimal, side: Side, quantity: Decimal, limit: Decimal
) -> None:
    book = make_book(last, volume, SHAPE)
    arrival = arrive(book, side, quantity, limit, TimeInForce.GTC)
    if arrival.fate is Fate.RESTS:
        taken = len(arrival.executions)
        left = book.against(side)[taken:]
        assert not left or not take(left, side, D("0.001"), limit)


@given(prices, volumes, st.decimals(D(1), D(1_000_000), places=2))
def test_a_budget_is_never_exceeded(last: Decimal, volume: Decimal, budget: Decimal) -> None:
    executions = take_budget(make_book(last, volume, SHAPE).asks, budget, SHAPE.step)
    assert cost(executions) <= budget
    assert all(execution.quantity % SHAPE.step == 0 for execution in executions)


@given(prices, volumes, quantities)
def test_buying_and_selling_at_once_never_earns(
    last: Decimal, volume: Decimal, quantity: Decimal
) -> None:
    book = make_book(last, volume, SHAPE)
    bought = arrive(book, Side.BUY, quantity, None, TimeInForce.IOC)
    sold = arrive(book, Side.SELL, filled(bought), None, TimeInForce.IOC)
    if filled(sold) == filled(bought):
        assert cost(sold.executions) < cost(bought.executions)


def test_fok_fills_whole_or_not_at_all() -> None:
    book = make_book(D(1000), D(11), SHAPE)
    killed = arrive(book, Side.BUY, D(2), D("1000.1"), TimeInForce.FOK)
    whole = arrive(book, Side.BUY, D(3), D("1000.2"), TimeInForce.FOK)
    assert (killed.fate, killed.left) == (Fate.KILLED, 2)
    assert whole.executions == (Level(D("1000.1"), D(1)), Level(D("1000.2"), D(2)))


def test_post_only_rests_or_is_refused() -> None:
    book = make_book(D(1000), D(11), SHAPE)
    assert arrive(book, Side.BUY, D(1), D("1000"), TimeInForce.POC).fate is Fate.RESTS
    assert arrive(book, Side.BUY, D(1), D("1000.1"), TimeInForce.POC).fate is Fate.WOULD_TAKE


@pytest.mark.parametrize(
    ("side", "price", "is_filled"),
    [
        (Side.BUY, "99.99", True),
        (Side.BUY, "100", False),
        (Side.BUY, "100.01", False),
        (Side.SELL, "100.01", True),
        (Side.SELL, "100", False),
        (Side.SELL, "99.99", False),
    ],
)
def test_a_resting_order_fills_beyond_its_limit_only(
    side: Side, price: str, is_filled: bool
) -> None:
    assert trades_through(side, D(100), D(price)) is is_filled


@pytest.mark.parametrize(
    ("rule", "price", "fires"),
    [
        (TriggerRule.AT_OR_ABOVE, "100", True),
        (TriggerRule.AT_OR_ABOVE, "99.99", False),
        (TriggerRule.AT_OR_BELOW, "100", True),
        (TriggerRule.AT_OR_BELOW, "100.01", False),
    ],
)
def test_a_trigger_fires_at_its_price_and_beyond(
    rule: TriggerRule, price: str, fires: bool
) -> None:
    assert is_triggered(rule, D(100), D(price)) is fires


def test_sides_oppose_each_other() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
