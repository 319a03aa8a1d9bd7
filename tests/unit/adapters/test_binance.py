"""Binance's client without a venue: networks, errors, validity, weights, stop orders."""

import time
from typing import Any

import ccxt
import pytest

from cerberus.adapters.exchange.binance import PacedBinance, open_binance
from cerberus.adapters.exchange.binance_answers import is_refusal, with_placed_order
from cerberus.adapters.exchange.binance_weights import weight_of
from cerberus.adapters.exchange.clients import placement_expiry
from cerberus.adapters.exchange.errors import translated
from cerberus.errors import CerberusError, ClockSkewed, OutOfFunds, RateLimited, Rejected, Unknown

SPOT, SWAP = "http://127.0.0.1:1/api/v3/order", "http://127.0.0.1:1/fapi/v1/order"


def client(**options: Any) -> PacedBinance:
    return open_binance("k", "s", url="http://127.0.0.1:1", timeout_seconds=2, **options)


def raised(url: str, status: int, code: int, message: str) -> CerberusError:
    """Return what an answer to a placement becomes."""
    body = f'{{"code":{code},"msg":"{message}"}}'
    answer = {"code": code, "msg": message}
    with pytest.raises(CerberusError) as caught, translated(sends=True):
        client().handle_errors(status, "", url, "POST", {}, body, answer, {}, "")
    return caught.value


@pytest.mark.parametrize(
    ("url", "status", "code", "message", "told"),
    [
        (SPOT, 400, -2010, "Account has insufficient balance for requested action.", OutOfFunds),
        (SPOT, 400, -2010, "Order would immediately match and take.", Rejected),
        (SPOT, 400, -2010, "Duplicate order sent.", Unknown),
        (SPOT, 400, -1013, "Filter failure: NOTIONAL", Rejected),
        (SPOT, 400, -1013, "Filter failure: LOT_SIZE", Rejected),
        (SPOT, 400, -1021, "Timestamp for this request is outside of the recvWindow.", ClockSkewed),
        (SPOT, 400, -1022, "Signature for this request is not valid.", Rejected),
        (SPOT, 401, -2015, "Invalid API-key, IP, or permissions for action.", Rejected),
        (SPOT, 400, -99999, "a new word", Rejected),
        (SPOT, 500, -99999, "a new word", Unknown),
        (SPOT, 400, -1006, "Execution status unknown.", Unknown),
        (SPOT, 408, -1007, "Timeout waiting for response from backend server.", Unknown),
        (SPOT, 500, -1001, "Internal error; unable to process your request.", Unknown),
        (SPOT, 429, -1003, "Too many requests", RateLimited),
        (SPOT, 418, -1003, "Way too much request weight used", RateLimited),
        (SWAP, 400, -2018, "Balance is insufficient.", OutOfFunds),
        (SWAP, 400, -2019, "Margin is insufficient.", OutOfFunds),
        (SWAP, 400, -2021, "Order would immediately trigger.", Rejected),
        (SWAP, 400, -2022, "ReduceOnly Order is rejected.", Rejected),
        (SWAP, 400, -4116, "ClientOrderId is duplicated.", Unknown),
        (SWAP, 400, -4164, "Order's notional must be no smaller than 100.", Rejected),
        (SWAP, 400, -5022, "The Post Only order will be rejected.", Rejected),
    ],
)
def test_an_answer_to_a_placement_becomes_what_it_means(
    url: str, status: int, code: int, message: str, told: type[CerberusError]
) -> None:
    assert type(raised(url, status, code, message)) is told


def test_the_errors_of_a_redirected_client_are_those_of_the_venue() -> None:
    there = client()
    futures = there.get_exceptions_by_url(SWAP, "exact")
    spot = there.get_exceptions_by_url(SPOT, "exact")

    assert futures["-2019"] is ccxt.InsufficientFunds
    assert futures["-2022"] is ccxt.InvalidOrder
    assert "-2019" not in spot
    assert there.get_exceptions_by_url(None, "exact") == spot


@pytest.mark.parametrize(
    ("status", "answer", "certain"),
    [
        (400, {"code": -4000, "msg": "x"}, True),
        (400, {"code": -1007, "msg": "x"}, False),
        (400, {"code": "x"}, False),
        (400, [], False),
        (400, None, False),
        (503, {"code": -4000, "msg": "x"}, False),
    ],
)
def test_only_a_code_with_a_4xx_is_a_certain_refusal(
    status: int, answer: object, certain: bool
) -> None:
    assert is_refusal(status, answer) is certain


def hosts(urls: Any) -> set[str]:
    return {urls[name].split("/")[2] for name in ("public", "private", "fapiPrivate")}


def test_each_network_has_its_own_hosts() -> None:
    live = open_binance("k", "s", url=None, timeout_seconds=2).urls["api"]
    demo = open_binance("k", "s", url=None, timeout_seconds=2, testnet=True).urls["api"]
    spot = open_binance("k", "s", url=None, timeout_seconds=2, testnet=True, spot_only=True)

    assert hosts(live) == {"api.binance.com", "fapi.binance.com"}
    assert hosts(demo) == {"demo-api.binance.com", "demo-fapi.binance.com"}
    assert spot.urls["api"]["private"].split("/")[2] == "testnet.binance.vision"
    assert spot.options["fetchMarkets"]["types"] == ["spot"]
    assert client().number is str


async def test_where_there_are_no_futures_none_are_asked_for() -> None:
    there = client(spot_only=True)
    try:
        assert await there.fetch_balance({"type": "swap"}) == {"total": {}}
        assert await there.fetch_positions() == []
        assert await there.fetch_open_orders(None, None, None, {"type": "swap"}) == []
    finally:
        await there.close()


def test_a_placement_is_valid_until_its_expiry_and_not_sent_after_it() -> None:
    there = client()
    now = int(time.time() * 1000)
    token = placement_expiry.set(now + 3000)
    try:
        window = there._validity()["recvWindow"]
        placement_expiry.set(now + 300_000)
        longest = there._validity()["recvWindow"]
        placement_expiry.set(now - 1)
        with pytest.raises(ccxt.OperationRejected, match="expired"):
            there._validity()
    finally:
        placement_expiry.reset(token)

    assert 2000 < window <= 3000
    assert longest == 60_000
    assert there._validity() == {}


@pytest.mark.parametrize(
    ("path", "section", "method", "parameters", "weight"),
    [
        ("order", "private", "POST", {}, 1),
        ("order", "private", "GET", {}, 4),
        ("order", "private", "DELETE", {}, 1),
        ("openOrders", "private", "GET", {"symbol": "BTCUSDT"}, 6),
        ("openOrders", "private", "GET", {}, 80),
        ("myTrades", "private", "GET", {"orderId": "1"}, 5),
        ("myTrades", "private", "GET", {}, 20),
        ("depth", "public", "GET", {"limit": 5}, 5),
        ("depth", "public", "GET", {"limit": 5000}, 250),
        ("klines", "public", "GET", {"limit": 1000}, 2),
        ("order", "fapiPrivate", "POST", {}, 0),
        ("order", "fapiPrivate", "GET", {}, 1),
        ("openOrders", "fapiPrivate", "GET", {}, 40),
        ("klines", "fapiPublic", "GET", {"limit": 1000}, 5),
        ("klines", "fapiPublic", "GET", {"limit": 1500}, 10),
        ("depth", "fapiPublic", "GET", {"limit": 5}, 2),
        ("income", "fapiPrivate", "GET", {}, 30),
        ("positionRisk", "fapiPrivateV3", "GET", {}, 5),
    ],
)
def test_each_call_weighs_what_the_venue_says(
    path: str, section: str, method: str, parameters: dict[str, object], weight: int
) -> None:
    assert weight_of(path, [section], method, parameters) == weight


@pytest.mark.parametrize(
    ("info", "placed", "outcome"),
    [
        ({"algoId": 1, "actualOrderId": "7", "algoStatus": "FINISHED"}, "7", "FINISHED"),
        ({"algoId": 1, "actualOrderId": "", "algoStatus": "NEW"}, "", "NEW"),
        (
            {"orderId": 3, "type": "STOP_LOSS", "executedQty": "1", "status": "FILLED"},
            3,
            "FILLED",
        ),
        ({"orderId": 3, "type": "STOP_LOSS", "executedQty": "0", "status": "NEW"}, None, None),
        ({"orderId": 3, "type": "LIMIT", "executedQty": "1", "status": "FILLED"}, None, None),
    ],
)
def test_a_trigger_names_the_order_it_has_placed(
    info: dict[str, Any], placed: object, outcome: str | None
) -> None:
    told = with_placed_order({"info": info})["info"]

    assert (told.get("trade_id"), told.get("finish_as")) == (placed, outcome)
