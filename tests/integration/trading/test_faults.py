"""Faults at the venue: whatever happens to a call, no order is lost and none is doubled."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.integration.trading.steps import Body, Pair

D = Decimal
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("faults")]

ORDERS = "/futures/usdt/orders$"
ONE_ORDER = "/futures/usdt/orders/"
TRIGGERS = "/futures/usdt/price_orders$"
FILLS = "/futures/usdt/my_trades"
#: what may befall a call; the API gives up after a second
FAULTS: Mapping[str, Body] = {
    "timeout before": {"kind": "timeout_before", "milliseconds": 1500},
    "timeout after": {"kind": "timeout_after", "milliseconds": 1500},
    "arrives late": {"kind": "latency", "milliseconds": 1500},
    "slow": {"kind": "latency", "milliseconds": 400},
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after"},
    "429": {
        "kind": "status",
        "status": 429,
        "body": '{"label":"TOO_MANY_REQUESTS","message":"Request Rate limit Exceeded"}',
    },
    "503": {"kind": "status", "status": 503},
    "server error": {
        "kind": "status",
        "status": 500,
        "body": '{"label":"SERVER_ERROR","message":"internal error"}',
    },
    "malformed": {"kind": "malformed"},
}
every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
MOST = [name for name in FAULTS if name not in ("server error", "slow")]
most_faults = pytest.mark.parametrize("fault", [FAULTS[name] for name in MOST], ids=MOST)


@pytest.fixture
def pair(doubtful_pair: Pair) -> Pair:
    doubtful_pair.begin()
    return doubtful_pair


@every_fault
def test_an_entry_is_neither_lost_nor_doubled(pair: Pair, fault: Body) -> None:
    pair.simulator.order_fault(**fault, method="POST", path=ORDERS)
    status, answer = pair.send(quantity="0.05")
    assert status in (201, 202, 503), answer
    if status == 202:
        assert answer["status"] == "unknown"
        _assert_only_this_symbol_is_held_back(pair)
        pair.close(pair.api.get("/api/trades?symbol=ETHUSDT&limit=1")[1]["trades"][0]["trade_id"])
    trade = pair.until(lambda: _newest(pair, "unknown"), 20)
    clients = pair.sent_as(trade["orders"][0]["client_id"])
    if clients:
        assert len(clients) == 1
        trade = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
        assert D(trade["filled_quantity"]) == D("0.05")
        assert len(pair.triggers()) == 2
    else:
        assert trade["status"] == "not_placed"
        assert pair.triggers() == []
    assert pair.risk()["reserved"] == {}
    assert pair.risk()["orders_in_doubt"] == []


@pytest.mark.parametrize("name", ["timeout before", "429"])
def test_the_same_request_resumes_an_entry_that_never_arrived(pair: Pair, name: str) -> None:
    pair.simulator.order_fault(**FAULTS[name], method="POST", path=ORDERS)
    body, headers = {"signal": pair.signal(quantity="0.05")}, {"Idempotency-Key": pair.key()}
    first, answer = pair.api.post("/api/trades", body, headers=headers)
    assert first == (202 if name.startswith("timeout") else 503)
    if first == 202:
        pair.until_trade(answer["trade_id"], lambda told: told["status"] == "not_placed", 20)
    second, trade = pair.api.post("/api/trades", body, headers=headers)
    assert (second, trade["status"]) == (201, "open")
    third, same = pair.api.post("/api/trades", body, headers=headers)
    assert (third, same["trade_id"]) == (201, trade["trade_id"])
    assert len(pair.api.get("/account")[1]["positions"]) == 1


def test_a_doubtful_entry_answers_202_until_it_is_known(pair: Pair) -> None:
    pair.simulator.order_fault(**FAULTS["timeout after"], method="POST", path=ORDERS)
    pair.simulator.order_fault("status", method="GET", path=ONE_ORDER, count=3)
    body, headers = {"signal": pair.signal(quantity="0.05")}, {"Idempotency-Key": pair.key()}
    assert pair.api.post("/api/trades", body, headers=headers)[0] == 202
    status, trade = pair.api.post("/api/trades", body, headers=headers)
    assert status == 202
    pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    status, trade = pair.api.post("/api/trades", body, headers=headers)
    assert (status, trade["status"]) == (200, "open")
    assert len(pair.sent_as(trade["orders"][0]["client_id"])) == 1


def test_fills_that_cannot_be_read_yet_are_booked_later(pair: Pair) -> None:
    pair.simulator.order_fault("status", method="GET", path=FILLS, count=2)
    status, trade = pair.send(quantity="0.05")
    assert (status, trade["status"], trade["fills"]) == (201, "pending", [])
    filled = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert D(filled["entry_price"]) > 4500
    assert len(filled["fills"]) == 1


@most_faults
def test_exits_come_to_be_in_place_once(pair: Pair, fault: Body) -> None:
    pair.simulator.order_fault(**fault, method="POST", path=TRIGGERS)
    pair.simulator.order_fault(**fault, method="POST", path=TRIGGERS)
    trade = pair.send(quantity="0.05")[1]
    protected = pair.until_trade(trade["trade_id"], lambda told: told["protected"], 25)
    mine = {one["venue_id"] for one in protected["exits"] if one["status"] == "resting"}
    _until_triggers_are(pair, mine)
    assert len(mine) == 2


@most_faults
def test_a_close_is_neither_lost_nor_doubled(pair: Pair, fault: Body) -> None:
    trade = pair.enter(quantity="0.05")
    pair.simulator.order_fault(**fault, method="POST", path=ORDERS)
    status, answer = pair.close(trade["trade_id"])
    assert status in (200, 202, 503), answer
    while status == 202 and answer["status"] != "closed":
        status, answer = pair.close(trade["trade_id"])
        assert len(_held(pair)) <= 1
    if status != 200:
        assert pair.close(trade["trade_id"])[0] == 200
    done = pair.until_trade(trade["trade_id"], lambda told: _is_over(told))
    assert _held(pair) == []
    filled = [one for one in pair.simulator.orders() if _closed_something(one, done)]
    assert sum(D(one["filled"]) for one in filled) == 500
    pair.assert_settled(done)


@pytest.mark.parametrize("name", ["timeout before", "timeout after", "503", "malformed"])
def test_a_lost_cancel_is_sent_again(pair: Pair, name: str) -> None:
    trade = pair.send(entry_type="limit", price="4400", quantity="0.05")[1]
    order = trade["orders"][0]
    pair.simulator.order_fault(**FAULTS[name], method="DELETE", path=ONE_ORDER)
    status, _ = pair.api.call("DELETE", f"/order/BTC_USDT/{order['order_id']}")
    assert status == (200 if name == "malformed" else 202)
    pair.until_trade(trade["trade_id"], lambda told: told["status"] == "not_placed")
    assert pair.venue_order(order["venue_id"])["finish_as"] == "cancelled"
    assert pair.risk()["reserved"] == {}


def test_a_cancelled_entry_that_never_arrived_frees_its_symbol(pair: Pair) -> None:
    pair.simulator.order_fault(**FAULTS["timeout before"], method="POST", path=ORDERS)
    status, trade = pair.send(entry_type="limit", price="4400", quantity="0.05")
    assert status == 202
    pair.api.call("DELETE", f"/order/BTC_USDT/{trade['orders'][0]['order_id']}")
    assert pair.send(quantity="0.05")[1]["check"] == "unknown_order"
    pair.until_trade(trade["trade_id"], lambda told: told["status"] == "not_placed")
    assert pair.risk()["reserved"] == {}
    assert pair.send(quantity="0.05")[0] == 201


@pytest.mark.parametrize("name", ["malformed", "503", "timeout before"])
def test_reads_that_fail_leave_a_position_as_it_is(pair: Pair, name: str) -> None:
    trade = pair.enter(quantity="0.05")
    mine = {one["venue_id"] for one in trade["exits"]}
    for path in ("price_orders", "order_book", "positions", "accounts", "orders"):
        pair.simulator.order_fault(**FAULTS[name], method="GET", path=path)
        pair.simulator.order_fault(**FAULTS[name], method="GET", path=path)
    orders = pair.counts()["orders"]
    pair.api.get("/account")
    pair.api.get("/price/BTCUSDT")
    pair.until(lambda: True if pair.api.get("/price/BTCUSDT")[0] == 200 else None)
    pair.until(lambda: True if len(pair.triggers()) == 2 else None)
    kept = pair.until_trade(trade["trade_id"], lambda told: told["protected"])
    assert {one["venue_id"] for one in kept["exits"] if one["status"] == "resting"} == mine
    assert pair.counts()["orders"] == orders


def test_a_stop_that_was_passed_before_it_could_be_placed_closes_at_once(pair: Pair) -> None:
    pair.simulator.order_fault("latency", milliseconds=700, method="POST", path=ORDERS)
    with ThreadPoolExecutor(1) as pool:
        entering = pool.submit(pair.send, quantity="0.05", stop_loss="4450")
        pair.until(lambda: True if pair.risk()["reserved"] else None)
        pair.move("BTC", 4440)
        _, trade = entering.result()
    assert D(trade["entry_price"]) < 4450
    done = pair.until_trade(trade["trade_id"], _is_over)
    assert done["close_reason"] == "stop passed before it could be placed"
    pair.assert_settled(done)


def test_a_stop_that_fires_while_its_close_is_in_doubt_closes_once(pair: Pair) -> None:
    trade = pair.enter(quantity="0.05", stop_loss_percent="1")
    pair.simulator.order_fault(**FAULTS["timeout before"], method="POST", path=ORDERS)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(pair.close, trade["trade_id"])
        pair.move("BTC", 4400)
        closing.result()
    done = pair.until_trade(trade["trade_id"], lambda told: _is_over(told), 20)
    assert pair.api.get("/account")[1]["positions"] == []
    assert done["close_reason"] == "stop"
    pair.until(lambda: True if not pair.risk()["orders_in_doubt"] else None)
    pair.assert_settled(pair.trade(trade["trade_id"]))


@pytest.mark.parametrize("name", ["timeout before", "timeout after", "503", "429", "malformed"])
def test_an_emergency_stop_comes_to_be_flat_by_itself(pair: Pair, name: str) -> None:
    trade = pair.enter(quantity="0.05")
    resting = pair.send(symbol="ETHUSDT", entry_type="limit", price="330", quantity="0.5")[1]
    pair.simulator.order_fault(**FAULTS[name], method="POST", path=ORDERS)
    pair.simulator.order_fault(**FAULTS[name], method="DELETE", path=ONE_ORDER)
    status, told = pair.api.post("/api/system/emergency-stop", {"reason": "test"})
    assert status in (200, 202)
    assert (status == 200) == (told["status"] == "flat")
    pair.until_trade(trade["trade_id"], lambda one: _is_over(one), 20)
    pair.until_trade(resting["trade_id"], lambda one: one["status"] == "not_placed", 20)
    assert pair.api.get("/account")[1]["positions"] == []
    assert pair.risk()["reserved"] == {}


def test_an_entry_in_doubt_does_not_survive_an_emergency_stop(pair: Pair) -> None:
    pair.simulator.order_fault(**FAULTS["timeout after"], method="POST", path=ORDERS)
    with ThreadPoolExecutor(1) as pool:
        before = pair.counts()["venue"]
        entering = pool.submit(pair.send, quantity="0.05")
        pair.until(lambda: True if pair.counts()["venue"] > before else None)
        pair.api.post("/api/system/emergency-stop", {"reason": "test"})
        _, trade = entering.result()
    pair.until_trade(trade["trade_id"], lambda told: _is_over(told), 20)
    assert pair.api.get("/account")[1]["positions"] == []


def _assert_only_this_symbol_is_held_back(pair: Pair) -> None:
    refusal = pair.send(quantity="0.05")[1]
    known = not pair.risk()["orders_in_doubt"]
    assert refusal["check"] == "unknown_order" or known
    status, other = pair.send(symbol="ETHUSDT", quantity="0.5")
    assert status == 201, other


def _until_triggers_are(pair: Pair, mine: set[str]) -> None:
    pair.until(lambda: True if {str(one["id"]) for one in pair.triggers()} == mine else None)


def _newest(pair: Pair, not_status: str) -> Body | None:
    """Return the newest trade on BTC once its status is another one."""
    found: Body = pair.api.get("/api/trades?symbol=BTCUSDT&limit=1")[1]["trades"][0]
    return None if found["status"] == not_status else found


def _is_over(trade: Body) -> bool:
    exits = all(one["status"] in ("done", "cancelled") for one in trade["exits"])
    return trade["status"] == "closed" and exits


def _closed_something(order: Body, trade: Body) -> bool:
    mine = {one["client_id"] for one in trade["orders"] if one["purpose"] == "close"}
    return order["text"] in mine


def _held(pair: Pair) -> list[Body]:
    """Return the venue's positions, once it answers: its patience here is a second."""

    def ask() -> list[Body] | None:
        status, told = pair.api.get("/account")
        return told["positions"] if status == 200 else None

    return pair.until(ask)
