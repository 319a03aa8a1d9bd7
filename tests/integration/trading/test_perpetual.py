"""The way of a signal on perpetuals, through the real client and the real simulator."""

from decimal import Decimal

import pytest

from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]

PRICE = D(4500)


@pytest.fixture
def pair(perpetual_pair: Pair) -> Pair:
    perpetual_pair.begin()
    return perpetual_pair


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_market_entry_fills_and_its_exits_rest_at_the_venue(pair: Pair, side: str) -> None:
    trade = pair.enter(side=side, quantity="0.05", stop_loss_percent="2", take_profit_percent="4")
    assert (trade["status"], D(trade["filled_quantity"])) == ("open", D("0.05"))
    sign = 1 if side == "buy" else -1
    entry = D(trade["entry_price"])
    assert (entry - PRICE) * sign > 0
    assert [one["status"] for one in trade["exits"]] == ["resting", "resting"]
    at_venue = {str(one["id"]): one for one in pair.triggers()}
    for kind, share in (("stop", D("0.02") * -sign), ("target", D("0.04") * sign)):
        one = pair.exit_of(trade, kind)
        there = at_venue[one["venue_id"]]
        assert there["reduce_only"]
        assert D(there["trigger_price"]) == D(one["trigger_price"])
        assert abs(D(one["trigger_price"]) - entry * (1 + share)) < D("0.2")
    assert trade["seconds_unprotected"] < 2
    assert pair.risk()["reserved"] == {}


@pytest.mark.parametrize(
    ("side", "price", "kind"),
    [
        ("buy", 4400, "stop"),
        ("sell", 4600, "stop"),
        ("buy", 4700, "target"),
        ("sell", 4300, "target"),
    ],
)
def test_an_exit_that_fires_closes_and_cancels_its_sibling(
    pair: Pair, side: str, price: int, kind: str
) -> None:
    trade = pair.enter(side=side, quantity="0.05", stop_loss_percent="2", take_profit_percent="4")
    pair.move("BTC", price)
    closed = pair.until_trade(
        trade["trade_id"],
        lambda told: (
            told["status"] == "closed" and all(one["status"] in ENDED for one in told["exits"])
        ),
    )
    assert closed["close_reason"] == kind
    sibling = pair.exit_of(closed, "target" if kind == "stop" else "stop")
    assert (pair.exit_of(closed, kind)["status"], sibling["status"]) == ("done", "cancelled")
    assert (D(closed["realised_pnl"]) > 0) == (kind == "target")
    pair.assert_settled(closed)


ENDED = ("done", "cancelled")


def test_a_limit_entry_rests_reserves_and_fills_later(pair: Pair) -> None:
    status, trade = pair.send(entry_type="limit", price="4450", quantity="0.05")
    assert (status, trade["status"]) == (201, "pending")
    notional = D("0.05") * 4450
    reserved = D(pair.risk()["reserved"]["swap USDT"])
    assert notional / 5 < reserved < notional / 5 + notional * D("0.002")
    assert pair.triggers() == []
    pair.move("BTC", 4440)
    filled = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert D(filled["entry_price"]) == 4450
    assert pair.risk()["reserved"] == {}
    assert pair.venue_order(filled["orders"][0]["venue_id"])["finish_as"] == "filled"


def test_a_resting_entry_is_cancelled_and_frees_what_it_reserved(pair: Pair) -> None:
    trade = pair.send(entry_type="limit", price="4400", quantity="0.05")[1]
    path = f"/order/BTC_USDT/{trade['orders'][0]['order_id']}"
    status, order = pair.api.call("DELETE", path)
    assert (status, order["status"]) == (200, "cancelled")
    assert pair.trade(trade["trade_id"])["status"] == "not_placed"
    assert {one["status"] for one in pair.trade(trade["trade_id"])["exits"]} == {"cancelled"}
    assert pair.risk()["reserved"] == {}
    assert pair.api.call("DELETE", path)[0] == 409
    assert pair.api.get(path)[1]["status"] == "cancelled"
    assert pair.api.get(path.replace("BTC", "ETH"))[0] == 404


def test_an_entry_rests_no_longer_than_its_signal_lives(pair: Pair) -> None:
    pair.lets_an_entry_rest_until_its_signal_ends()


def test_a_signal_whose_entry_a_person_cancelled_is_not_placed_again(pair: Pair) -> None:
    signal = pair.signal(entry_type="limit", price="4400", quantity="0.05")
    trade = pair.api.post("/api/trades", {"signal": signal})[1]
    pair.api.call("DELETE", f"/order/BTC_USDT/{trade['orders'][0]['order_id']}")
    status, again = pair.api.post("/api/trades", {"signal": signal})
    assert (status, again["duplicate_of"]) == (200, trade["trade_id"])
    assert len(pair.sent_as(trade["orders"][0]["client_id"])) == 1


def test_a_partial_fill_is_protected_and_the_exits_grow_with_it(pair: Pair) -> None:
    """The book holds less than is wanted at this price; the rest fills when it trades lower."""
    wanted, trade = _partly_filled(pair)
    filled = D(trade["filled_quantity"])
    assert 0 < filled < wanted
    assert {D(one["quantity"]) for one in trade["exits"] if one["status"] == "resting"} == {filled}
    assert pair.risk()["reserved"] != {}
    pair.move("BTC", 4490)
    grown = pair.until_trade(
        trade["trade_id"],
        lambda told: D(told["filled_quantity"]) == wanted and told["protected"],
    )
    resting = pair.until(lambda: _two_open(pair))
    assert {D(one["quantity"]) / 10_000 for one in resting} == {wanted}
    assert D(pair.position(grown["trade_id"])["quantity"]) == wanted
    assert pair.risk()["reserved"] == {}


def test_what_had_filled_stays_when_the_rest_is_cancelled(pair: Pair) -> None:
    _, trade = _partly_filled(pair)
    order = trade["orders"][0]
    status, told = pair.api.call("DELETE", f"/order/BTC_USDT/{order['order_id']}")
    assert (status, told["status"]) == (200, "cancelled")
    kept = pair.until_trade(trade["trade_id"], lambda one: one["protected"])
    assert kept["status"] == "open"
    assert D(pair.position(kept["trade_id"])["quantity"]) == D(told["filled_quantity"]) > 0
    assert pair.risk()["reserved"] == {}


@pytest.mark.parametrize(
    ("time_in_force", "price", "reason"),
    [("post_only", "4550", "venue"), ("ioc", "4450", "fill"), ("fok", "4450", "")],
)
def test_an_entry_that_cannot_be_had_as_wished_is_not_placed(
    pair: Pair, time_in_force: str, price: str, reason: str
) -> None:
    _, trade = pair.send(
        entry_type="limit", price=price, quantity="0.05", time_in_force=time_in_force
    )
    assert trade["status"] == "not_placed", trade
    assert trade["close_reason"]
    assert pair.risk()["reserved"] == {}
    assert pair.triggers() == []
    assert reason in trade["close_reason"] or time_in_force == "post_only"


def test_a_fee_in_points_is_told_and_no_part_of_the_result(pair: Pair) -> None:
    with pair.paying_fees_in("futures", "POINT"):
        trade = pair.enter(quantity="0.05")
        assert pair.close(trade["trade_id"])[0] == 200
    closed = pair.until_trade(trade["trade_id"], lambda told: told["status"] == "closed")
    paid = sum(D(one["fee"]) for one in closed["fills"])
    [(coin, told)] = closed["unvalued_fees"].items()
    assert paid > 0
    assert {one["fee_currency"] for one in closed["fills"]} == {coin}
    assert (D(told), D(closed["fees"])) == (paid, 0)


def test_the_opposite_signal_closes_and_never_flips(pair: Pair) -> None:
    trade = pair.enter(side="buy", quantity="0.05")
    status, closed = pair.send(side="sell", quantity="0.5")
    assert (status, closed["trade_id"], closed["status"]) == (201, trade["trade_id"], "closed")
    done = pair.until_trade(
        trade["trade_id"], lambda told: all(one["status"] in ENDED for one in told["exits"])
    )
    assert pair.api.get("/account")[1]["positions"] == []
    pair.assert_settled(done)


def test_a_signal_that_waited_until_its_stop_was_passed_is_refused(pair: Pair) -> None:
    signal = pair.signal(quantity="0.05", stop_loss="4450")
    told = pair.api.post("/api/signals", signal)[1]
    assert told["status"] == "approved"
    pair.move("BTC", 4440)
    before = pair.counts()["venue"]
    pair.until(lambda: None if pair.api.post("/api/signals/validate", signal)[1]["valid"] else True)
    status, answer = pair.api.post("/api/trades", {"signal_id": told["signal_id"]})
    assert (status, [one["field"] for one in answer.get("errors", [])]) == (422, ["stop_loss"])
    assert pair.counts()["venue"] == before


def test_the_same_side_is_refused_and_nothing_is_sent(pair: Pair) -> None:
    pair.enter(side="buy", quantity="0.05")
    before = pair.counts()
    status, refusal = pair.send(side="buy", quantity="0.05")
    assert (status, refusal["check"]) == (422, "one_position_per_symbol")
    assert {one["name"] for one in refusal["checks"]} >= {"emergency_stop", "free_balance"}
    after = pair.counts()
    assert after == before | {"signals": before["signals"] + 1}


def test_a_pending_entry_refuses_another_one(pair: Pair) -> None:
    pair.send(entry_type="limit", price="4400", quantity="0.05")
    for side in ("buy", "sell"):
        status, refusal = pair.send(side=side, quantity="0.05")
        assert (status, refusal["check"]) == (422, "one_position_per_symbol")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ({"quantity": "0.0321"}, D("0.0321")),
        ({"size_usd": "100"}, D("0.0222")),
        ({"size_percent": "1"}, D("0.0222")),
        ({"quantity": "0"}, D("2.2222")),
        ({}, D("2.2222")),
    ],
)
def test_a_size_becomes_a_quantity_on_the_step(
    pair: Pair, size: dict[str, str], expected: Decimal
) -> None:
    trade = pair.enter(**size)
    assert abs(D(trade["filled_quantity"]) - expected) <= D("0.0003")
    assert D(trade["filled_quantity"]) % D("0.0001") == 0


def test_leverage_is_set_and_read_back(pair: Pair) -> None:
    for leverage in (7, 3):
        trade = pair.enter(quantity="0.05", leverage=leverage)
        held = pair.api.get("/account")[1]["positions"][0]
        assert (D(held["leverage"]), D(trade["leverage"])) == (leverage, leverage)
        assert abs(D(held["margin"]) * leverage / (PRICE * D("0.05")) - 1) < D("0.02")
        pair.close(trade["trade_id"])


def test_callers_limits_only_tighten(pair: Pair) -> None:
    signal = pair.signal(leverage=20, stop_loss_percent="1")
    status, refusal = pair.api.post("/api/trades", {"signal": signal, "max_leverage": 10})
    assert (status, refusal["check"], refusal["limit"]) == (422, "leverage", "10")
    big = {"signal": pair.signal(quantity="2.5"), "risk_threshold_usd": "10000"}
    status, refusal = pair.api.post("/api/trades", big)
    assert (status, refusal["check"], refusal["limit"]) == (422, "risk_to_stop", "200")
    small = {"signal": pair.signal(), "risk_threshold_usd": "1.5"}
    status, trade = pair.api.post("/api/trades", small)
    assert status == 201
    assert D("0.016") < D(trade["filled_quantity"]) < D("0.0168")


def test_a_position_is_closed_once(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    assert pair.close(trade["trade_id"])[0] == 200
    status, again = pair.close(trade["trade_id"])
    assert (status, again["status"], again["close_reason"]) == (200, "closed", "test")
    assert len([one for one in again["orders"] if one["purpose"] == "close"]) == 1
    assert pair.api.post("/api/positions/nothing/close")[0] == 404
    pair.assert_settled(pair.trade(trade["trade_id"]))


def test_why_tells_every_check_and_what_followed(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05")
    for known in (trade["trade_id"], trade["signal_id"], trade["orders"][0]["client_id"]):
        status, told = pair.api.get(f"/api/why/{known}")
        assert status == 200
        assert told["trade"]["trade_id"] == trade["trade_id"]
        assert len(told["signal"]["decision"]["checks"]) >= 20
    assert pair.api.get("/api/why/nothing")[0] == 404


def _two_open(pair: Pair) -> list[Body] | None:
    found = pair.triggers()
    return found if len(found) == 2 else None


def _partly_filled(pair: Pair) -> tuple[Decimal, Body]:
    """Offer a limit a hair above the best ask, so that only the first level is taken."""
    ask, contracts = pair.best_ask("/api/v4/futures/usdt/order_book?contract=BTC_USDT&limit=1")
    wanted = contracts / 10_000 + D("0.05")
    status, trade = pair.send(
        entry_type="limit", price=str(ask), quantity=str(wanted), stop_loss_percent="0.3"
    )
    assert status == 201, trade
    return wanted, pair.until_trade(trade["trade_id"], lambda told: told["protected"])
