from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.performance import Performance, from_fact, to_fact
from tests.unit.domain.examples import NOW

D = Decimal
LIMIT = D("0.05")
START = Performance(starting_equity=D(1000), peak_equity=D(1000))
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


def test_a_result_counts_for_its_utc_day_only() -> None:
    before = START.booked(D(-10), MIDNIGHT - timedelta(microseconds=1))
    after = before.booked(D(-7), MIDNIGHT)

    assert before.pnl_of(date(2026, 3, 2)) == -10
    assert after.pnl_of(date(2026, 3, 2)) == 0
    assert after.pnl_of(date(2026, 3, 3)) == -7
    assert after.equity == 983


def test_what_belongs_to_a_day_that_is_over_changes_the_equity_only() -> None:
    today = START.booked(D(-7), MIDNIGHT)
    late = today.funded(D(-3), MIDNIGHT - timedelta(hours=8))

    assert late.pnl_of(date(2026, 3, 3)) == -7
    assert (late.equity, late.funding) == (990, -3)


def test_funding_counts_for_its_day_and_in_the_equity() -> None:
    sums = START.booked(D(-7), MIDNIGHT).funded(D("-1.5"), MIDNIGHT + timedelta(hours=8))

    assert sums.pnl_of(date(2026, 3, 3)) == D("-8.5")
    assert (sums.equity, sums.net_pnl, sums.funding) == (D("991.5"), D("-8.5"), D("-1.5"))


def test_an_open_loss_counts_for_the_day_and_an_open_profit_does_not() -> None:
    booked = START.booked(D(-10), NOW)

    assert booked.valued(D(-5), LIMIT).pnl_of(NOW.date()) == -15
    assert booked.valued(D(5), LIMIT).pnl_of(NOW.date()) == -10


def test_the_peak_rises_with_a_valuation_and_never_falls() -> None:
    high = START.valued(D(100), LIMIT)

    assert high.peak_equity == 1100
    assert high.valued(D(60), LIMIT).peak_equity == 1100


def test_a_profit_that_is_realised_is_not_a_peak_twice() -> None:
    realised = START.valued(D(100), LIMIT).booked(D(100), NOW).valued(D(0), LIMIT)

    assert (realised.peak_equity, realised.equity) == (1100, 1100)
    assert not realised.drawdown_latched


@pytest.mark.parametrize(("loss", "latched"), [("-49.99", False), ("-50", True), ("-51", True)])
def test_a_drawdown_latches_at_its_limit(loss: str, latched: bool) -> None:
    assert START.valued(D(loss), LIMIT).drawdown_latched is latched


def test_a_latched_drawdown_stays_until_a_person_resets_it() -> None:
    latched = START.valued(D(-50), LIMIT)
    recovered = latched.valued(D(500), LIMIT).booked(D(500), NOW).closed(D(500))
    reset = recovered.closed(D(-1)).reset()

    assert recovered.drawdown_latched
    assert not reset.drawdown_latched
    assert (reset.peak_equity, reset.losses_in_a_row) == (reset.equity, 0)


def test_without_any_equity_no_drawdown_latches() -> None:
    assert not Performance().valued(D(-5), LIMIT).drawdown_latched


@pytest.mark.parametrize(
    ("results", "losses"),
    [([], 0), (["-1", "-1"], 2), (["-1", "1", "-1"], 1), (["-1", "0"], 0), (["-0.000001"], 1)],
)
def test_losses_in_a_row_end_with_a_win(results: list[str], losses: int) -> None:
    sums = START
    for result in results:
        sums = sums.closed(D(result))

    assert sums.losses_in_a_row == losses


changes = st.decimals("-100000", "100000", places=8)


@given(st.lists(st.tuples(changes, st.integers(0, 72)), max_size=30))
def test_booked_results_sum_up(told: list[tuple[Decimal, int]]) -> None:
    sums = START
    for change, hours in sorted(told, key=lambda one: one[1]):
        sums = sums.booked(change, NOW + timedelta(hours=hours))

    assert sums.equity == 1000 + sum(change for change, _ in told)
    if sums.day is not None:
        of_day = [one for one, hours in told if (NOW + timedelta(hours=hours)).date() == sums.day]
        assert sums.pnl_of(sums.day) == sum(of_day)


performances = st.builds(
    Performance,
    starting_equity=changes,
    net_pnl=changes,
    unrealised_pnl=changes,
    peak_equity=changes,
    drawdown_latched=st.booleans(),
    losses_in_a_row=st.integers(0, 1000),
    day=st.one_of(st.none(), st.dates()),
    day_pnl=changes,
    funding=changes,
)


@given(performances)
def test_sums_survive_being_kept(sums: Performance) -> None:
    fact = to_fact(sums)

    assert from_fact(fact) == sums
    assert all(isinstance(value, str) for value in fact.values())


def test_sums_of_before_funding_was_read_have_none() -> None:
    fact = to_fact(START)
    del fact["funding"]

    assert from_fact(fact) == START


moments = st.integers(-400_000, 400_000).map(lambda number: NOW + timedelta(seconds=number))


@given(st.lists(st.tuples(changes, moments, st.booleans()), max_size=30))
def test_equity_is_the_sum_of_fills_and_funding_in_any_order(
    told: list[tuple[Decimal, datetime, bool]],
) -> None:
    sums = START
    for change, at, is_funding in told:
        sums = sums.funded(change, at) if is_funding else sums.booked(change, at)

    assert sums.equity == 1000 + sum(change for change, _, _ in told)
    assert sums.funding == sum(change for change, _, is_funding in told if is_funding)
    if sums.day is not None:
        assert sums.day == max(at.date() for _, at, _ in told)


def test_no_fact_is_a_fresh_start() -> None:
    assert from_fact({}) == Performance()


@given(performances, changes)
def test_a_valuation_never_lowers_the_peak_nor_unlatches(
    sums: Performance, unrealised: Decimal
) -> None:
    valued = sums.valued(unrealised, LIMIT)

    assert valued.peak_equity >= max(sums.peak_equity, valued.equity)
    assert valued.drawdown_latched or not sums.drawdown_latched
