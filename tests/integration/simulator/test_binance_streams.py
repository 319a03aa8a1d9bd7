"""User-data streams over a real websocket client, ccxt's own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from ccxt.pro import binance

from tests.simulator_process import SimulatorProcess

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
OPTIONS = {"fetchMarkets": {"types": ["spot", "linear"]}}


def to_websocket(urls: Any, port: int) -> Any:
    if isinstance(urls, dict):
        return {name: to_websocket(url, port) for name, url in urls.items()}
    return f"ws://127.0.0.1:{port}/" + urls.split("://", 1)[1].partition("/")[2]


@pytest.fixture
async def client(simulator: SimulatorProcess) -> AsyncIterator[Any]:
    opened = simulator.client(binance, options=OPTIONS)
    opened.urls["api"]["ws"] = to_websocket(binance().urls["api"]["ws"], simulator.port)
    try:
        await opened.load_markets()
        yield opened
    finally:
        await opened.close()


async def reports(client: Any, symbol: str, until: str) -> list[Any]:
    """Return what the stream tells of a symbol's orders until one is at its end."""
    found: list[Any] = []
    while until not in [one["status"] for one in found]:
        found += [dict(one) for one in await client.watch_orders(symbol)]
    return found


@pytest.mark.parametrize("symbol", [SPOT, PERP], ids=["spot", "swap"])
async def test_an_order_is_told_when_it_rests_and_when_it_fills(
    simulator: SimulatorProcess, client: Any, symbol: str
) -> None:
    simulator.move_price("BTC", "4500", hold_seconds=80_000)
    watching = asyncio.create_task(reports(client, symbol, "closed"))
    while not (await asyncio.to_thread(simulator.ask, "GET", "/sim/status"))["user_streams"]:
        assert not watching.done()
    made = await client.create_order(
        symbol, "limit", "buy", 0.1, 4400, {"clientOrderId": f"t-{symbol[-4:]}"}
    )
    simulator.move_price("BTC", "4390", hold_seconds=80_000)

    told = await asyncio.wait_for(watching, 10)

    assert [one["status"] for one in told] == ["open", "closed"]
    assert {one["id"] for one in told} == {made["id"]}
    assert {one["clientOrderId"] for one in told} == {f"t-{symbol[-4:]}"}
    assert (told[-1]["filled"], told[-1]["info"]["x"]) == (0.1, "TRADE")
    assert float(told[-1]["info"]["L"]) == 4400
    if symbol == PERP:
        simulator.move_price("BTC", "4500", hold_seconds=80_000)
        await client.create_order(PERP, "market", "sell", 0.1, None, {"reduceOnly": True})


async def test_a_listen_key_must_be_one_of_the_venues(simulator: SimulatorProcess) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{simulator.url}/private/ws?listenKey=nobody")


async def test_a_subscription_must_be_signed(simulator: SimulatorProcess) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{simulator.url}/ws-api/v3")
        answers = []
        for message in (
            {"id": 1, "method": "ping"},
            {"id": 2, "method": "userDataStream.subscribe.signature", "params": {"apiKey": "x"}},
            {"id": 3, "method": "order.place"},
        ):
            await socket.send_json(message)
            answers.append(await socket.receive_json(timeout=5))
        await socket.send_str("{")
        answers.append(await socket.receive_json(timeout=5))
        await socket.close()

    assert [one["status"] for one in answers] == [200, 401, 400, 400]
    assert answers[1]["error"]["code"] == -2015
