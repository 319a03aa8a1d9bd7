"""One simulator for a module, and a client for a test."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.simulator_process import SimulatorProcess, simulator_process

SPOT = "BTC/USDT"
PERP = "BTC/USDT:USDT"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with simulator_process(tmp_path_factory.mktemp("simulator") / "var") as running:
        # a price that stays makes every figure below predictable
        running.move_price("BTC", "4500", hold_seconds=80_000)
        running.move_price("ETH", "350", hold_seconds=80_000)
        yield running


@pytest.fixture
async def client(simulator: SimulatorProcess) -> AsyncIterator[Any]:
    opened = simulator.client()
    try:
        await opened.load_markets()
        yield opened
    finally:
        await opened.close()
