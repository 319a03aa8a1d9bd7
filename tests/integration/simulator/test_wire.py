"""What a client of ours never sends: bad signatures, bad forms, too much of everything."""

import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ccxt
import pytest

from tests.simulator_process import SimulatorProcess

PERP = "BTC/USDT:USDT"
ORDERS = "/api/v4/futures/usdt/orders"
ORDER = {"contract": "BTC_USDT", "size": 1, "price": "4400"}


class Raw:
    """Signs as the venue documents it and sends whatever it is told."""

    def __init__(self, simulator: SimulatorProcess, session: aiohttp.ClientSession) -> None:
        self._simulator = simulator
        self._session = session

    async def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        headers: dict[str, str] | None = None,
        age_seconds: int = 0,
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        key, secret = self._simulator.credentials
        stamp = str(int(time.time()) - age_seconds)
        digest = hashlib.sha512(body).hexdigest()
        text = "\n".join((method, path, query, digest, stamp))
        sign = hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()
        sent = {"KEY": key, "Timestamp": stamp, "SIGN": sign} | (headers or {})
        url = self._simulator.url + path + (f"?{query}" if query else "")
        async with self._session.request(
            method, url, data=io.BytesIO(body) if body else None, headers=sent
        ) as answer:
            return answer.status, await answer.json(), dict(answer.headers)


@pytest.fixture
async def raw(simulator: SimulatorProcess) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session:
        yield Raw(simulator, session)


async def test_a_documented_signature_is_accepted(raw: Raw) -> None:
    status, answer, headers = await raw.send("GET", ORDERS, query="status=open")
    assert (status, answer) == (200, [])
    assert headers["X-Gate-RateLimit-Limit"] == "200"
    assert 0 <= int(headers["X-Gate-RateLimit-Requests-Remain"]) < 200
    assert abs(int(headers["X-Gate-RateLimit-Reset-Timestamp"]) - time.time()) < 5


@pytest.mark.parametrize(
    ("headers", "age", "label"),
    [
        ({"SIGN": ""}, 0, "MISSING_REQUIRED_HEADER"),
        ({"KEY": "nobody"}, 0, "INVALID_KEY"),
        ({"SIGN": "00"}, 0, "INVALID_SIGNATURE"),
        ({}, 65, "REQUEST_EXPIRED"),
        ({}, -65, "REQUEST_EXPIRED"),
        ({"Timestamp": "now"}, 0, "REQUEST_EXPIRED"),
    ],
)
async def test_authentication_is_refused_with_the_venues_labels(
    raw: Raw, headers: dict[str, str], age: int, label: str
) -> None:
    status, answer, _ = await raw.send("GET", ORDERS, headers=headers, age_seconds=age)
    assert (status, answer["label"]) == (401, label)


async def test_a_wrong_secret_is_an_authentication_error(client: Any) -> None:
    client.secret = "wrong"
    with pytest.raises(ccxt.AuthenticationError, match="INVALID_SIGNATURE"):
        await client.fetch_positions()


@pytest.mark.parametrize(
    ("method", "path", "status", "label"),
    [
        ("GET", "/api/v4/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/v4/futures/usdt/nothing/at/all/here", 404, "NOT_FOUND"),
        ("GET", "/", 404, "NOT_FOUND"),
        ("PUT", ORDERS, 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/api/v4/spot/tickers", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v4/futures/eur/contracts", 400, "INVALID_PARAM_VALUE"),
        ("GET", "/api/v4/futures/btc/accounts", 400, "USER_NOT_FOUND"),
        ("GET", "/api/v4/futures/usdt/orders/1", 404, "ORDER_NOT_FOUND"),
        ("GET", "/api/v4/futures/usdt/orders/t-1", 404, "CLIENT_ID_NOT_FOUND"),
        ("GET", "/api/v4/futures/usdt/contracts/DOGE_USDT", 400, "CONTRACT_NOT_FOUND"),
        ("GET", "/api/v4/spot/currency_pairs/DOGE_USDT", 400, "INVALID_CURRENCY_PAIR"),
    ],
)
async def test_unknown_things_have_their_own_labels(
    raw: Raw, method: str, path: str, status: int, label: str
) -> None:
    answered, answer, _ = await raw.send(method, path)
    assert (answered, answer["label"]) == (status, label)


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (b"{", "INVALID_REQUEST_BODY"),
        (b"[]", "INVALID_REQUEST_BODY"),
        (b"", "INVALID_REQUEST_BODY"),
        (b"NaN", "INVALID_REQUEST_BODY"),
        ({"contract": None}, "MISSING_REQUIRED_PARAM"),
        ({"contract": "X_USDT"}, "CONTRACT_NOT_FOUND"),
        ({"size": 0}, "INVALID_PARAM_VALUE"),
        ({"size": 1.5}, "INVALID_PARAM_VALUE"),
        ({"size": "NaN"}, "INVALID_PARAM_VALUE"),
        ({"size": 1e99}, "INVALID_PARAM_VALUE"),
        ({"size": True}, "INVALID_PARAM_VALUE"),
        ({"price": "-1"}, "INVALID_PARAM_VALUE"),
        ({"price": "4400.001"}, "INVALID_PARAM_VALUE"),
        ({"price": "0"}, "INVALID_PARAM_VALUE"),
        ({"tif": "day"}, "INVALID_PARAM_VALUE"),
        ({"text": "abc"}, "INVALID_PARAM_VALUE"),
        ({"text": "t-"}, "INVALID_PARAM_VALUE"),
        ({"text": "t-" + "a" * 29}, "INVALID_PARAM_VALUE"),
        ({"text": "t-ä"}, "INVALID_PARAM_VALUE"),
        ({"reduce_only": "yes"}, "INVALID_PARAM_VALUE"),
        ({"iceberg": 1}, "INVALID_PARAM_VALUE"),
    ],
)
async def test_bad_orders_are_refused_with_a_label(
    raw: Raw, body: bytes | dict[str, object], label: str
) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(ORDER | body).encode()
    status, answer, _ = await raw.send("POST", ORDERS, sent)
    assert (status, answer["label"]) == (400, label)


async def test_a_huge_body_is_refused(raw: Raw) -> None:
    status, answer, _ = await raw.send("POST", ORDERS, b"x" * 2_000_000)
    assert (status, answer["label"]) == (413, "INVALID_REQUEST_BODY")


@pytest.mark.parametrize("path", [ORDERS, "/api/v4/spot/orders"])
async def test_a_placement_after_its_expiry_is_refused(raw: Raw, path: str) -> None:
    spot = {"currency_pair": "BTC_USDT", "side": "buy", "amount": "0.01", "price": "4000"}
    body = json.dumps(ORDER if path == ORDERS else spot).encode()
    now = int(time.time() * 1000)
    late = {"x-gate-exptime": str(now - 1)}
    status, answer, _ = await raw.send("POST", path, body, headers=late)
    assert (status, answer["label"]) == (400, "REQUEST_EXPIRED")
    in_time = {"x-gate-exptime": str(now + 5000)}
    status, answer, _ = await raw.send("POST", path, body, headers=in_time)
    assert status == 201
    await raw.send("DELETE", f"{path}/{answer['id']}", query="currency_pair=BTC_USDT")


async def test_the_client_texts_of_the_venue_are_kept(raw: Raw) -> None:
    body = json.dumps(ORDER | {"text": "t-" + "aZ0_-." * 4 + "1234"}).encode()
    status, answer, _ = await raw.send("POST", ORDERS, body)
    assert (status, answer["text"]) == (201, "t-" + "aZ0_-." * 4 + "1234")
    await raw.send("DELETE", f"{ORDERS}/{answer['id']}")


async def test_spot_placements_are_limited_per_market_and_second(raw: Raw) -> None:
    body = b'{"currency_pair": "ETH_USDT"}'
    # a window may end in between: at most that many pass per second
    answers = [await raw.send("POST", "/api/v4/spot/orders", body) for _ in range(40)]
    limited = [answer for answer in answers if answer[0] == 429]
    assert limited
    assert limited[0][1]["label"] == "TOO_MANY_REQUESTS"
    assert limited[0][2]["X-Gate-RateLimit-Requests-Remain"] == "0"
    assert int(limited[0][2]["X-Gate-RateLimit-Reset-Timestamp"]) >= int(time.time())
    other = await raw.send("POST", "/api/v4/spot/orders", b'{"currency_pair": "BTC_USDT"}')
    assert other[0] == 400


async def test_sizes_are_numbers_unless_text_is_asked_for(raw: Raw) -> None:
    query = "contract=BTC_USDT&limit=1"
    path = "/api/v4/futures/usdt/order_book"
    _, plain, _ = await raw.send("GET", path, query=query)
    _, text, _ = await raw.send("GET", path, query=query, headers={"X-Gate-Size-Decimal": "1"})
    assert isinstance(plain["asks"][0]["s"], int)
    assert isinstance(text["asks"][0]["s"], str)
