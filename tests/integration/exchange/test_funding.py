"""Both venues' clients tell the same funding of the same account."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.adapters.exchange import CcxtExchange, open_binance, open_gate
from tests.simulator_process import SimulatorProcess, simulator_process

SWAP = "BTC/USDT:USDT"
#: eight hours of market time in half a second
SPEED = 57_600

pytestmark = pytest.mark.xdist_group("venue contract")


async def test_funding_is_the_same_on_both_wires_whatever_the_page(tmp_path: Path) -> None:
    with simulator_process(tmp_path / "var", speed=SPEED) as simulator:
        await _open_position(simulator)
        deadline = time.monotonic() + 20
        while len(_payments_of(simulator)) < 3:
            assert time.monotonic() < deadline
        simulator.environment["CERBERUS_SIMULATOR_SPEED"] = "2"
        simulator.restart()

        told = [
            await _funding(simulator, opener, page)
            for opener in (open_gate, open_binance)
            for page in (100, 2)
        ]

    payments = [[(one.at, one.amount, one.currency) for one in found] for found in told]
    assert len(payments[0]) >= 3
    assert all(found == payments[0] for found in payments)
    assert all(one.venue_id for found in told for one in found)


async def _open_position(simulator: SimulatorProcess) -> None:
    client = simulator.client()
    try:
        await client.create_order(SWAP, "market", "buy", 1000)
    finally:
        await client.close()


def _payments_of(simulator: SimulatorProcess) -> list[Any]:
    # any call lets the venue catch up with its clock
    bar = simulator.ask("GET", "/sim/status")["market_time"]
    began = simulator.ask("GET", "/sim/clock")["anchor_market_time_ms"] / 1000
    hours = (datetime.fromisoformat(bar).timestamp() - began) / 3600
    return [None] * int(hours // 8)


async def _funding(simulator: SimulatorProcess, opener: Any, page: int) -> list[Any]:
    client = opener(*simulator.credentials, url=simulator.url, timeout_seconds=5)
    exchange = CcxtExchange(client, WallClock(), funding_page=page)
    try:
        await exchange.instruments()
        return list(await exchange.funding(SWAP, datetime.fromtimestamp(0, UTC)))
    finally:
        await exchange.close()
