"""Bybit's answers, in the shapes in which they were recorded, as our own errors."""

import asyncio
from typing import Any

import ccxt
import orjson
import pytest
from ccxt.async_support.bybit import bybit

from cerberus.adapters.exchange.clock_skew import Resynced
from cerberus.adapters.exchange.errors import translated
from cerberus.errors import CerberusError, ClockSkewed, OutOfFunds, RateLimited, Rejected, Unknown

#: ccxt's sources quote these
OUT_OF_FUNDS = (
    b'{"retCode":110007,"retMsg":"ab not enough for new order","result":{},"retExtInfo":{},'
    b'"time":1668838414793}'
)
SKEWED = (
    b'{"retCode":10002,"retMsg":"invalid request, please check your server timestamp or recv_window'
    b' param. req_timestamp[1668838400000],server_timestamp[1668838414793],recv_window[5000]",'
    b'"result":{},"retExtInfo":{},"time":1668838414793}'
)


class Client(Resynced, bybit):  # type: ignore[misc]  # ccxt is untyped
    """Answers what a test says, over ccxt's own reading of it."""

    def __init__(self, *bodies: bytes) -> None:
        super().__init__({"apiKey": "k", "secret": "s", "enableRateLimit": False})
        self.bodies = list(bodies)
        self.asked: list[str] = []

    async def fetch(self, url: str, *_: Any) -> Any:
        self.asked.append(url)
        body = self.bodies.pop(0)
        answer = orjson.loads(body)
        self.handle_errors(200, "OK", url, "GET", {}, body.decode(), answer, {}, "")
        return answer


def body(code: int, text: str = "x") -> bytes:
    return orjson.dumps({"retCode": code, "retMsg": text, "result": {}, "time": 1668838414793})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (SKEWED, ClockSkewed),
        (OUT_OF_FUNDS, OutOfFunds),
        (body(10006, "Too many visits!"), RateLimited),
        (body(10018), RateLimited),
        (body(10003, "API key is invalid."), Rejected),
        (body(110017, "Reduce-only rule not satisfied"), Rejected),
        (body(110072, "OrderLinkedID is duplicate"), Unknown),
        (body(10016, "System error. Please try again later."), Unknown),
        (body(10000, "Server Timeout"), Unknown),
    ],
)
def test_a_code_becomes_what_it_means_for_a_placement(
    answer: bytes, told: type[CerberusError]
) -> None:
    client = Client(answer)
    with pytest.raises(CerberusError) as caught, translated(sends=True):
        asyncio.run(_create(client))
    assert type(caught.value) is told


def test_the_clock_is_measured_once_after_10002_and_the_next_call_comes_right() -> None:
    client = Client(SKEWED, body(0), body(0), body(0))

    async def calls() -> None:
        with pytest.raises(ccxt.InvalidNonce):
            await _create(client)
        await asyncio.gather(_create(client), _create(client))

    asyncio.run(calls())

    paths = [url.partition("/v5/")[2] for url in client.asked]
    assert paths == ["order/create", "market/time", "order/create", "order/create"]
    # the time that the answers bear
    assert client.nonce() == pytest.approx(1668838414793, abs=2000)


async def _create(client: Client) -> Any:
    try:
        return await client.fetch2(
            "v5/order/create", ["private"], "POST", {"symbol": "BTCUSDT"}, {}
        )
    finally:
        await client.close()
