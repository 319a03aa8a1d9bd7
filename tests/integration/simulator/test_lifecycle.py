"""Restart, kill, catching up, faster speeds and faults."""

import asyncio
import itertools
import os
import signal
import time
import urllib.error
from pathlib import Path
from typing import Any

import ccxt
import psutil
import pytest

from tests.simulator_process import SimulatorProcess, simulator_process

SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


async def test_everything_survives_a_restart(var: Path) -> None:
    with simulator_process(var) as simulator:
        client = simulator.client()
        try:
            simulator.move_price("BTC", "4500", hold_seconds=80_000)
            await client.create_order(PERP, "market", "buy", 100)
            await client.create_order(SPOT, "limit", "buy", 0.01, 4000)
            stop = {"stopLossPrice": 4400, "reduceOnly": True}
            await client.create_order(PERP, "market", "sell", 100, None, stop)
            before = await snapshot(client)
            clock = simulator.ask("GET", "/sim/clock")

            assert simulator.stop() < 2
            simulator.start()

            assert await snapshot(client) == before
            assert (
                simulator.ask("GET", "/sim/clock")["anchor_market_time_ms"]
                == (clock["anchor_market_time_ms"])
            )
        finally:
            await client.close()


async def snapshot(client: Any) -> object:
    position = await client.fetch_position(PERP)
    orders = await client.fetch_open_orders(SPOT)
    triggers = await client.fetch_open_orders(PERP, params={"trigger": True})
    spot, swap = await client.fetch_balance(), await client.fetch_balance({"type": "swap"})
    candles = await client.fetch_ohlcv(PERP, "5m", limit=20)
    return (
        position["info"],
        [order["info"] for order in orders],
        [trigger["info"] for trigger in triggers],
        spot["total"],
        swap["total"],
        candles[:-1],
    )


async def test_an_acknowledged_order_survives_kill_9_at_any_moment(
    var: Path, is_long: bool
) -> None:
    acknowledged: dict[str, str] = {}
    with simulator_process(var) as simulator:
        client = simulator.client(timeout=3000)
        try:
            for run in range(20 if is_long else 4):
                await client.load_markets()
                task = asyncio.create_task(place_until_killed(client, run, acknowledged))
                await asyncio.sleep(0.15 + 0.07 * run)
                os.kill(simulator.pid, signal.SIGKILL)
                await task
                await asyncio.to_thread(simulator.kill)
                await asyncio.to_thread(simulator.start)
            kept = {one["text"]: one for one in simulator.orders() if one["text"].startswith("t-k")}
        finally:
            await client.close()
        assert len(acknowledged) > 20
        assert acknowledged.keys() <= kept.keys()
        assert all(str(kept[text]["id"]) == order for text, order in acknowledged.items())
        assert len(simulator.orders()) == len({one["id"] for one in simulator.orders()})
        await assert_whole(simulator)


async def place_until_killed(client: Any, run: int, acknowledged: dict[str, str]) -> None:
    for number in range(10_000):
        text = f"t-k{run}-{number}"
        side = "buy" if number % 2 == 0 else "sell"
        try:
            order = await client.create_order(PERP, "market", side, 5, None, {"text": text})
        except ccxt.RateLimitExceeded:
            await asyncio.sleep(0.05)
        except ccxt.NetworkError:
            return
        else:
            acknowledged[text] = order["id"]


async def assert_whole(simulator: SimulatorProcess) -> None:
    """The position is the sum of the fills, the wallet the sum of its ledger."""
    client = simulator.client()
    try:
        await client.load_markets()
        fills = []
        while page := await client.fetch_my_trades(PERP, None, 1000, {"offset": len(fills)}):
            fills += page
        signed = sum(fill["amount"] * (1 if fill["side"] == "buy" else -1) for fill in fills)
        position = await client.fetch_position(PERP)
        assert float(position["info"]["size"]) == signed
        filled = sum(float(one["filled"]) for one in simulator.orders())
        assert filled == sum(fill["amount"] for fill in fills)
    finally:
        await client.close()


async def test_the_market_goes_on_while_the_simulator_is_down(var: Path) -> None:
    # at this speed a second of wall time is an hour of the market; the price stays low for six
    with simulator_process(var, speed=3600) as simulator:
        client = simulator.client()
        try:
            await client.load_markets()
            held_from = simulator.ask("GET", "/sim/clock")["market_time_ms"] / 1000
            simulator.move_price("BTC", "4300", hold_seconds=6 * 3600)
            await client.create_order(PERP, "market", "buy", 100)
            target = {"takeProfitPrice": 4350, "reduceOnly": True}
            made = await client.create_order(PERP, "market", "sell", 100, None, target)
            simulator.kill()
            await asyncio.sleep(8)
            simulator.start()

            fired = await client.fetch_order(made["id"], PERP, {"trigger": True})
            position = await client.fetch_position(PERP)
        finally:
            await client.close()
        now = simulator.ask("GET", "/sim/clock")["market_time_ms"] / 1000
        finished = float(fired["info"]["finish_time"])
        assert fired["info"]["finish_as"] == "succeeded"
        assert position["contracts"] == 0
        # it fired at its own moment, with the first price after the hold, not at the restart
        assert held_from + 6 * 3600 <= finished < now - 1800


async def test_funding_is_paid_every_eight_hours_of_market_time(var: Path) -> None:
    with simulator_process(var, speed=28_800) as simulator:
        client = simulator.client()
        try:
            await client.create_order(PERP, "market", "buy", 100)
            deadline = time.monotonic() + 10
            while not (history := await client.fetch_funding_history(PERP)):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            position = await client.fetch_position(PERP)
        finally:
            await client.close()
        assert all(payment["timestamp"] % 28_800_000 == 0 for payment in history)
        assert float(position["info"]["pnl_fund"]) != 0


async def test_the_data_starts_again_with_continuous_prices(var: Path) -> None:
    with simulator_process(var, speed=86_400) as simulator:
        deadline = time.monotonic() + 20
        while simulator.ask("GET", "/sim/status")["repetition"] == 0:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        assert simulator.ask("GET", "/sim/status")["is_scaled"] is True
        assert "starts again" in simulator.log.read_text()
        client = simulator.client()
        try:
            rows = await client.fetch_ohlcv(PERP, "1m", limit=1999)
        finally:
            await client.close()
        jumps = [abs(b[1] / a[4] - 1) for a, b in itertools.pairwise(rows)]
        assert max(jumps) < 0.02


def test_idles_cheaply_and_stops_at_once(var: Path) -> None:
    with simulator_process(var) as simulator:
        process = psutil.Process(simulator.pid)
        before = process.cpu_times()
        time.sleep(3)
        after = process.cpu_times()
        assert (after.user + after.system) - (before.user + before.system) <= 0.05
        assert process.memory_info().rss < 90 * 2**20
        assert simulator.stop() < 2


async def test_stops_at_once_while_a_call_hangs(var: Path) -> None:
    with simulator_process(var) as simulator:
        client = simulator.client(timeout=60_000)
        try:
            await client.load_markets()
            simulator.order_fault("timeout_before", method="POST", path="/orders$")
            hanging = asyncio.create_task(client.create_order(PERP, "market", "buy", 5))
            await asyncio.sleep(0.2)
            # 1.1 s on an idle machine; the call would hang for a minute
            assert await asyncio.to_thread(simulator.stop) < 4
            with pytest.raises(ccxt.NetworkError):
                await hanging
        finally:
            await client.close()


def test_controls_are_off_by_default(var: Path) -> None:
    with simulator_process(var, control=False) as simulator:
        assert simulator.ask("GET", "/sim/status")["controls"] is False
        for method, path in (("POST", "/sim/price"), ("GET", "/sim/orders")):
            with pytest.raises(urllib.error.HTTPError) as refused:
                simulator.ask(method, path)
            assert refused.value.code == 403
            refused.value.close()


async def test_an_answer_that_is_no_json_reaches_the_client_as_an_order_without_id(
    var: Path,
) -> None:
    with simulator_process(var) as simulator:
        client = simulator.client()
        try:
            await client.load_markets()
            simulator.order_fault("malformed", method="POST", path="/orders$")
            order = await client.create_order(PERP, "market", "buy", 5, None, {"text": "t-torn"})
        finally:
            await client.close()
        assert order["id"] is None
        assert [one["text"] for one in simulator.orders()] == ["t-torn"]


@pytest.mark.parametrize(
    ("kind", "details", "error", "is_placed"),
    [
        ("reset_before", {}, ccxt.NetworkError, False),
        ("reset_after", {}, ccxt.NetworkError, True),
        ("timeout_before", {"milliseconds": 3000}, ccxt.RequestTimeout, False),
        ("timeout_after", {"milliseconds": 3000}, ccxt.RequestTimeout, True),
        ("status", {"status": 503}, ccxt.ExchangeNotAvailable, False),
    ],
)
async def test_a_fault_loses_the_call_or_its_answer(
    var: Path, kind: str, details: dict[str, object], error: type[Exception], is_placed: bool
) -> None:
    with simulator_process(var) as simulator:
        client = simulator.client(timeout=1000)
        try:
            await client.load_markets()
            simulator.order_fault(kind, method="POST", path="/orders$", **details)
            with pytest.raises(error):
                await client.create_order(PERP, "market", "buy", 5, None, {"text": "t-fault"})
            second = await client.create_order(PERP, "market", "buy", 5, None, {"text": "t-next"})
            assert second["status"] == "closed"
        finally:
            await client.close()
        texts = [one["text"] for one in simulator.orders()]
        assert texts.count("t-fault") == int(is_placed)
