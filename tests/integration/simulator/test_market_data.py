import time
from typing import Any

import pytest

from tests.simulator_process import SimulatorProcess

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"


async def test_the_default_client_loads_all_markets(client: Any) -> None:
    assert set(client.markets) == {SPOT, PERP, "ETH/USDT", "ETH/USDT:USDT"}
    assert client.markets[PERP]["contractSize"] == 0.0001
    assert client.markets["ETH/USDT:USDT"]["contractSize"] == 0.01
    assert client.markets[PERP]["limits"]["leverage"]["max"] == 100
    assert client.markets[SPOT]["precision"] == {"amount": 1e-6, "price": 0.01}
    assert client.options["unifiedAccount"] is False


async def test_a_client_without_keys_loads_all_markets(simulator: SimulatorProcess) -> None:
    client = simulator.client(apiKey="", secret="")
    try:
        await client.load_markets()
        assert len(client.markets) == 4
    finally:
        await client.close()


async def test_tells_wall_time_and_currencies(client: Any) -> None:
    assert abs(await client.fetch_time() / 1000 - time.time()) < 5
    assert set(await client.fetch_currencies()) == {"BTC", "ETH", "USDT"}


@pytest.mark.parametrize("symbol", [SPOT, PERP])
async def test_ticker_and_book_agree(client: Any, symbol: str) -> None:
    ticker = await client.fetch_ticker(symbol)
    book = await client.fetch_order_book(symbol, 5)

    assert ticker["last"] == 4500
    assert book["bids"][0][0] == ticker["bid"] < 4500 < ticker["ask"] == book["asks"][0][0]
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert [level[0] for level in book["bids"]] == sorted(
        (level[0] for level in book["bids"]), reverse=True
    )
    assert ticker["high"] >= ticker["last"] >= ticker["low"]


async def test_tickers_of_all_markets(client: Any) -> None:
    assert set(await client.fetch_tickers()) == {SPOT, "ETH/USDT"}
    assert set(await client.fetch_tickers([PERP, "ETH/USDT:USDT"])) == {PERP, "ETH/USDT:USDT"}


@pytest.mark.parametrize("symbol", [SPOT, PERP])
@pytest.mark.parametrize(
    ("timeframe", "seconds"),
    [("1m", 60), ("5m", 300), ("15m", 900), ("1h", 3600), ("4h", 14400), ("1d", 86400)],
)
async def test_candles_lie_on_the_wall_grid_and_end_with_the_open_one(
    client: Any, symbol: str, timeframe: str, seconds: int
) -> None:
    rows = await client.fetch_ohlcv(symbol, timeframe, limit=50)
    now = time.time()

    stamps = [row[0] // 1000 for row in rows]
    assert stamps == list(range(stamps[0], stamps[0] + seconds * len(stamps), seconds))
    assert stamps[0] % seconds == 0
    assert stamps[-1] <= now < stamps[-1] + seconds + 2
    assert rows[-1][4] == 4500
    assert all(row[3] <= min(row[1], row[4]) <= max(row[1], row[4]) <= row[2] for row in rows)


async def test_five_minutes_are_the_sum_of_their_minutes(client: Any) -> None:
    fives = (await client.fetch_ohlcv(SPOT, "5m", limit=10))[:-2]
    minutes = {row[0]: row for row in await client.fetch_ohlcv(SPOT, "1m", limit=100)}

    for stamp, first, high, low, last, volume in fives:
        parts = [minutes[stamp + n * 60_000] for n in range(5)]
        assert (first, last) == (parts[0][1], parts[-1][4])
        assert high == max(part[2] for part in parts)
        assert low == min(part[3] for part in parts)
        assert volume == pytest.approx(sum(part[5] for part in parts))


async def test_candles_since_a_moment_respect_the_limit(client: Any) -> None:
    since = int(time.time() - 7200) * 1000
    rows = await client.fetch_ohlcv(PERP, "5m", since=since, limit=7)

    assert len(rows) in (6, 7)
    assert since <= rows[0][0] < since + 300_000


async def test_warm_up_holds_a_thousand_minutes_of_history(client: Any) -> None:
    rows = await client.fetch_ohlcv(PERP, "1m", limit=1999)
    assert 1125 <= len(rows) <= 1145
    assert rows[0][1] == 4642.39


async def test_funding_rates_and_public_trades_are_listed(client: Any) -> None:
    rate = await client.fetch_funding_rate(PERP)
    assert rate["fundingTimestamp"] > time.time() * 1000
    assert len(await client.fetch_funding_rate_history(PERP)) >= 2
    assert len(await client.fetch_trades(SPOT, limit=10)) == 10
    assert len(await client.fetch_trades(PERP, limit=10)) == 10
