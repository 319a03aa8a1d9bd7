"""The life of the process: without its venue, beside another one, and how it stops."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.api_process import ApiProcess, api_process
from tests.integration.trading.steps import Pair
from tests.simulator_process import SimulatorProcess, simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("perpetual")]


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with simulator_process(tmp_path / "var") as simulator:
        yield simulator


def test_without_its_venue_it_lives_and_says_why_it_is_not_ready(
    simulator: SimulatorProcess,
) -> None:
    simulator.stop()
    with api_process(simulator, until_ready=False) as api:
        _until_it_answers(api)
        assert api.get("/live", token=None) == (200, {"status": "alive"})
        status, told = api.get("/ready", token=None)
        assert (status, told["status"]) == (503, "not ready")
        assert "cannot be read" in told["reason"]
        assert api.get("/health", token=None)[1]["status"] == "unhealthy"
        signal = {"signal": {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.05"}}
        keyed = {"Idempotency-Key": "early"}
        assert api.post("/api/trades", signal, headers=keyed)[0] == 503
        assert api.post("/api/signals/validate", signal["signal"])[0] == 503
        assert api.get("/api/trades")[1]["total"] == 0
        assert api.post("/api/system/emergency-stop")[0] == 200
        simulator.start()
        api.wait_ready()
        assert api.get("/health", token=None)[1]["status"] == "healthy"
        assert api.post("/api/trades", signal, headers=keyed)[1]["check"] == "emergency_stop"
        _a_second_one_refuses(api)
        assert api.stop() < 5


def test_it_finishes_what_is_in_flight_before_it_stops(simulator: SimulatorProcess) -> None:
    with api_process(simulator) as api, ThreadPoolExecutor(1) as pool:
        pair = Pair(simulator, api)
        for path in ("orders$", "price_orders$"):
            simulator.order_fault("latency", milliseconds=1000, method="POST", path=path)
        entering = pool.submit(pair.send, quantity="0.05")
        pair.until(lambda: True if pair.api.get("/api/orders")[1]["total"] else None)
        assert api.stop() < 10
        status, trade = entering.result()
        assert (status, trade["status"]) == (201, "open")
        assert len(pair.triggers()) == 2
        api.start()
        found = pair.trade(trade["trade_id"])
        assert (found["status"], found["protected"]) == ("open", True)
        assert len(pair.sent_as(trade["orders"][0]["client_id"])) == 1
        assert 0 < api.get("/metrics")[1]["cerberus_shutdown_seconds"] < 30
        _restarts_when_asked(pair)


def _restarts_when_asked(pair: Pair) -> None:
    assert pair.api.post("/api/system/restart") == (202, {"status": "draining"})
    assert pair.api.process is not None
    assert pair.api.process.wait(10) == 0


def _a_second_one_refuses(api: ApiProcess) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "api"],
        env={**api.environment, "PATH": "", "CERBERUS_API_PORT": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (second.returncode, second.stderr.strip()) == (
        78,
        "cannot start: another API runs on this state (api.lock is held)",
    )


def _until_it_answers(api: ApiProcess) -> None:
    deadline = time.monotonic() + 40
    while True:
        try:
            api.get("/live", token=None)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
