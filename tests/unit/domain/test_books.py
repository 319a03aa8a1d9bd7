from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cerberus.domain.books import (
    BookedFill,
    Holding,
    OpenPosition,
    closed_sums_equal_positions,
    fills_sum_to_positions,
    one_live_trade_per_signal,
    open_positions_have_exits,
    reservations_equal_open_orders,
)
from cerberus.domain.closed_sums import ClosedSums
from cerberus.domain.orders import Purpose
from cerberus.domain.signals import Side

D = Decimal
NOW, MINUTE = datetime(2026, 3, 2, 12, tzinfo=UTC), timedelta(minutes=1)


def fill(side: Side, quantity: str, fee: str = "0", currency: str = "USDT") -> BookedFill:
    purpose = Purpose.ENTRY if side is Side.BUY else Purpose.STOP
    return BookedFill(purpose, side, D(quantity), D(fee), currency)


def holding(quantity: str, *fills: BookedFill, dust: str = "0") -> Holding:
    return Holding("p1", "BTC/USDT", Side.BUY, D(quantity), D(dust), fills)


@pytest.mark.parametrize(
    "held",
    [
        holding("3", fill(Side.BUY, "1"), fill(Side.BUY, "2")),
        holding("0", fill(Side.BUY, "2"), fill(Side.SELL, "2")),
        holding("0.999", fill(Side.BUY, "1", "0.001", "BTC")),
        holding("0", fill(Side.BUY, "1", "0.001", "BTC"), fill(Side.SELL, "0.99"), dust="0.009"),
        holding("1", fill(Side.BUY, "1", "0.4", "USDT")),
    ],
)
def test_fills_that_bring_what_is_held_are_right(held: Holding) -> None:
    check = fills_sum_to_positions([held], [])

    assert (check.holds, check.detail) == (True, "1 positions")


def test_a_position_that_its_fills_do_not_explain_is_named_with_both_numbers() -> None:
    check = fills_sum_to_positions([holding("3", fill(Side.BUY, "2"))], [])

    assert not check.holds
    assert check.detail == "BTC/USDT p1 holds 3, its fills give 2"


def test_a_fill_without_a_position_is_wrong() -> None:
    check = fills_sum_to_positions([], ["f9"])

    assert (check.holds, check.detail) == (False, "fill f9 belongs to no position")


def test_many_wrongs_are_counted_and_a_few_named() -> None:
    check = fills_sum_to_positions([], [f"f{number}" for number in range(9)])

    assert check.detail.endswith("fill f4 belongs to no position; and 4 more")


def test_two_trades_of_a_signal_are_wrong() -> None:
    assert one_live_trade_per_signal(2, []).holds
    assert one_live_trade_per_signal(2, ["s1"]).detail == "signal s1 has several trades"


@pytest.mark.parametrize(
    ("live", "reserved", "detail"),
    [
        ({"o1"}, {"o1"}, "1 open entries"),
        ({"o1"}, set(), "entry o1 is live and reserves nothing"),
        (set(), {"o1"}, "order o1 reserves and is no live entry"),
    ],
)
def test_what_is_reserved_is_what_open_entries_need(
    live: set[str], reserved: set[str], detail: str
) -> None:
    check = reservations_equal_open_orders(live, reserved)

    assert (check.holds, check.detail) == (live == reserved, detail)


@pytest.mark.parametrize(("stops", "closes", "holds"), [(1, 0, True), (0, 1, True), (0, 0, False)])
def test_an_open_position_has_a_stop_or_is_being_closed(
    stops: int, closes: int, holds: bool
) -> None:
    check = open_positions_have_exits([OpenPosition("p1", "BTC/USDT", stops, closes)])

    assert check.holds is holds


def sums(result: str = "1.5", until: datetime | None = NOW) -> ClosedSums:
    return ClosedSums("BTC/USDT", NOW, until, D(result), D(0), D("0.009"))


@pytest.mark.parametrize(
    ("told", "positions"),
    [([sums()], {"BTC/USDT": sums("1.50")}), ([], {}), ([sums(until=None)], {})],
)
def test_sums_that_are_those_of_the_closed_positions_are_right(
    told: list[ClosedSums], positions: dict[str, ClosedSums]
) -> None:
    assert closed_sums_equal_positions(told, positions).holds


@pytest.mark.parametrize(
    ("told", "positions", "detail"),
    [
        ([sums()], {"BTC/USDT": sums("2")}, "keeps result 1.5, cost 0, held 0.009 until"),
        ([sums()], {"BTC/USDT": sums(until=NOW + MINUTE)}, "positions give result 1.5, cost 0"),
        ([sums()], {}, "its closed positions give nothing"),
        ([], {"BTC/USDT": sums()}, "BTC/USDT keeps nothing"),
    ],
)
def test_other_sums_than_those_of_the_closed_positions_are_named(
    told: list[ClosedSums], positions: dict[str, ClosedSums], detail: str
) -> None:
    check = closed_sums_equal_positions(told, positions)

    assert not check.holds
    assert detail in check.detail
