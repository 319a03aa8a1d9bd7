"""Bad input: a 4xx that names field and reason, nothing stored, never a 500."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.trading.steps import Body, Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

JSON = "application/json"


def _at(**offset: float) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


#: what is wrong, and the field that the answer must name
FIELDS: dict[str, tuple[Body, str]] = {
    "negative quantity": ({"quantity": "-1"}, "quantity"),
    "quantity that is no number": ({"quantity": "much"}, "quantity"),
    "nan as text": ({"quantity": "NaN"}, "quantity"),
    "infinity as text": ({"size_usd": "Infinity"}, "size_usd"),
    "off-step quantity": ({"quantity": "0.05001"}, "quantity"),
    "quantity below the minimum": ({"quantity": "0.00001"}, "quantity"),
    "huge quantity": ({"quantity": "1e30"}, "quantity"),
    "huge exponent": ({"quantity": "1e999999999"}, "quantity"),
    "tiny exponent": ({"quantity": "1e-999999999"}, "quantity"),
    "quantity of another type": ({"quantity": {"a": 1}}, "quantity"),
    "quantity as a truth value": ({"quantity": True}, "quantity"),
    "two sizes": ({"quantity": "0.05", "size_usd": "5"}, "body"),
    "unknown symbol": ({"symbol": "DOGE/USDT"}, "symbol"),
    "symbol that is none": ({"symbol": "../../etc"}, "symbol"),
    "symbol of another type": ({"symbol": 7}, "symbol"),
    "over-long symbol": ({"symbol": "B" * 100}, "symbol"),
    "side": ({"side": "hold"}, "side"),
    "missing side": ({"side": None}, "side"),
    "stale": ({"created_at": _at(minutes=-10)}, "created_at"),
    "from the future": ({"created_at": _at(minutes=10)}, "created_at"),
    "time without a zone": ({"created_at": "2026-01-01T00:00:00"}, "created_at"),
    "expired": ({"expires_at": _at(seconds=-5)}, "expires_at"),
    "time far away": ({"expires_at": "9999-12-31T23:59:59Z"}, "expires_at"),
    "confidence": ({"confidence": "1.5"}, "confidence"),
    "stop on the wrong side": ({"stop_loss": "4600"}, "stop_loss"),
    "target on the wrong side": ({"take_profit": "4400"}, "take_profit"),
    "stop far away": ({"stop_loss": "1"}, "stop_loss"),
    "stop twice": ({"stop_loss": "4400", "stop_loss_percent": "2"}, "body"),
    "limit without a price": ({"entry_type": "limit"}, "body"),
    "market with a price": ({"price": "4500"}, "body"),
    "price off the tick": ({"entry_type": "limit", "price": "4500.001"}, "price"),
    "price out of the band": ({"entry_type": "limit", "price": "9000"}, "price"),
    "stop without a trigger": ({"entry_type": "stop"}, "trigger_price"),
    "trigger of a market entry": ({"trigger_price": "4600"}, "trigger_price"),
    "stop with a price": (
        {"entry_type": "stop", "trigger_price": "4600", "price": "4600"},
        "price",
    ),
    "trigger on the wrong side": ({"entry_type": "stop", "trigger_price": "4400"}, "trigger_price"),
    "trigger off the tick": ({"entry_type": "stop", "trigger_price": "4600.001"}, "trigger_price"),
    "trigger that is none": ({"entry_type": "stop", "trigger_price": "NaN"}, "trigger_price"),
    "market that rests": ({"time_in_force": "post_only"}, "time_in_force"),
    "leverage": ({"leverage": 1000}, "leverage"),
    "leverage with a fraction": ({"leverage": "2.5"}, "leverage"),
    "time in force": ({"time_in_force": "day"}, "time_in_force"),
    "unknown field": ({"stoploss": "4400"}, "stoploss"),
    "over-long strategy": ({"strategy": "s" * 200}, "strategy"),
    "over-long reason": ({"reason": "r" * 2000}, "reason"),
    "id with strange characters": ({"id": "a b\n"}, "id"),
    "half a character": ({"reason": "\ud800"}, "reason"),
    "half a character as a field": ({"\ud800": 1}, "body"),
}


@pytest.mark.parametrize(("change", "field"), FIELDS.values(), ids=list(FIELDS))
def test_a_wrong_field_is_named_and_nothing_is_stored(
    api_pair: Pair, change: Body, field: str
) -> None:
    before = api_pair.counts()
    signal = api_pair.signal(**change)
    for path, body in (("/api/trades", {"signal": signal}), ("/api/signals", signal)):
        status, told = api_pair.api.post(path, body)
        assert (status, told["status"]) == (422, 422), told
        names = [one["field"].removeprefix("signal.") for one in told["errors"]]
        assert names == [field if field != "body" or "signals" in path else "signal"], told
        assert all(one["reason"] for one in told["errors"])
    assert api_pair.counts() == before


BODIES: dict[str, tuple[bytes, int]] = {
    "malformed": (b'{"signal": ', 400),
    "empty": (b"", 422),
    "null": (b"null", 422),
    "a list": (b"[]", 422),
    "a text": (b'"buy"', 422),
    "nan": (b'{"signal": {"symbol": "BTCUSDT", "side": "buy", "quantity": NaN}}', 422),
    "infinity": (b'{"signal": {"symbol": "BTCUSDT", "side": "buy", "quantity": -Infinity}}', 422),
    "long number": (b'{"signal": {"symbol": "BTCUSDT", "quantity": 1' + b"0" * 5000 + b"}}", 400),
    "not utf-8": (b'{"signal": {"symbol": "\xff\xfe"}}', 400),
    "deep": (b"[" * 30_000, 400),
    "too large": (b'{"signal": "' + b"x" * 70_000 + b'"}', 413),
}


@pytest.mark.parametrize(("raw", "expected"), BODIES.values(), ids=list(BODIES))
@pytest.mark.parametrize("key", [None, "bodies"])
def test_a_body_that_cannot_be_read_is_refused(
    api_pair: Pair, raw: bytes, expected: int, key: str | None
) -> None:
    before = api_pair.counts()
    headers = {} if key is None else {"Idempotency-Key": api_pair.key()}
    status, told = api_pair.api.call("POST", "/api/trades", raw=raw, headers=headers)
    assert (status, told["status"]) == (expected, expected), told
    assert told["errors"][0]["reason"]
    assert api_pair.counts() == before


def test_a_body_without_a_length_is_limited_too(api_pair: Pair) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api_pair.api.port, timeout=30)
    headers = {"Authorization": f"Bearer {api_pair.api.token()}", "Content-Type": JSON}
    chunks = (b"x" * 1000 for _ in range(100))
    connection.request("POST", "/api/trades", chunks, headers, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["status"]) == (413, 413)
    connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account"),
        ("GET", "/api/trades"),
        ("POST", "/api/trades"),
        ("POST", "/trade/signal"),
        ("POST", "/api/signals"),
        ("POST", "/api/risk/assess"),
        ("POST", "/api/system/emergency-stop"),
        ("POST", "/api/system/restart"),
        ("DELETE", "/order/BTC_USDT/1"),
    ],
)
@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic YTpi", "Bearer \xe9"])
def test_no_route_works_without_its_token(
    api_pair: Pair, method: str, path: str, token: str
) -> None:
    before = api_pair.counts()
    headers = {"Authorization": token} if token else {}
    body: Any = {"signal": api_pair.signal()} if method == "POST" else None
    status, told = api_pair.api.call(method, path, body, token=None, headers=headers)
    assert (status, told["type"].rpartition("/")[2]) == (401, "unauthorised")
    assert api_pair.counts() == before


def test_force_needs_the_admin_token(api_pair: Pair) -> None:
    before = api_pair.counts()
    body = {"signal": api_pair.signal(quantity="0.05"), "force_execution": True}
    for path in ("/api/trades", "/api/risk/assess"):
        assert api_pair.api.post(path, body)[0] == 403
    assert api_pair.api.post("/api/risk/reset")[0] == 403
    assert api_pair.counts() == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/trades?limit=0", 422),
        ("/api/trades?limit=501", 422),
        ("/api/trades?status=maybe", 422),
        ("/api/trades?symbol=!!!", 422),
        ("/api/trades?offset=99999999999999999999", 422),
        ("/api/trades/nothing", 404),
        ("/api/positions/nothing", 404),
        ("/api/candles", 422),
        ("/api/candles?symbol=BTCUSDT&timeframe=7m", 422),
        ("/api/candles?symbol=DOGEUSDT", 422),
        ("/price/DOGEUSDT", 422),
        ("/order/BTC_USDT/nothing", 404),
        ("/order/BTC_USDT/%00", 404),
        ("/nothing", 404),
    ],
)
def test_a_wrong_question_is_answered_with_a_problem(
    api_pair: Pair, path: str, status: int
) -> None:
    answered, told = api_pair.api.get(path)
    assert (answered, told["status"]) == (status, status)
    assert told["detail"]
    assert (status == 422) == bool(told.get("errors"))


def test_the_short_form_names_its_fields_too(api_pair: Pair) -> None:
    before = api_pair.counts()
    for change, field in (({"side": "hold"}, "side"), ({"amount": -1}, "quantity")):
        body = {"symbol": "BTCUSDT", "action": "buy"} | change
        status, told = api_pair.api.post("/trade/signal", body)
        assert (status, [one["field"] for one in told["errors"]]) == (422, [field])
    assert api_pair.counts() == before
