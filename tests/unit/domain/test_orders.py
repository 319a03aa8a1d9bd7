from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.orders import (
    LEGAL_MOVES,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    VenueOrder,
    absorb,
)
from cerberus.errors import Conflict
from tests.unit.domain.examples import order

S = OrderStatus
PAIRS = [(start, end) for start in S for end in S]
#: what a venue can say; intent, unknown and cancel requested are ours alone
TOLD = [S.OPEN, S.PARTLY_FILLED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED]


def report(
    status: OrderStatus, filled: str | Decimal = "0", average: str | None = None
) -> VenueOrder:
    price = None if average is None else Decimal(average)
    return VenueOrder("v1", status, Decimal(filled), price)


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_moves_only_where_the_table_says_so(start: OrderStatus, end: OrderStatus) -> None:
    before = order(status=start, reason="before")
    if start is end:
        assert before.moved(end, "after") is before
    elif end in LEGAL_MOVES[start]:
        assert before.moved(end) == replace(before, status=end)
        assert before.moved(end, "after").reason == "after"
    else:
        with pytest.raises(Conflict, match=f"cannot move from {start} to {end}"):
            before.moved(end)


def test_the_table_knows_every_state_and_its_ends() -> None:
    final = {status for status in S if status.is_final}

    assert set(LEGAL_MOVES) == set(S)
    assert final == {S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED}
    assert [start for start, moves in LEGAL_MOVES.items() if S.INTENT in moves] == [S.ARMED]
    assert all(S.ARMED not in moves for moves in LEGAL_MOVES.values())


def test_an_order_that_waits_with_us_is_never_taken_for_one_at_the_venue() -> None:
    assert LEGAL_MOVES[S.ARMED] == {S.INTENT, S.CANCELLED, S.REJECTED, S.EXPIRED}
    assert order(status=S.ARMED).is_armed
    assert not order(status=S.ARMED).is_in_doubt


@pytest.mark.parametrize("kind", OrderType)
def test_only_a_market_order_is_sent_without_a_price(kind: OrderType) -> None:
    expected = OrderType.MARKET if kind is OrderType.MARKET else OrderType.LIMIT

    assert kind.at_venue is expected


def test_every_state_can_be_reached_from_an_order_that_waits() -> None:
    reached, waiting = set(), [S.ARMED]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += LEGAL_MOVES[status]

    assert reached == set(S)


@pytest.mark.parametrize(
    ("status", "venue_id", "in_doubt"),
    [
        (S.INTENT, None, True),
        (S.UNKNOWN, "v1", True),
        (S.CANCEL_REQUESTED, None, True),
        (S.CANCEL_REQUESTED, "v1", False),
        (S.OPEN, "v1", False),
        (S.PARTLY_FILLED, "v1", False),
        (S.CANCELLED, None, False),
    ],
)
def test_an_order_that_the_venue_never_confirmed_is_in_doubt(
    status: OrderStatus, venue_id: str | None, in_doubt: bool
) -> None:
    assert order(status=status, venue_id=venue_id).is_in_doubt is in_doubt


@pytest.mark.parametrize("purpose", Purpose)
def test_only_an_entry_may_enlarge_a_position(purpose: Purpose) -> None:
    assert order(purpose=purpose).reduce_only is (purpose is not Purpose.ENTRY)


def test_knows_what_is_left_and_how_often_it_was_missed() -> None:
    assert order(filled_quantity=Decimal(4)).remaining == 6
    assert order().missed().missed().misses == 2


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [
        (S.INTENT, report(S.OPEN), S.OPEN),
        (S.INTENT, report(S.REJECTED), S.REJECTED),
        (S.UNKNOWN, report(S.FILLED, "10"), S.FILLED),
        (S.OPEN, report(S.PARTLY_FILLED, "3"), S.PARTLY_FILLED),
        (S.OPEN, report(S.OPEN, "3"), S.PARTLY_FILLED),
        (S.OPEN, report(S.REJECTED), S.CANCELLED),
        (S.PARTLY_FILLED, report(S.OPEN), S.PARTLY_FILLED),
        (S.PARTLY_FILLED, report(S.CANCELLED, "3"), S.CANCELLED),
        (S.CANCEL_REQUESTED, report(S.OPEN), S.CANCEL_REQUESTED),
        (S.CANCEL_REQUESTED, report(S.PARTLY_FILLED, "5"), S.CANCEL_REQUESTED),
        (S.CANCEL_REQUESTED, report(S.FILLED, "10"), S.FILLED),
        (S.CANCEL_REQUESTED, report(S.REJECTED), S.CANCELLED),
        (S.CANCELLED, report(S.FILLED, "10"), S.CANCELLED),
        (S.EXPIRED, report(S.OPEN), S.EXPIRED),
    ],
)
def test_takes_over_what_the_venue_reports(
    before: OrderStatus, told: VenueOrder, after: OrderStatus
) -> None:
    filled = Decimal(2) if before is S.PARTLY_FILLED else Decimal(0)

    found = absorb(order(status=before, misses=1, filled_quantity=filled), told)

    assert found.status is after
    assert found.filled_quantity == max(filled, told.filled_quantity)
    assert (found.venue_id, found.misses) == ("v1", 0)


def test_a_late_fill_is_kept_though_the_order_is_over() -> None:
    found = absorb(order(status=S.EXPIRED), report(S.FILLED, "10", "99"))

    assert (found.status, found.filled_quantity) == (S.EXPIRED, 10)
    assert found.average_price == 99


def test_a_report_without_a_price_keeps_the_known_one() -> None:
    filled = absorb(order(status=S.OPEN), report(S.PARTLY_FILLED, "1", "99"))

    assert absorb(filled, report(S.PARTLY_FILLED, "2")).average_price == 99


quantities = st.integers(0, 10).map(Decimal)
ours = st.sampled_from(S).map(lambda status: ("moved", status, Decimal(0)))
told = st.tuples(st.just("absorb"), st.sampled_from(TOLD), quantities)


@given(st.lists(st.one_of(ours, told), max_size=30))
def test_no_walk_leaves_a_final_state_or_shrinks_a_fill(
    walk: list[tuple[str, OrderStatus, Decimal]],
) -> None:
    present = order()
    for kind, status, filled in walk:
        before = present
        present = _step(present, kind, status, filled)
        assert present.filled_quantity >= before.filled_quantity
        assert before.status is present.status or present.status in LEGAL_MOVES[before.status]
        if before.status.is_final:
            assert present.status is before.status


def _step(present: Order, kind: str, status: OrderStatus, filled: Decimal) -> Order:
    if kind == "absorb":
        return absorb(present, VenueOrder("v1", status, filled))
    try:
        return present.moved(status)
    except Conflict:
        assert status not in LEGAL_MOVES[present.status]
        return present
