"""`kill -9` of the API between intent and answer, at random moments."""

import contextlib
import http.client
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.api_process import ApiProcess, trading_pair
from tests.invariants import broken_equity, broken_invariants
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

#: what the venue does with the entry while the API dies
FAULTS: tuple[dict[str, object] | None, ...] = (
    None,
    {"kind": "latency", "milliseconds": 150},
    {"kind": "timeout_after", "milliseconds": 400},
    {"kind": "timeout_before", "milliseconds": 400},
)


@pytest.mark.long
def test_thirty_kills_lose_no_order_and_double_none(tmp_path: Path) -> None:
    kill_many_times(tmp_path / "var", kills=30, seed=30)


def test_kills_at_random_moments_lose_no_order_and_double_none(tmp_path: Path) -> None:
    kill_many_times(tmp_path / "var", kills=8, seed=8)


def kill_many_times(var: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill the API again and again while it executes; return how often each outcome was seen."""
    chance, seen = random.Random(seed), {}  # noqa: S311 - no secret
    with trading_pair(var, CERBERUS_RISK_MAX_LOSSES_IN_A_ROW="1000") as (simulator, api):
        for number in range(kills):
            trade = _kill_once(simulator, api, chance, f"kill-{seed}-{number}")
            seen[trade["status"]] = seen.get(trade["status"], 0) + 1
            assert broken_invariants(simulator, api) == [], f"seed {seed}, kill {number}"
            _close_all(api)
        assert broken_equity(api) == [], f"seed {seed}"
    return seen


def _kill_once(
    simulator: SimulatorProcess, api: ApiProcess, chance: random.Random, signal_id: str
) -> dict[str, Any]:
    symbol = chance.choice(["BTCUSDT", "ETHUSDT"])
    body = {"signal": {"symbol": symbol, "side": chance.choice(["buy", "sell"]), "id": signal_id}}
    fault = chance.choice(FAULTS)
    if fault is not None:
        simulator.order_fault(method="POST", path="orders", **fault)
    killer = threading.Timer(chance.uniform(0, 0.08 if fault is None else 0.3), api.kill)
    killer.start()
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.post("/api/trades", body, headers={"Idempotency-Key": signal_id})
    killer.join()
    simulator.ask("DELETE", "/sim/fault")
    api.start()
    return _asked_again(api, body, signal_id)


def _asked_again(api: ApiProcess, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Repeat the request, as a flow's retry does, until its outcome is known."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status, answer = api.post("/api/trades", body, headers={"Idempotency-Key": key})
        if status in (200, 201):
            is_done = answer["protected"] or answer["status"] in ("closed", "not_placed")
            if is_done:
                return dict(answer)
            return api.wait_for_trade(
                answer["trade_id"],
                lambda trade: trade["protected"] or trade["status"] in ("closed", "not_placed"),
            )
        time.sleep(0.2)
    raise AssertionError(f"no outcome after 30 s, last answer {status}: {answer}")


def _close_all(api: ApiProcess) -> None:
    for position in api.get("/api/positions?open_only=true")[1]["positions"]:
        status, trade = api.post(f"/api/positions/{position['position_id']}/close", {})
        assert (status, trade["status"]) == (200, "closed")
