"""Entries that wait for a price: watched by the API, unknown to the venue until they are fired."""

from decimal import Decimal

import pytest

from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]


@pytest.fixture
def pair(perpetual_pair: Pair) -> Pair:
    perpetual_pair.begin()
    return perpetual_pair


@pytest.fixture
def spot(spot_pair: Pair) -> Pair:
    spot_pair.begin()
    return spot_pair


def arm(pair: Pair, **fields: object) -> Body:
    """Tell an entry that waits and return its trade."""
    signal = pair.signal(**{"entry_type": "stop", "quantity": "0.02", **fields})
    # the API looks at a price for a moment: that of the test before may still be the one
    pair.until(lambda: pair.api.post("/api/signals/validate", signal)[1]["valid"] or None)
    status, trade = pair.api.post("/api/trades", {"signal": signal})
    assert (status, trade["status"]) == (201, "pending"), trade
    assert [one["status"] for one in trade["orders"]] == ["armed"]
    assert pair.sent_as(trade["orders"][0]["client_id"]) == []
    return trade


def path_of(trade: Body) -> str:
    return f"/order/{trade['symbol'].replace('/', '_')}/{trade['orders'][0]['order_id']}"


def until_over(pair: Pair, trade: Body) -> Body:
    """Wait until an entry was given up, and return its order; nothing was ever sent."""
    told = pair.until_trade(trade["trade_id"], lambda one: one["status"] == "not_placed", 30)
    assert {one["status"] for one in told["exits"]} == {"cancelled"}
    order: Body = told["orders"][0]
    assert pair.sent_as(order["client_id"]) == []
    assert order["reason"] == told["close_reason"]
    return order


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ({"entry_type": "stop", "trigger_price": "4550"}, 4555),
        ({"entry_type": "take_profit", "side": "sell", "trigger_price": "4550"}, 4555),
        ({"entry_type": "stop_limit", "side": "sell", "trigger_price": "4450", "price": "4430"}, 0),
    ],
)
def test_an_entry_waits_for_its_price_and_then_is_sent_once(
    pair: Pair, fields: dict[str, str], price: int
) -> None:
    trade = arm(pair, **fields)
    assert D(trade["orders"][0]["trigger_price"]) == D(fields["trigger_price"])
    assert pair.risk()["reserved"] != {}
    assert pair.api.get("/metrics")[1]["cerberus_orders_armed_count"] == 1
    pair.move("BTC", price or 4445)
    filled = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    order = filled["orders"][0]
    assert (order["order_type"], order["status"]) == (fields["entry_type"], "filled")
    [there] = pair.sent_as(order["client_id"])
    assert (there["kind"], there["tif"]) == ("limit", "gtc" if "price" in fields else "ioc")
    assert abs(D(filled["entry_price"]) - (price or 4445)) < 5
    told = pair.api.get(f"/api/why/{order['order_id']}")[1]
    assert D(told["trade"]["orders"][0]["trigger_price"]) == D(fields["trigger_price"])
    assert pair.risk()["reserved"] == {}
    assert pair.api.get("/metrics")[1]["cerberus_orders_armed_count"] == 0


def test_an_entry_that_waits_agrees_with_the_venue_and_is_cancelled_without_it(pair: Pair) -> None:
    body = {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.02", "order_type": "STOP-LIMIT"}
    body |= {"trigger_price": "4600", "price": "4605", "signal_id": pair.signal()["id"]}
    status, told = pair.api.post("/trade/signal", body)
    assert (status, told["success"], told["status"]) == (200, True, "pending")
    refusal = pair.send(side="buy", quantity="0.02")[1]
    assert refusal["check"] == "one_position_per_symbol"
    report = pair.api.post("/api/reconciliation/run")[1]
    assert [one for one in report["items"] if one["kind"] == "order"] == []
    trade = pair.trade(told["trade_id"])
    path = path_of(trade)
    assert pair.api.get(path)[1]["status"] == "armed"
    pair.simulator.order_fault("timeout_before", method="DELETE", path=".*")
    status, order = pair.api.call("DELETE", path)
    pair.simulator.ask("DELETE", "/sim/fault")
    assert (status, order["status"]) == (200, "cancelled")
    assert until_over(pair, trade)["reason"] == "cancelled before its trigger"
    assert pair.risk()["reserved"] == {}
    assert pair.api.call("DELETE", path)[0] == 409
    again = pair.api.post("/trade/signal", body)[1]
    assert (again["status"], again["duplicate_of"]) == ("not_placed", trade["trade_id"])


def test_an_entry_that_the_price_has_left_behind_is_given_up(pair: Pair) -> None:
    trade = arm(pair, trigger_price="4550")
    pair.move("BTC", 4650)
    order = until_over(pair, trade)
    assert order["status"] == "expired"
    assert "away from its trigger 4550" in order["reason"]
    assert pair.risk()["reserved"] == {}


def test_what_holds_entries_back_holds_back_what_fires_too(pair: Pair) -> None:
    trade = arm(pair, trigger_price="4550")
    pair.api.post("/api/system/maintenance", {"on": True, "reason": "new disk"})
    pair.move("BTC", 4555)
    order = until_over(pair, trade)
    assert order["status"] == "rejected"
    assert order["reason"] == "not sent at its trigger, maintenance: new disk"


def test_an_emergency_stop_ends_what_waits(pair: Pair) -> None:
    trade = arm(pair, trigger_price="4550")
    status, told = pair.api.post("/api/system/emergency-stop", {"reason": "a test"})
    assert (status, told["status"], told["cancelled_orders"]) == (200, "flat", 1)
    pair.move("BTC", 4555)
    assert until_over(pair, trade)["status"] == "cancelled"
    assert pair.api.get("/account")[1]["positions"] == []


def test_after_a_kill_only_what_is_still_near_its_trigger_is_fired(pair: Pair) -> None:
    near = arm(pair, trigger_price="4550")
    far = arm(pair, symbol="ETHUSDT", quantity="0.5", trigger_price="355")
    pair.api.kill()
    pair.move("BTC", 4555)
    pair.move("ETH", 365)
    pair.api.start()
    assert "away from its trigger 355" in until_over(pair, far)["reason"]
    filled = pair.until_trade(near["trade_id"], lambda told: told["protected"], 30)
    assert len(pair.sent_as(filled["orders"][0]["client_id"])) == 1
    closed = pair.close(near["trade_id"])[1]
    pair.until_trade(closed["trade_id"], lambda told: told["status"] == "closed")


def test_a_purchase_on_spot_waits_and_costs_no_more_than_its_band(spot: Pair) -> None:
    trade = arm(spot, entry_type="take_profit", quantity="0.05", trigger_price="4450")
    held = D(spot.risk()["reserved"]["spot USDT"])
    assert D("0.05") * 4450 < held < D("0.05") * 4450 * D("1.01")
    spot.move("BTC", 4445)
    filled = spot.until_trade(trade["trade_id"], lambda told: told["protected"])
    [there] = spot.sent_as(filled["orders"][0]["client_id"])
    assert (there["kind"], there["tif"]) == ("limit", "ioc")
    assert D(4450) < D(there["price"]) < D(4450) * D("1.006")
    assert D(filled["entry_price"]) < 4450
