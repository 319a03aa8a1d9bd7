"""Binance's refusals, signatures and weights, as its documentation has them."""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from cerberus.simulator.binance.auth import sign
from tests.unit.simulator.binance_in_process import BinanceInProcess

SPOT, SWAP, ALGO = "/api/v3/order", "/fapi/v1/order", "/fapi/v1/algoOrder"


@pytest.fixture
def venue() -> Iterator[BinanceInProcess]:
    with BinanceInProcess() as opened:
        opened.gate.move("4500")
        yield opened


@pytest.mark.parametrize(
    ("path", "fields", "code", "text"),
    [
        (SPOT, {"symbol": "DOGEUSDT"}, -1121, "Invalid symbol."),
        (SPOT, {"symbol": None}, -1102, "'symbol'"),
        (SPOT, {"side": "HOLD"}, -1117, "Invalid side."),
        (SPOT, {"type": "OTHER"}, -1116, "Invalid orderType."),
        (SPOT, {"timeInForce": "DAY"}, -1115, "Invalid timeInForce."),
        (SPOT, {"quantity": "x"}, -1100, "'quantity'"),
        (SPOT, {"quantity": "0.000001"}, -1013, "LOT_SIZE"),
        (SPOT, {"quantity": "0.1000001"}, -1013, "LOT_SIZE"),
        (SPOT, {"price": "4400.001"}, -1013, "PRICE_FILTER"),
        (SPOT, {"quantity": "0.001"}, -1013, "NOTIONAL"),
        (SPOT, {"price": "100"}, -1013, "PERCENT_PRICE_BY_SIDE"),
        (SPOT, {"quantity": "100"}, -2010, "insufficient balance"),
        (SPOT, {"side": "SELL", "price": "4600"}, -2010, "insufficient balance"),
        (SPOT, {"type": "LIMIT_MAKER", "price": "4600"}, -2010, "immediately match and take"),
        (SPOT, {"newClientOrderId": "ä"}, -1100, "'newClientOrderId'"),
        (SPOT, {"newClientOrderId": "a" * 37}, -1100, "'newClientOrderId'"),
        (SPOT, {"icebergQty": "1"}, -1106, "'icebergQty'"),
        (SPOT, {"type": "MARKET"}, -1106, "'price'"),
        (
            SPOT,
            {"type": "MARKET", "price": None, "timeInForce": None, "quantity": "130"},
            -1013,
            "MARKET_LOT_SIZE",
        ),
        (SPOT, {"type": "STOP_LOSS_LIMIT", "stopPrice": "4400"}, -2010, "trigger immediately"),
        (SPOT, {"type": "STOP_LOSS_LIMIT", "stopPrice": None}, -1102, "'stopPrice'"),
        (SWAP, {"quantity": "0"}, -4003, "Quantity less than or equal to zero."),
        (SWAP, {"quantity": "0.0001"}, -1111, "Precision"),
        (SWAP, {"quantity": "101"}, -4005, "greater than max"),
        (SWAP, {"quantity": "90"}, -2019, "Margin is insufficient."),
        (SWAP, {"quantity": "0.001"}, -4164, "100"),
        (SWAP, {"price": "4400.001"}, -4014, "tick size"),
        (SWAP, {"price": "9000"}, -4016, "higher than 5400"),
        (SWAP, {"price": "900", "quantity": "1"}, -4024, "lower than 3600"),
        (SWAP, {"reduceOnly": "true"}, -2022, "ReduceOnly Order is rejected."),
        (SWAP, {"reduceOnly": "perhaps"}, -1130, "'reduceOnly'"),
        (SWAP, {"timeInForce": "GTX", "price": "4600"}, -5022, "Post Only"),
        (SWAP, {"timeInForce": "FOK"}, -5021, "FOK"),
        (SWAP, {"positionSide": "LONG"}, -4061, "position side"),
        (SWAP, {"type": "STOP_MARKET"}, -4120, "Algo Order API"),
        (ALGO, {"triggerPrice": "4400"}, -2021, "immediately trigger"),
        (ALGO, {"triggerPrice": None}, -1102, "'triggerPrice'"),
        (ALGO, {"algoType": "VP"}, -4500, "algoType"),
    ],
)
def test_an_order_is_refused_with_the_venues_code_and_text(
    venue: BinanceInProcess, path: str, fields: dict[str, object], code: int, text: str
) -> None:
    before = len(venue.exchange.venue.state.orders)

    told = venue.refused("POST", path, **venue.order(path, **fields))

    assert told[0] == code
    assert text in told[1]
    assert len(venue.exchange.venue.state.orders) == before


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", SPOT, -2013),
        ("DELETE", SPOT, -2011),
        ("GET", SWAP, -2013),
        ("DELETE", SWAP, -2011),
    ],
)
def test_an_unknown_order_is_told_apart_by_what_was_asked(
    venue: BinanceInProcess, method: str, path: str, code: int
) -> None:
    assert venue.refused(method, path, symbol="BTCUSDT", orderId=1)[0] == code
    assert venue.refused(method, path, symbol="BTCUSDT", origClientOrderId="t-1")[0] == code
    assert venue.refused(method, path, symbol="BTCUSDT")[0] == -1102


@pytest.mark.parametrize("path", [SPOT, SWAP])
def test_an_open_client_id_is_not_taken_twice_and_a_finished_one_is(
    venue: BinanceInProcess, path: str
) -> None:
    order = venue.order(path, newClientOrderId="t-1")
    first = venue.call("POST", path, **order)

    code = venue.refused("POST", path, **order)[0]
    venue.call("DELETE", path, symbol="BTCUSDT", origClientOrderId="t-1")
    second = venue.call("POST", path, **order)
    found = venue.call("GET", path, symbol="BTCUSDT", origClientOrderId="t-1")

    assert code == (-2010 if path == SPOT else -4116)
    assert found["orderId"] == second["orderId"] != first["orderId"]


def test_the_signature_is_the_documented_one() -> None:
    # the example of the venue's documentation
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    text = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
        "&recvWindow=5000&timestamp=1499827319559"
    )
    expected = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"

    assert sign(secret, text).decode() == expected
    assert hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest() == expected


@pytest.mark.parametrize(
    ("text", "key", "status", "code"),
    [
        ("timestamp={now}&signature=00", "key", 400, -1022),
        ("timestamp={now}", "key", 400, -1102),
        ("signature=00", "key", 400, -1102),
        ("timestamp=soon&signature=00", "key", 400, -1100),
        ("timestamp={old}&signature=00", "key", 400, -1021),
        ("timestamp={ahead}&signature=00", "key", 400, -1021),
        ("timestamp={now}&recvWindow=60001&signature=00", "key", 400, -1131),
        ("timestamp={now}&timestamp={now}&signature=00", "key", 400, -1101),
        ("timestamp={now}&signature=00", "", 401, -2014),
        ("timestamp={now}&signature=00", "nobody", 401, -2015),
    ],
)
def test_a_call_that_is_not_signed_well_is_refused(
    venue: BinanceInProcess, text: str, key: str, status: int, code: int
) -> None:
    now = venue.stamp()
    sent = text.format(now=now, old=now - 5001, ahead=now + 1000)

    outgoing = venue.send_raw("GET", "/api/v3/account", sent, key)

    assert (outgoing.status, orjson.loads(outgoing.body)["code"]) == (status, code)


def test_a_placement_is_refused_when_its_window_has_passed(venue: BinanceInProcess) -> None:
    order = venue.order(SPOT, recvWindow=2000)
    late = order | {"timestamp": venue.stamp() - 2001}
    in_time = order | {"timestamp": venue.stamp() - 1999}

    assert venue.refused("POST", SPOT, **late)[0] == -1021
    assert venue.call("POST", SPOT, **in_time)["status"] == "NEW"


def test_weights_are_told_then_429_then_418(venue: BinanceInProcess) -> None:
    first = venue.send("GET", "/api/v3/account")
    answers = [venue.send("GET", "/api/v3/account") for _ in range(311)]
    other = venue.send("GET", "/fapi/v3/account")
    venue.gate.wall.seconds += 60
    still = venue.send("GET", "/api/v3/account")
    venue.gate.wall.seconds += 61
    after = venue.send("GET", "/api/v3/account")

    assert (first.headers["X-MBX-USED-WEIGHT-1M"], first.headers["X-MBX-USED-WEIGHT"]) == (
        "20",
        "20",
    )
    statuses = [one.status for one in answers]
    assert (statuses.count(200), statuses.count(429), statuses.count(418)) == (299, 10, 2)
    limited, banned = answers[299], answers[-1]
    assert orjson.loads(limited.body)["code"] == -1003
    assert 0 < int(limited.headers["Retry-After"]) <= 60
    assert int(banned.headers["Retry-After"]) == 120
    assert "IP banned until" in orjson.loads(banned.body)["msg"]
    assert (other.status, still.status, after.status) == (200, 418, 200)


def test_orders_are_counted_apart_from_weights(venue: BinanceInProcess) -> None:
    bad = venue.order(SPOT, quantity="0.001")
    answers = [venue.send("POST", SPOT, **bad) for _ in range(101)]
    venue.gate.wall.seconds += 10

    assert [one.status for one in answers] == [400] * 100 + [429]
    assert answers[0].headers["X-MBX-ORDER-COUNT-10S"] == "1"
    assert orjson.loads(answers[-1].body)["code"] == -1015
    assert venue.send("POST", SPOT, **bad).status == 400


def test_a_spot_stop_locks_what_it_would_sell_and_spends_it_when_it_fires(
    venue: BinanceInProcess,
) -> None:
    venue.call("POST", SPOT, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")
    held = "0.0999"
    stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "stopPrice": "4400"}
    made = venue.call("POST", SPOT, **stop, quantity=held)
    balance = venue.call("GET", "/api/v3/account")["balances"][0]
    sale = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET"}
    refused = venue.refused("POST", SPOT, **sale, quantity="0.01")
    venue.gate.move("4400")
    fired = venue.call("GET", SPOT, symbol="BTCUSDT", orderId=made["orderId"])
    fills = venue.call("GET", "/api/v3/myTrades", symbol="BTCUSDT", orderId=made["orderId"])

    assert (balance["asset"], balance["free"], balance["locked"]) == (
        "BTC",
        "0.00000000",
        "0.09990000",
    )
    assert refused[0] == -2010
    assert (fired["status"], fired["type"], fired["executedQty"]) == (
        "FILLED",
        "STOP_LOSS",
        "0.09990000",
    )
    assert {fill["orderId"] for fill in fills} == {made["orderId"]}
    assert fills[0]["commission"] == "0.43951604"


def test_no_more_than_five_stops_wait_on_a_pair(venue: BinanceInProcess) -> None:
    stop = {"symbol": "BTCUSDT", "side": "BUY", "type": "STOP_LOSS", "stopPrice": "4600"}
    for _ in range(5):
        venue.call("POST", SPOT, **stop, quantity="0.01")

    told = venue.refused("POST", SPOT, **stop, quantity="0.01")

    assert told == (-1013, "Filter failure: MAX_NUM_ALGO_ORDERS")
    assert venue.call("POST", SPOT, **venue.order(SPOT))["status"] == "NEW"


def test_a_spot_stop_survives_a_restart_with_its_lock(tmp_path: Path) -> None:
    file = str(tmp_path / "venue.db")
    stop = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "stopPrice": "4400"}
    with BinanceInProcess(file) as venue:
        venue.gate.move("4500")
        venue.call("POST", SPOT, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")
        made = venue.call("POST", SPOT, **stop, quantity="0.05", newClientOrderId="t-stop")

    with BinanceInProcess(file) as venue:
        waiting = venue.call("GET", SPOT, symbol="BTCUSDT", origClientOrderId="t-stop")
        locked = venue.call("GET", "/api/v3/account")["balances"][0]["locked"]
        venue.gate.move("4399")
        fired = venue.call("GET", SPOT, symbol="BTCUSDT", origClientOrderId="t-stop")
        listed = venue.call("GET", "/api/v3/allOrders", symbol="BTCUSDT")

    assert (waiting["orderId"], waiting["status"], locked) == (made["orderId"], "NEW", "0.05000000")
    assert (fired["orderId"], fired["status"]) == (made["orderId"], "FILLED")
    assert [one["type"] for one in listed] == ["MARKET", "STOP_LOSS"]


def test_both_wires_tell_of_one_account(venue: BinanceInProcess) -> None:
    venue.call("POST", SWAP, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1")

    [risk] = venue.call("GET", "/fapi/v3/positionRisk")

    assert venue.gate.position()["size"] == 1000
    assert risk["positionAmt"] == "0.1"
    assert risk["entryPrice"].startswith(venue.gate.position()["entry_price"])
