"""Live beside the backtest: outcomes, differences, sums and medians."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cerberus.backtest.course import Course, Leg, Stand
from cerberus.backtest.parity import Lived, Outcome, Parity, Row
from cerberus.domain.signals import Side
from tests.unit.backtest.bars import START, minute

D = Decimal
CLOSED = Course(
    Stand.CLOSED, Leg(minute(1), D(100), D(0)), Leg(minute(9), D(110), D(0)), reason="target"
)
OPEN = Course(Stand.OPEN, Leg(minute(1), D(100), D(0)))
REFUSED = Lived("refused", is_over=True, quantity=D(1), note="cooldown")


def lived(entry: str = "100", leave: str | None = "110", **changes: Any) -> Lived:
    """Return a trade of two that is closed where it has left."""
    is_closed = leave is not None
    found = Lived(
        status="closed" if is_closed else "open",
        is_over=is_closed,
        quantity=D(2),
        entry_price=D(entry),
        exit_price=None if leave is None else D(leave),
        reason="target" if is_closed else "",
        net=None if leave is None else 2 * (D(leave) - D(entry)),
    )
    return replace(found, **changes)


def row(live: Lived, course: Course = CLOSED, side: Side = Side.BUY, **changes: Any) -> Row:
    plain = Row("s1", "t1", "BTC/USDT", side, "manual", START, live.quantity, live, course)
    return replace(plain, **changes)


def test_live_that_paid_more_and_got_less_is_worse_by_both() -> None:
    # in at 101 for 100, out at 109 for 110; 2 * 8 = 16 for 2 * 10 = 20
    found = row(lived("101", "109"))

    assert found.outcome is Outcome.BOTH
    assert (found.entry_bps, found.pnl_usd) == (D(100), D(-4))
    assert found.exit_bps is not None
    assert float(found.exit_bps) == pytest.approx(90.909, abs=0.001)
    # 4 of the 202 that were put in
    assert found.pnl_bps is not None
    assert float(found.pnl_bps) == pytest.approx(-198.02, abs=0.01)
    assert found.has_same_reason is True


def test_for_a_sale_a_lower_entry_and_a_higher_exit_are_worse() -> None:
    course = replace(CLOSED, exit=Leg(minute(9), D(90), D(0)))
    live = lived("99", "91", net=D(16))

    found = row(live, course, Side.SELL)

    assert found.entry_bps == D(100)
    assert found.exit_bps is not None
    assert float(found.exit_bps) == pytest.approx(111.11, abs=0.01)
    assert found.pnl_usd == D(-4)


@pytest.mark.parametrize(
    ("live", "course", "outcome"),
    [
        (lived(), CLOSED, Outcome.BOTH),
        (lived(), OPEN, Outcome.OPEN),
        (lived(leave=None), CLOSED, Outcome.OPEN),
        (lived(leave=None), OPEN, Outcome.OPEN),
        (lived(), Course(Stand.UNFILLED), Outcome.LIVE_ONLY),
        (REFUSED, CLOSED, Outcome.BACKTEST_ONLY),
        (REFUSED, OPEN, Outcome.BACKTEST_ONLY),
        (REFUSED, Course(Stand.UNFILLED), Outcome.NEITHER),
        (REFUSED, Course(Stand.WAITING), Outcome.WAITING),
        (Lived("pending", is_over=False), CLOSED, Outcome.WAITING),
        (Lived("pending", is_over=False), Course(Stand.UNFILLED), Outcome.WAITING),
    ],
)
def test_what_can_be_compared_follows_from_both_sides(
    live: Lived, course: Course, outcome: Outcome
) -> None:
    assert row(live, course).outcome is outcome


def test_what_cannot_be_followed_is_unknown() -> None:
    assert row(REFUSED, note="never judged").outcome is Outcome.UNKNOWN


def test_only_the_entry_of_an_open_trade_is_compared() -> None:
    found = row(lived("101", None), OPEN)

    assert found.entry_bps == D(100)
    assert (found.exit_bps, found.pnl_usd, found.pnl_bps) == (None, None, None)
    assert found.has_same_reason is None


def test_another_reason_is_counted() -> None:
    stopped = row(lived("100", "98", reason="stop"))

    parity = Parity([stopped, row(lived())])

    assert (stopped.has_same_reason, parity.other_reasons) == (False, 1)


def test_sums_are_of_what_is_closed_on_both_sides_and_what_was_missed_is_apart() -> None:
    parity = Parity([row(lived("101", "109")), row(lived(leave=None)), row(REFUSED)])

    assert (parity.live_usd, parity.backtest_usd) == (D(16), D(20))
    # one, for which the plan of the refused signal was
    assert parity.missed_usd == D(10)
    assert [parity.count(one) for one in (Outcome.BOTH, Outcome.OPEN, Outcome.BACKTEST_ONLY)] == [
        1,
        1,
        1,
    ]


def test_the_median_is_beyond_its_threshold_whichever_side_is_better() -> None:
    # each 2 * 100 put in; results apart by 1, 2 and 40 USD: 50, 100 and 2,000 bps
    rows = [
        row(lived(net=D(21)), signal_id="a"),
        row(lived(net=D(18)), signal_id="b"),
        row(lived(net=D(60)), signal_id="c"),
    ]
    parity = Parity(rows)

    assert parity.median_distance_bps == D(100)
    assert parity.middle(lambda one: one.pnl_bps) == D(50)
    assert (parity.is_beyond(D(99)), parity.is_beyond(D(100))) == (True, False)
    assert [one.signal_id for one in parity.largest] == ["c", "b", "a"]


def test_nothing_to_compare_is_beyond_nothing() -> None:
    parity = Parity([row(REFUSED)])

    assert (parity.median_distance_bps, parity.is_beyond(D(0)), parity.largest) == (None, False, [])
