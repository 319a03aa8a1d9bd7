"""Both sides compared, and every item judged."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.balances import Wallet
from cerberus.domain.drift import (
    QUOTE_TOLERANCE,
    Flow,
    drift,
    expected,
    explaining,
    open_results,
    tolerance,
)
from cerberus.domain.exits import Exit, ExitKind, ExitStatus, VenueTrigger
from cerberus.domain.holds import Holds, Key, Kind, from_fact, to_fact
from cerberus.domain.market import MarketType
from cerberus.domain.orders import ListedOrder, OrderStatus, VenueOrder
from cerberus.domain.positions import VenuePosition
from cerberus.domain.reconciliation import (
    POSITION_ID,
    Finding,
    Item,
    Ours,
    Outcome,
    Problem,
    Theirs,
    compare,
    judge,
)
from cerberus.domain.reconciliation_report import Ledger, Report, next_holds
from cerberus.domain.signals import Side
from tests.unit.domain.examples import NOW, SPOT, SWAP, fill, order, position

D = Decimal
SYMBOL = SWAP.symbol
MARKETS = {SWAP.symbol: SWAP, SPOT.symbol: SPOT}
SWAP_USDT: Wallet = (MarketType.SWAP, "USDT")
SPOT_USDT: Wallet = (MarketType.SPOT, "USDT")
SPOT_BTC: Wallet = (MarketType.SPOT, "BTC")
THEIR_ORDER: Key = (Kind.ORDER, SYMBOL, "77")
THEIR_POSITION: Key = (Kind.POSITION, SYMBOL, POSITION_ID)
DRIFTED: Key = (Kind.BALANCE, "swap USDT", "balance")


def listed(venue_id: str = "9", client_id: str | None = "t-1", **changes: Any) -> ListedOrder:
    report = VenueOrder(venue_id, OrderStatus.OPEN, D(0), client_id=client_id)
    plain = ListedOrder(SYMBOL, Side.BUY, D(10), reduce_only=False, created_at=NOW, report=report)
    return replace(plain, **changes)


def resting(**changes: Any) -> Exit:
    plain = Exit("e1", "t1", SYMBOL, Side.SELL, ExitKind.STOP, D(90), NOW, D(10))
    return replace(plain, **{"status": ExitStatus.RESTING, "venue_id": "5", **changes})


def waiting(**changes: Any) -> VenueTrigger:
    plain = VenueTrigger("5", SYMBOL, Side.SELL, D(10), D(90), is_open=True, created_at=NOW)
    return replace(plain, **changes)


def at_venue(side: Side = Side.BUY, quantity: str = "10") -> VenuePosition:
    return VenuePosition(SYMBOL, side, D(quantity), D(100), D(20), D(0), D(5), None)


def problems(ours: Ours, theirs: Theirs) -> list[tuple[Kind, str, Problem, Decimal, Decimal]]:
    found = compare(ours, theirs, MARKETS)
    return [(one.kind, one.venue_id, one.problem, one.ours, one.there) for one in found]


HELD = position(quantity=D(10), entry_price=D(100))
HOLDING = position(symbol=SPOT.symbol, quantity=D(2), entry_price=D(100))
OPEN = order(status=OrderStatus.OPEN, venue_id="9")


def test_what_is_on_both_sides_agrees() -> None:
    ours = Ours([OPEN], [resting()], [HELD, HOLDING])
    theirs = Theirs([listed()], [waiting()], [at_venue()], {"BTC": D(3)})
    assert problems(ours, theirs) == [
        (Kind.ORDER, "9", Problem.NONE, D(10), D(10)),
        (Kind.TRIGGER, "5", Problem.NONE, D(-10), D(-10)),
        (Kind.POSITION, POSITION_ID, Problem.NONE, D(10), D(10)),
        (Kind.POSITION, POSITION_ID, Problem.NONE, D(2), D(2)),
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected_problem"),
    [
        (Ours(), Theirs([listed("77", None)]), (Kind.ORDER, "77", Problem.UNKNOWN, 0, 10)),
        (Ours([OPEN]), Theirs(), (Kind.ORDER, "9", Problem.MISSING, 10, 0)),
        (
            Ours([replace(OPEN, status=OrderStatus.CANCEL_REQUESTED, filled_quantity=D(4))]),
            Theirs(),
            (Kind.ORDER, "9", Problem.MISSING, 6, 0),
        ),
        (Ours(), Theirs((), [waiting()]), (Kind.TRIGGER, "5", Problem.UNKNOWN, 0, -10)),
        (Ours((), [resting()]), Theirs(), (Kind.TRIGGER, "5", Problem.MISSING, -10, 0)),
        (
            Ours((), [resting(status=ExitStatus.CANCELLED)]),
            Theirs((), [waiting()]),
            (Kind.TRIGGER, "5", Problem.UNKNOWN, 0, -10),
        ),
        (
            Ours(),
            Theirs(positions=[at_venue(Side.SELL)]),
            (Kind.POSITION, POSITION_ID, Problem.UNKNOWN, 0, -10),
        ),
        (
            Ours(positions=[HELD]),
            Theirs(),
            (Kind.POSITION, POSITION_ID, Problem.AMOUNT, 10, 0),
        ),
        (
            Ours(positions=[HOLDING]),
            Theirs(totals={"BTC": D("1.5")}),
            (Kind.POSITION, POSITION_ID, Problem.AMOUNT, 2, D("1.5")),
        ),
    ],
)
def test_what_differs_is_named(
    ours: Ours, theirs: Theirs, expected_problem: tuple[Kind, str, Problem, Decimal, Decimal]
) -> None:
    assert problems(ours, theirs) == [expected_problem]


def test_a_market_that_the_venue_has_given_up_leaves_the_perpetual_to_be_compared() -> None:
    gone = [replace(HELD, symbol="OLD/USDT:USDT"), replace(HOLDING, symbol="OLD/USDT")]
    assert problems(Ours(positions=gone), Theirs()) == [
        (Kind.POSITION, POSITION_ID, Problem.AMOUNT, D(10), D(0))
    ]


@pytest.mark.parametrize(
    ("wallet", "problem", "there"),
    [
        ({"BTC": D(2)}, Problem.NONE, D(2)),
        ({"BTC": D("1.99")}, Problem.AMOUNT, D("1.99")),
        ({}, Problem.AMOUNT, D(0)),
    ],
)
def test_a_spot_wallet_has_to_hold_what_is_ours(
    wallet: dict[str, Decimal], problem: Problem, there: Decimal
) -> None:
    found = problems(Ours(positions=[HOLDING]), Theirs(totals=wallet))
    assert found == [(Kind.POSITION, POSITION_ID, problem, D(2), there)]


def test_every_finding_names_its_symbol() -> None:
    ours = Ours([OPEN], [resting()], [HELD, HOLDING])
    theirs = Theirs([listed("77", None)], [waiting(venue_id="6")], [at_venue()], {"BTC": D(3)})
    told = [(one.kind, one.symbol) for one in compare(ours, theirs, MARKETS)]
    assert told == [
        *[(Kind.ORDER, SYMBOL)] * 2,
        *[(Kind.TRIGGER, SYMBOL)] * 2,
        (Kind.POSITION, SYMBOL),
        (Kind.POSITION, SPOT.symbol),
    ]


@pytest.mark.parametrize("ours", [Ours([OPEN]), Ours(exits=[resting()]), Ours(positions=[HELD])])
def test_whatever_is_alive_makes_its_symbol_one_of_ours(ours: Ours) -> None:
    assert ours.symbols == {SYMBOL}


def test_an_order_is_ours_by_either_of_its_ids() -> None:
    by_client = Ours([replace(OPEN, venue_id=None)])
    by_venue = Ours([replace(OPEN, client_id="t-other")])
    for ours in (by_client, by_venue):
        assert [one[2] for one in problems(ours, Theirs([listed()]))] == [Problem.NONE]


@pytest.mark.parametrize("status", [OrderStatus.INTENT, OrderStatus.UNKNOWN])
def test_an_order_in_doubt_is_not_missing(status: OrderStatus) -> None:
    assert problems(Ours([order(status=status)]), Theirs()) == []


@pytest.mark.parametrize(
    ("ours", "is_in_flight"),
    [
        (Ours([OPEN], [resting()]), False),
        (Ours([order()]), True),
        (Ours([order(symbol="other")]), False),
        (Ours((), [resting(status=ExitStatus.SENDING)]), True),
        (Ours((), [resting(status=ExitStatus.TRIGGERED)]), True),
        (Ours((), [resting(status=ExitStatus.SENDING, symbol="other")]), False),
    ],
)
def test_a_symbol_is_in_flight_while_an_answer_is_awaited(ours: Ours, is_in_flight: bool) -> None:
    assert ours.is_in_flight(SYMBOL) is is_in_flight


def test_one_symbol_is_taken_out_of_the_books() -> None:
    ours = Ours([OPEN, order(symbol="X")], [resting(symbol="X")], [HELD, HOLDING])
    assert ours.of_symbol(SYMBOL) == Ours([OPEN], [], [HELD])
    assert ours.symbols == {SYMBOL, "X", SPOT.symbol}


LEFT = Holds(accepted={THEIR_ORDER: D(10)})


@pytest.mark.parametrize(
    ("problem", "holds", "circumstances", "outcome"),
    [
        (Problem.NONE, Holds(), {}, Outcome.AGREE),
        (Problem.NONE, Holds(), {"was_repaired": True}, Outcome.REPAIRED),
        (Problem.UNKNOWN, Holds(), {}, Outcome.FOREIGN),
        (Problem.UNKNOWN, LEFT, {}, Outcome.ADOPTED),
        (Problem.MISSING, LEFT, {}, Outcome.QUARANTINED),
        (Problem.AMOUNT, Holds(), {"was_repaired": True}, Outcome.QUARANTINED),
        (Problem.AMOUNT, Holds(), {"is_explained": True}, Outcome.FOREIGN),
    ],
)
def test_each_finding_has_one_outcome(
    problem: Problem, holds: Holds, circumstances: dict[str, bool], outcome: Outcome
) -> None:
    finding = Finding(*THEIR_ORDER, problem, D(4), D(10))
    item = judge(finding, holds, **circumstances)
    assert (item.finding, item.outcome) == (finding, outcome)
    told = {
        Outcome.FOREIGN: f"order of 6 on {SYMBOL} is not ours",
        Outcome.QUARANTINED: "order 77: we have 4, the venue 10",
        Outcome.ADOPTED: "left to its owner by a person",
    }
    assert item.detail == told.get(outcome, "")


def test_what_was_accepted_at_another_size_is_foreign_again() -> None:
    finding = Finding(*THEIR_ORDER, Problem.UNKNOWN, D(0), D(11))
    assert judge(finding, LEFT).outcome is Outcome.FOREIGN


# -- what is held back


def item(key: Key, outcome: Outcome, detail: str = "why") -> Item:
    return Item(Finding(*key, Problem.UNKNOWN, D(0), D(10)), outcome, detail)


def test_holds_follow_from_the_items_and_the_same_items_change_nothing() -> None:
    items = [
        item(THEIR_ORDER, Outcome.FOREIGN),
        item(THEIR_POSITION, Outcome.ADOPTED),
        item((Kind.ORDER, "X", "1"), Outcome.QUARANTINED, "first"),
        item((Kind.ORDER, "X", "2"), Outcome.QUARANTINED, "second"),
        item((Kind.ORDER, "Y", "3"), Outcome.AGREE),
    ]
    holds = next_holds(Holds(), items, ())
    assert holds == Holds({THEIR_ORDER: "why"}, {THEIR_POSITION: D(10)}, {"X": "first"})
    assert next_holds(holds, items, ()) == holds
    assert from_fact(to_fact(holds)) == holds


def test_what_is_gone_blocks_no_more_but_a_quarantine_stays() -> None:
    before = Holds({THEIR_ORDER: "why"}, {THEIR_POSITION: D(10)}, {"X": "first"})
    assert next_holds(before, [], ()) == Holds(quarantined={"X": "first"})
    assert next_holds(before, [], {SYMBOL: "in flight"}) == before


def test_entries_are_blocked_by_what_is_foreign_and_not_by_a_balance() -> None:
    assert Holds().entry_block == ""
    assert Holds({DRIFTED: "swap USDT holds 5 more"}).entry_block == ""
    one = Holds({DRIFTED: "more", THEIR_ORDER: "an order"})
    assert one.entry_block == "an order, a person must adopt it"
    two = Holds({THEIR_POSITION: "a position", THEIR_ORDER: "an order"})
    assert two.entry_block == "an order (and 1 more), a person must adopt it"


def test_a_symbol_is_blocked_by_its_quarantine_and_by_somebody_elses_position() -> None:
    holds = Holds(accepted={THEIR_POSITION: D(1), THEIR_ORDER: D(1)}, quarantined={"X": "why"})
    assert holds.symbol_block("X") == "X is in quarantine: why"
    assert holds.symbol_block(SYMBOL) == f"a position on {SYMBOL} was left to its owner"
    assert holds.symbol_block("Y") == ""
    assert LEFT.symbol_block(SYMBOL) == ""
    assert holds.released("X").symbol_block("X") == ""


def test_an_adopted_item_is_foreign_no_more() -> None:
    holds = Holds({THEIR_ORDER: "an order", THEIR_POSITION: "a position"})
    taken, left = holds.adopted(THEIR_ORDER, None), holds.adopted(THEIR_ORDER, D(10))
    assert taken == Holds({THEIR_POSITION: "a position"})
    assert left == Holds({THEIR_POSITION: "a position"}, {THEIR_ORDER: D(10)})
    assert left.accepts(THEIR_ORDER, D(10))
    assert not left.accepts(THEIR_ORDER, D(9))


def test_a_report_counts_and_sums() -> None:
    held = Finding(*THEIR_POSITION, Problem.AMOUNT, D(10), D(7))
    items = [Item(held, Outcome.QUARANTINED), item(THEIR_ORDER, Outcome.FOREIGN)]
    report = Report(NOW, 0.1, items, {}, Ledger({}, D(5), D(3)))
    assert report.counts() == {
        Outcome.AGREE: 0,
        Outcome.REPAIRED: 0,
        Outcome.FOREIGN: 1,
        Outcome.ADOPTED: 0,
        Outcome.QUARANTINED: 1,
    }
    assert report.drift_by_symbol() == {SYMBOL: -3}
    assert report.ledger.pnl_difference == -2


# -- money


def test_a_perpetual_moves_its_quote_by_its_result_alone() -> None:
    closed = position(realised_pnl=D(50), fees=D(3), funding=D(-1), dust=D(0), closed_at=NOW)
    flows = {SYMBOL: Flow.of(closed).plus(Flow.of(HELD))}
    assert expected(flows, MARKETS, {}) == {SWAP_USDT: 46}


def test_a_spot_holding_moves_quote_and_base() -> None:
    held = replace(HOLDING, fees=D(1), dust=D("0.5"))
    flows = {SPOT.symbol: Flow.of(held), "gone/USDT": Flow(D(1))}
    assert expected(flows, MARKETS, {}) == {SPOT_USDT: D("-251.0"), SPOT_BTC: D("2.5")}


def test_a_wallet_that_pays_the_fees_of_other_trades_holds_so_much_less() -> None:
    held = position(quantity=D(2), entry_price=D(100), fees=D(3), coin_fees=D(1))
    flows = {SPOT.symbol: Flow.of(held)}
    paid = {SPOT_BTC: D("0.5"), (MarketType.SPOT, "GT"): D(7)}

    # of the fees of 3 the quote's wallet has paid 2; nobody trades GT, and nobody watches it
    assert expected(flows, MARKETS, paid) == {SPOT_USDT: D(-202), SPOT_BTC: D("1.5")}


def test_drift_is_what_neither_baseline_nor_trading_explains() -> None:
    totals, sums = {SWAP_USDT: D(1010)}, {SWAP_USDT: D(-5), SPOT_USDT: D(3)}
    assert drift(totals, sums, {SWAP_USDT: D(1000)}) == {SWAP_USDT: 15, SPOT_USDT: -3}


@pytest.mark.parametrize(
    ("wallet", "limit"),
    [
        (SWAP_USDT, QUOTE_TOLERANCE),
        (SPOT_USDT, QUOTE_TOLERANCE),
        (SPOT_BTC, SPOT.quantity_step),
        ((MarketType.SPOT, "GT"), QUOTE_TOLERANCE),
    ],
)
def test_rounding_is_no_drift(wallet: Wallet, limit: Decimal) -> None:
    assert tolerance(wallet, MARKETS) == limit


@pytest.mark.parametrize(("side", "computed"), [(Side.BUY, 60), (Side.SELL, -60)])
def test_open_results_are_told_at_the_venues_mark(side: Side, computed: int) -> None:
    held = replace(HELD, side=side, entry_price=D(99))
    there = replace(at_venue(side), unrealised_pnl=D(50) * side.sign)
    assert open_results(held, there) == (D(computed), D(50) * side.sign)


def test_the_newest_fills_that_add_up_explain_a_position() -> None:
    old = fill(Side.BUY, "4", fill_id="1")
    bought = fill(Side.BUY, "7", fill_id="2")
    sold = fill(Side.SELL, "2", fill_id="3")
    assert explaining([sold, old, bought], D(5)) == [bought, sold]
    assert explaining([old, bought], D(5)) is None
    assert explaining([old], D(0)) is None
