"""What candles make of a trade, with prices that are worked out by hand."""

from decimal import Decimal

import pytest

from cerberus.backtest.course import Close, Costs, Stand, Wanted, follow
from cerberus.domain.signals import Side, TimeInForce
from tests.unit.backtest.bars import FREE, bars, long, minute, short

D = Decimal


def test_a_market_entry_takes_the_open_of_the_next_bar() -> None:
    found = follow(long(at=minute(0.5)), bars("90 90 90 90", "100 101 99 100"), FREE)

    assert found.stand is Stand.OPEN
    assert found.entry is not None
    assert (found.entry.at, found.entry.price) == (minute(1), D(100))


def test_a_signal_at_the_beginning_of_a_bar_enters_in_it() -> None:
    found = follow(long(), bars("100 101 99 100"), FREE)

    assert found.entry is not None
    assert found.entry.at == minute(0)


def test_without_a_bar_after_the_signal_nothing_is_known() -> None:
    assert follow(long(at=minute(1)), bars("100 101 99 100"), FREE).stand is Stand.WAITING


@pytest.mark.parametrize(
    ("wanted", "last", "price", "reason"),
    [
        # long 98 / 104, entered at 100
        (long(), "100 101 98 99", "98", "stop"),
        (long(), "100 104 99 103", "104", "target"),
        (long(), "97 97.5 96 97", "97", "stop"),
        (long(), "105 106 104.5 105", "105", "target"),
        # both within one bar: the stop
        (long(), "100 104 98 101", "98", "stop"),
        # short 102 / 96, entered at 100
        (short(), "100 102 99 100", "102", "stop"),
        (short(), "100 101 96 97", "96", "target"),
        (short(), "103 104 101 103", "103", "stop"),
        (short(), "95 95.5 94 95", "95", "target"),
        (short(), "100 102 96 100", "102", "stop"),
    ],
)
def test_an_exit_takes_its_trigger_or_the_open_beyond_it(
    wanted: Wanted, last: str, price: str, reason: str
) -> None:
    found = follow(wanted, bars("100 101 99 100", last), FREE)

    assert (found.stand, found.reason) == (Stand.CLOSED, reason)
    assert found.exit is not None
    assert (found.exit.at, found.exit.price) == (minute(1), D(price))


def test_the_bar_of_the_entry_can_be_that_of_the_exit() -> None:
    found = follow(long(), bars("100 101 97 99"), FREE)

    assert (found.reason, found.stand) == ("stop", Stand.CLOSED)


def test_slippage_and_fees_are_paid_twice() -> None:
    costs = Costs(slippage_rate=D("0.01"), taker_rate=D("0.001"), maker_rate=D(0))

    found = follow(long(), bars("100 101 99.5 100", "100 104 99 104"), costs)

    # in at 100 * 1.01 = 101, out at 104 * 0.99 = 102.96
    assert found.entry is not None
    assert found.exit is not None
    assert (found.entry.price, found.exit.price) == (D(101), D("102.96"))
    # 2 * (102.96 - 101) - 2 * 0.001 * (101 + 102.96) = 3.92 - 0.40792
    assert found.net(Side.BUY, D(2)) == D("3.51208")


def test_a_sale_slips_and_pays_the_other_way_round() -> None:
    costs = Costs(slippage_rate=D("0.01"), taker_rate=D("0.001"), maker_rate=D(0))

    found = follow(short(), bars("100 101 99 100", "100 100 96 96"), costs)

    # in at 100 * 0.99 = 99, out at 96 * 1.01 = 96.96: 2.04 - 0.001 * (99 + 96.96)
    assert found.net(Side.SELL, D(1)) == D("1.84404")


def test_what_is_still_open_has_no_result() -> None:
    found = follow(long(), bars("100 101 99 100"), FREE)

    assert (found.exit, found.net(Side.BUY, D(1))) == (None, None)


def test_a_limit_waits_until_a_bar_trades_through_it() -> None:
    costs = Costs(slippage_rate=D("0.01"), taker_rate=D("0.1"), maker_rate=D("0.001"))
    series = bars("100 101 99.5 100", "100 100 99 99.5", "99.5 100 98.9 99.4")

    found = follow(long(limit=D(99)), series, costs)

    assert found.entry is not None
    # touched by the second bar, passed by the third; a resting order neither slips nor takes
    assert (found.entry.at, found.entry.price) == (minute(2), D(99))
    assert found.entry.fee_rate == D("0.001")


def test_a_limit_above_the_market_takes_its_open() -> None:
    costs = Costs(slippage_rate=D("0.001"), taker_rate=D("0.0005"), maker_rate=D(0))

    found = follow(long(limit=D(101)), bars("100 101 99 100"), costs)

    assert found.entry is not None
    assert (found.entry.price, found.entry.fee_rate) == (D("100.1"), D("0.0005"))


@pytest.mark.parametrize(
    ("limit", "time_in_force", "stand"),
    [
        ("99", TimeInForce.IOC, Stand.UNFILLED),
        ("99", TimeInForce.FOK, Stand.UNFILLED),
        ("99", TimeInForce.GTC, Stand.WAITING),
        ("99", TimeInForce.POST_ONLY, Stand.WAITING),
        ("101", TimeInForce.POST_ONLY, Stand.UNFILLED),
        ("101", TimeInForce.IOC, Stand.OPEN),
    ],
)
def test_what_a_limit_does_at_once_depends_on_how_long_it_stays(
    limit: str, time_in_force: TimeInForce, stand: Stand
) -> None:
    wanted = long(limit=D(limit), time_in_force=time_in_force)

    assert follow(wanted, bars("100 100.5 99.5 100"), FREE).stand is stand


def test_an_entry_that_was_taken_back_fills_no_more() -> None:
    wanted = long(limit=D(99), until=minute(1))

    found = follow(wanted, bars("100 101 99.5 100", "100 100 98.5 99"), FREE)

    assert found.stand is Stand.UNFILLED


def test_in_the_bar_in_which_a_limit_fills_only_the_stop_is_sure() -> None:
    # the high of 105 may have come before the fill at 99, a low of 97 has to come after it
    first = follow(long(limit=D(99)), bars("100 105 98.5 100"), FREE)
    second = follow(long(limit=D(99)), bars("100 105 97 100"), FREE)

    assert first.stand is Stand.OPEN
    assert second.exit is not None
    assert (second.reason, second.exit.price) == ("stop", D(98))


def test_a_trailing_stop_follows_the_best_price_of_the_bars_before() -> None:
    wanted = long(target=D(200), trailing_percent=D(2))
    # the stop is 98; 110 * 0.98 = 107.8 from the second bar on, which reaches it
    series = bars("100 110 99 109", "109 109 107.8 108")

    found = follow(wanted, series, FREE)

    assert found.exit is not None
    assert (found.reason, found.exit.at, found.exit.price) == ("stop", minute(1), D("107.8"))


def test_a_trailing_stop_of_a_sale_follows_downwards() -> None:
    wanted = short(target=D(50), trailing_percent=D(2))

    found = follow(wanted, bars("100 101 90 91", "91 91.8 90.5 91"), FREE)

    assert found.exit is not None
    assert found.exit.price == D("91.8")


def test_what_somebody_has_closed_is_left_at_the_next_open() -> None:
    wanted = long(close=Close(minute(0.5), "by hand"))

    found = follow(wanted, bars("100 101 99 100", "101 103 97 103"), FREE)

    assert found.exit is not None
    assert (found.reason, found.exit.price) == ("by hand", D(101))


def test_a_stop_before_that_comes_first() -> None:
    wanted = long(close=Close(minute(1.5), "by hand"))

    found = follow(wanted, bars("100 101 99 100", "99 99 97 98", "98 99 98 98"), FREE)

    assert found.reason == "stop"
