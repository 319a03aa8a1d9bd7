from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.domain.exits import (
    LEGAL_MOVES,
    Exit,
    ExitKind,
    ExitStatus,
    VenueTrigger,
    is_protected,
    trigger_tick,
    wanted_quantity,
)
from cerberus.domain.signals import Side
from cerberus.errors import Conflict
from tests.unit.domain.examples import NOW, SWAP, position

S = ExitStatus
STOP, TARGET = ExitKind.STOP, ExitKind.TARGET
BUY, SELL = Side.BUY, Side.SELL
D = Decimal
HELD = position(quantity=D(1), entry_price=D(100))


def exit_of(kind: ExitKind = STOP, **changes: Any) -> Exit:
    plain = Exit("e1", "t1", SWAP.symbol, SELL, kind, D(98), NOW, quantity=D(1), status=S.RESTING)
    return replace(plain, **changes)


@pytest.mark.parametrize(("start", "end"), [(start, end) for start in S for end in S])
def test_moves_only_where_the_table_says_so(start: ExitStatus, end: ExitStatus) -> None:
    before = exit_of(status=start, reason="before")
    if start is end:
        assert before.moved(end, "after") is before
    elif end in LEGAL_MOVES[start]:
        assert before.moved(end) == replace(before, status=end)
        assert before.moved(end, "after").reason == "after"
    else:
        with pytest.raises(Conflict, match=f"cannot move from {start} to {end}"):
            before.moved(end)


def test_a_state_is_final_when_the_table_has_no_move_from_it() -> None:
    assert {one for one in S if one.is_final} == {one for one in S if not LEGAL_MOVES[one]}
    assert {one for one in S if one.is_in_place} == {S.RESTING, S.WATCHED, S.TRIGGERED}


@pytest.mark.parametrize(
    ("kind", "side", "price", "hit"),
    [
        (STOP, SELL, "98.1", False),
        (STOP, SELL, "98", True),
        (STOP, SELL, "97", True),
        (STOP, BUY, "97.9", False),
        (STOP, BUY, "98", True),
        (STOP, BUY, "99", True),
        (TARGET, SELL, "97.9", False),
        (TARGET, SELL, "98", True),
        (TARGET, BUY, "98.1", False),
        (TARGET, BUY, "98", True),
    ],
)
def test_a_price_hits_an_exit_on_its_own_side(
    kind: ExitKind, side: Side, price: str, hit: bool
) -> None:
    assert exit_of(kind, side=side).is_hit_by(D(price)) is hit


@pytest.mark.parametrize(
    ("kind", "side", "price", "expected"),
    [
        (STOP, SELL, "97.91", "98.0"),
        (STOP, BUY, "102.09", "102.0"),
        (TARGET, SELL, "104.09", "104.0"),
        (TARGET, BUY, "95.91", "96.0"),
        (STOP, SELL, "97.9", "97.9"),
    ],
)
def test_a_trigger_is_rounded_to_the_tick_towards_the_entry(
    kind: ExitKind, side: Side, price: str, expected: str
) -> None:
    assert trigger_tick(D(price), side, kind, SWAP) == D(expected)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"quantity": D("1.000"), "trigger_price": D("98.0")}, True),
        ({"symbol": "ETH/USDT:USDT"}, False),
        ({"side": BUY}, False),
        ({"quantity": D(2)}, False),
        ({"trigger_price": D(99)}, False),
    ],
)
def test_a_trigger_of_the_venue_is_known_by_what_it_does(
    changes: dict[str, Any], fits: bool
) -> None:
    told = VenueTrigger("v1", SWAP.symbol, SELL, D(1), D(98), True, NOW)

    assert replace(told, **changes).fits(exit_of()) is fits


@pytest.mark.parametrize(
    ("quantity", "closed", "wanted"),
    [("1.00019", False, "1.0001"), ("0.00009", False, "0"), ("1", True, "0")],
)
def test_exits_cover_the_holding_rounded_down(quantity: str, closed: bool, wanted: str) -> None:
    held = position(quantity=D(quantity), closed_at=NOW if closed else None)

    assert wanted_quantity(held, SWAP) == D(wanted)


@pytest.mark.parametrize(
    ("exits", "protected"),
    [
        ([], False),
        ([exit_of()], True),
        ([exit_of(TARGET)], False),
        ([exit_of(), exit_of(TARGET)], True),
        ([exit_of(), exit_of(TARGET, status=S.WATCHED)], True),
        ([exit_of(), exit_of(TARGET, status=S.PLANNED)], False),
        ([exit_of(), exit_of(TARGET, status=S.SENDING)], False),
        ([exit_of(), exit_of(TARGET, status=S.CANCELLED)], True),
        ([exit_of(status=S.SENDING)], False),
        ([exit_of(status=S.TRIGGERED)], True),
        ([exit_of(status=S.DONE)], False),
        ([exit_of(quantity=D("0.9999"))], False),
        ([exit_of(quantity=D(2))], True),
        ([exit_of(quantity=D("0.5")), exit_of(quantity=D("0.5"))], False),
    ],
)
def test_a_position_is_protected_by_a_stop_over_all_of_it(
    exits: list[Exit], protected: bool
) -> None:
    assert is_protected(HELD, exits, SWAP) is protected


def test_nothing_held_needs_no_exit() -> None:
    assert is_protected(replace(HELD, closed_at=NOW + timedelta(1)), [], SWAP)
    assert is_protected(position(quantity=D("0.00009")), [], SWAP)


exits_lists = st.lists(
    st.builds(
        exit_of,
        st.sampled_from(ExitKind),
        status=st.sampled_from(S),
        quantity=st.sampled_from([D("0.5"), D(1), D(2)]),
    ),
    max_size=5,
)


@given(exits_lists, st.integers(0, 4), st.sampled_from([S.RESTING, S.WATCHED, S.TRIGGERED]))
def test_more_exits_in_place_and_a_smaller_position_never_unprotect(
    exits: list[Exit], index: int, better: ExitStatus
) -> None:
    if not is_protected(HELD, exits, SWAP):
        return
    grown = [
        replace(one, quantity=one.quantity * 2, status=better)
        if number == index and not one.status.is_final
        else one
        for number, one in enumerate(exits)
    ]

    assert is_protected(HELD, grown, SWAP)
    assert is_protected(HELD, [*exits, exit_of()], SWAP)
    assert is_protected(replace(HELD, quantity=D("0.5")), exits, SWAP)
