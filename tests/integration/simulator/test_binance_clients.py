"""ccxt's own Binance clients, nothing changed but their URLs."""

from collections.abc import AsyncIterator
from typing import Any

import ccxt
import pytest
from ccxt.async_support.binance import binance
from ccxt.async_support.binanceusdm import binanceusdm

from tests.simulator_process import SimulatorProcess

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"


@pytest.fixture(params=[binance, binanceusdm], ids=["binance", "binanceusdm"])
async def client(request: pytest.FixtureRequest, simulator: SimulatorProcess) -> AsyncIterator[Any]:
    simulator.move_price("BTC", "4500", hold_seconds=80_000)
    opened = simulator.client(request.param)
    try:
        await opened.load_markets()
        yield opened
        await opened.cancel_all_orders(PERP)
        await opened.cancel_all_orders(PERP, {"trigger": True})
    finally:
        await opened.close()


async def test_every_market_is_listed_with_its_filters(client: Any) -> None:
    expected = {PERP, "ETH/USDT:USDT"} | ({SPOT, "ETH/USDT"} if client.id == "binance" else set())

    assert set(client.markets) == expected
    assert client.market(PERP)["limits"]["cost"]["min"] == 100
    assert client.market(PERP)["precision"] == {
        "amount": 0.001,
        "price": 0.01,
        "base": 1e-8,
        "quote": 1e-8,
    }


async def test_public_data_is_read(client: Any) -> None:
    ticker = await client.fetch_ticker(PERP)
    book = await client.fetch_order_book(PERP, 10)
    trades = await client.fetch_trades(PERP, limit=5)
    bars = await client.fetch_ohlcv(PERP, "15m", limit=4)
    rate = await client.fetch_funding_rate(PERP)
    rates = await client.fetch_funding_rate_history(PERP, limit=2)

    assert ticker["last"] == 4500
    assert len(book["bids"]) == 10
    assert book["bids"][0][0] < 4500 < book["asks"][0][0]
    assert len(trades) == 5
    assert trades[0]["timestamp"] < trades[-1]["timestamp"]
    assert [bars[n + 1][0] - bars[n][0] for n in range(3)] == [900_000] * 3
    assert rate["markPrice"] == 4500
    assert rate["fundingRate"] != 0
    assert len(rates) == 2


async def test_a_perpetual_is_traded_and_its_books_add_up(client: Any) -> None:
    before = (await client.fetch_balance({"type": "swap"}))["info"]["totalWalletBalance"]
    await client.set_leverage(10, PERP)
    opened = await client.create_order(PERP, "market", "buy", 0.1)
    [position] = await client.fetch_positions([PERP])
    closed = await client.create_order(PERP, "market", "sell", 0.2, None, {"reduceOnly": True})
    after = (await client.fetch_balance({"type": "swap"}))["info"]["totalWalletBalance"]
    fills = (await client.fetch_my_trades(PERP, limit=2))[-2:]
    ledger = await client.fapiPrivateGetIncome({"symbol": "BTCUSDT", "limit": 3})

    assert (opened["status"], opened["filled"], closed["filled"]) == ("closed", 0.1, 0.1)
    assert (position["contracts"], position["marginMode"]) == (0.1, "isolated")
    assert [fill["order"] for fill in fills] == [opened["id"], closed["id"]]
    profit = sum(float(fill["info"]["realizedPnl"]) - fill["fee"]["cost"] for fill in fills)
    assert float(after) - float(before) == pytest.approx(profit, abs=1e-7)
    assert sum(float(line["income"]) for line in ledger) == pytest.approx(profit, abs=1e-7)
    assert {line["incomeType"] for line in ledger} == {"REALIZED_PNL", "COMMISSION"}


async def test_modes_and_tiers_are_told(client: Any) -> None:
    mode = await client.fetch_position_mode(PERP)
    tiers = await client.fetch_leverage_tiers([PERP])
    with pytest.raises(ccxt.MarginModeAlreadySet):
        await client.set_margin_mode("isolated", PERP)

    assert mode["hedged"] is False
    assert (tiers[PERP][0]["maxLeverage"], len(tiers[PERP])) == (100, 1)


async def test_a_conditional_limit_order_rests_after_it_has_fired(
    simulator: SimulatorProcess, client: Any
) -> None:
    params = {"triggerPrice": 4600, "clientOrderId": "t-algo"}
    made = await client.create_order(PERP, "limit", "buy", 0.1, 4550, params)
    waiting = await client.fetch_order("", PERP, {"trigger": True, "clientAlgoId": "t-algo"})
    simulator.move_price("BTC", "4600", hold_seconds=80_000)
    fired = await client.fetch_order(made["id"], PERP, {"trigger": True})
    placed = await client.fetch_order(fired["info"]["actualOrderId"], PERP)

    assert (waiting["id"], waiting["status"], waiting["triggerPrice"]) == (made["id"], "open", 4600)
    assert fired["status"] == "closed"
    assert (placed["status"], placed["price"]) == ("open", 4550)


async def test_the_errors_bear_the_venues_codes(client: Any) -> None:
    with pytest.raises(ccxt.ExchangeError, match="-2022"):
        await client.create_order(PERP, "market", "sell", 0.1, None, {"reduceOnly": True})
    with pytest.raises(ccxt.OrderNotFound, match="-2011"):
        await client.cancel_order("7", PERP)
    right, client.secret = client.secret, "wrong"
    with pytest.raises(ccxt.AuthenticationError, match="-1022"):
        await client.fetch_positions()
    client.secret = right
