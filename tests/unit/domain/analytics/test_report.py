"""What the report says of trades, by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.analytics.columns import Holding, Span, iso
from tests.unit.domain.analytics.examples import START, WEEK, Told, report_of

D = Decimal


def test_counts_and_sums_are_exact() -> None:
    total = report_of(
        Told(1, "10.1", fees="0.2"), Told(2, "-4", fees="0.1"), Told(3, "0"), Told(4, "2.2")
    ).total

    assert (total.trades, total.wins, total.losses) == (4, 2, 1)
    assert (total.net, total.gained, total.lost, total.fees) == (D("8.3"), D("12.3"), -4, D("0.3"))
    assert total.win_rate == D(2) / 3
    assert total.profit_factor == D("3.075")
    assert total.expectancy == D("2.075")
    assert (total.average_win, total.average_loss) == (D("6.15"), -4)


def test_without_a_loss_there_is_no_profit_factor_and_without_a_trade_no_rate() -> None:
    assert report_of(Told(1, "1")).total.profit_factor is None
    nothing = report_of()
    assert (nothing.total.win_rate, nothing.total.expectancy, nothing.best) == (None, None, None)
    assert nothing.equity_end == 1000
    assert nothing.distribution == []


def test_each_grouping_has_its_trades() -> None:
    found = report_of(
        Told(1.5, "1", symbol="BTC/USDT", strategy="cross"),
        Told(25, "-2", symbol="ETH/USDT", strategy="cross"),
        Told(25.99, "4", symbol="ETH/USDT", strategy="rsi"),
    )

    assert {name: one.net for name, one in found.by_symbol.items()} == {
        "BTC/USDT": 1,
        "ETH/USDT": 2,
    }
    assert {name: one.net for name, one in found.by_strategy.items()} == {"cross": -1, "rsi": 4}
    assert {hour: one.net for hour, one in found.by_hour.items()} == {1: 3}
    assert {day: one.trades for day, one in found.by_weekday.items()} == {0: 1, 1: 2}
    assert found.by_weekday_and_hour[1, 1].net == 2


@pytest.mark.parametrize(("parts", "are_joined"), [(1, False), (5, False), (2, True), (5, True)])
def test_the_equity_falls_as_deep_and_as_long_as_it_did(parts: int, are_joined: bool) -> None:
    trades = [Told(10, "100"), Told(20, "-50"), Told(30, "-60"), Told(50, "110"), Told(60, "-11")]

    found = report_of(*trades, parts=parts, are_joined=are_joined).drawdown

    assert found.depth_rate == pytest.approx(110 / 1100)
    assert found.depth_usd == pytest.approx(110)
    assert found.deepest_at == START + timedelta(hours=30)
    # from the last peak before the end, which lies 50 hours after the start
    assert found.longest_seconds == (7 * 24 - 50) * 3600
    assert found.longest_from == START + timedelta(hours=50)
    assert not found.is_recovered


def test_time_without_trades_at_a_peak_is_no_drawdown() -> None:
    found = report_of(Told(1, "5"), Told(100, "5"), Told(101, "-1"), Told(102, "1")).drawdown

    assert found.longest_seconds == 2 * 3600
    assert found.is_recovered


def test_exposure_counts_overlapping_time_once() -> None:
    found = report_of(
        Told(2, "1", lasted_hours=2, value=100),
        Told(3, "1", lasted_hours=2, value=100),
        Told(10, "1", lasted_hours=1, value=400),
        Told(11, "1", lasted_hours=10.5, value=0),
        holdings=[Holding(iso(START + timedelta(hours=165)), 100.0)],
    ).exposure

    # 0 to 11 hours, and the last three
    assert found.time_rate == pytest.approx(14 / 168)
    assert found.average_usd == pytest.approx((200 + 200 + 400 + 300) / 168)
    assert found.average_rate == pytest.approx(found.average_usd / 1000)


def test_what_was_opened_before_the_range_counts_from_its_start_on() -> None:
    found = report_of(Told(1, "1", lasted_hours=50, value=168)).exposure

    assert found.time_rate == pytest.approx(1 / 168)
    assert found.average_usd == pytest.approx(1)


def test_a_range_of_days_has_as_many_days_though_it_begins_within_an_hour() -> None:
    span = Span(START + timedelta(hours=19.3), START + timedelta(days=2, hours=19.3))

    found = report_of(Told(19.5, "10"), Told(43.2, "-5"), Told(67.1, "2"), span=span)

    # cut at full hours: the trade of 19:12 is one of the second day
    assert [(one.trades, one.net) for one in found.days] == [(1, 10), (2, -3)]
    assert found.days[-1].equity == found.equity_end == 1007
    assert found.ratios.days == 2


def test_an_equity_that_was_gone_has_no_ratios_but_sums() -> None:
    found = report_of(Told(1, "-1500"), Told(30, "700"))

    assert found.ratios.sharpe is None
    assert found.equity_end == 200


def test_slippage_is_a_share_of_the_value() -> None:
    costs = report_of(
        Told(1, "1", value=1000, slippage=2, funding="-0.5"),
        Told(2, "1", value=3000, slippage=-1, funding="0.2"),
    ).costs

    assert (costs.funding, costs.slippage_usd) == (D("-0.3"), 1)
    assert costs.slippage_rate == pytest.approx(1 / 4000)


def test_the_distribution_has_every_result_once() -> None:
    found = report_of(Told(1, "-3"), Told(2, "0"), Told(3, "0.015"), Told(4, "2e6")).distribution

    held = [(one.start, one.end) for one in found if one.trades]
    assert held == [(-5.0, -2.0), (0.0, 0.01), (0.01, 0.02), (500_000.0, None)]
    assert sum(one.trades for one in found) == 4


def test_a_range_must_hold_time() -> None:
    with pytest.raises(ValueError, match="must end after"):
        Span(START, START)


results = st.decimals("-100", "100", places=8).map(str)
told_trades = st.builds(
    Told,
    hour=st.floats(0, 167.9),
    net=results,
    lasted_hours=st.floats(0, 30),
    fees=st.decimals("0", "5", places=8).map(str),
    symbol=st.sampled_from(["BTC/USDT", "ETH/USDT"]),
    strategy=st.sampled_from(["cross", "rsi"]),
    value=st.floats(0, 1000),
)


@given(st.lists(told_trades, max_size=40), st.integers(1, 5))
def test_every_grouping_adds_up_to_the_total_however_the_trades_come_in(
    trades: list[Told], parts: int
) -> None:
    found = report_of(*trades, parts=parts)

    net = sum((D(one.net) for one in trades), D(0))
    assert found.total.net == found.equity_end - 1000 == net
    groups = (found.by_symbol, found.by_strategy, found.by_hour, found.by_weekday)
    for group in (*groups, found.by_weekday_and_hour):
        assert sum(one.net for one in group.values()) == net
        assert sum(one.trades for one in group.values()) == len(trades)
    assert sum(one.net for one in found.days) == net
    assert sum(one.trades for one in found.distribution) == len(trades)
    assert found.curve[-1].equity == found.equity_end


@given(st.lists(told_trades, max_size=25), st.booleans())
def test_in_parts_or_as_a_whole_the_report_is_the_same(
    trades: list[Told], are_joined: bool
) -> None:
    whole, parts = report_of(*trades), report_of(*trades, parts=7, are_joined=are_joined)

    assert whole.drawdown.depth_rate == pytest.approx(parts.drawdown.depth_rate, abs=1e-12)
    assert (whole.best, whole.worst) == (parts.best, parts.worst)
    assert whole.total == parts.total
    assert whole.by_symbol == parts.by_symbol
    assert whole.distribution == parts.distribution
    assert whole.costs.funding == parts.costs.funding
    assert whole.exposure.time_rate == pytest.approx(parts.exposure.time_rate)
    assert whole.exposure.average_usd == pytest.approx(parts.exposure.average_usd)
    assert whole.days == parts.days


@given(st.lists(told_trades, min_size=1, max_size=25))
def test_drawdown_and_exposure_are_what_a_slow_look_finds(trades: list[Told]) -> None:
    found = report_of(*trades)

    equity, peak, deepest = 1000.0, 1000.0, 0.0
    for one in sorted(trades, key=lambda each: each.hour):
        equity += float(one.net)
        peak = max(peak, equity)
        deepest = max(deepest, (peak - equity) / peak)
    assert found.drawdown.depth_rate == pytest.approx(deepest, abs=1e-12)
    stretches = sorted((max(0.0, one.hour - one.lasted_hours), one.hour) for one in trades)
    hours, until = 0.0, 0.0
    for since, end in stretches:
        hours += max(0.0, end - max(since, until))
        until = max(until, end)
    assert found.exposure.time_rate == pytest.approx(hours / 168, abs=1e-9)


def test_the_week_of_the_examples_begins_on_a_monday() -> None:
    assert datetime(2026, 3, 2, tzinfo=UTC).weekday() == 0 == WEEK.start.weekday()
