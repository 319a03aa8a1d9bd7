"""The steps of `cerberus emergency-stop --direct`, and what must hold after it."""

import os
import subprocess
import sys
from collections.abc import Callable

from tests.integration.trading.steps import Pair
from tests.invariants import broken_equity, broken_invariants


def stop_directly(
    pair: Pair, prepare: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cerberus.cli", "emergency-stop", "--direct", "--yes"]
    return subprocess.run(
        [*command, "--reason", "the API is dead"],
        env=os.environ | pair.api.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=prepare,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def a_position_and_an_order(pair: Pair) -> tuple[str, str]:
    held = pair.enter(quantity="0.05")
    resting = pair.send(symbol="ETHUSDT", entry_type="limit", price="330", quantity="0.5")[1]
    return held["trade_id"], resting["trade_id"]


def nothing_is_left(pair: Pair) -> None:
    assert pair.triggers() == []
    assert pair.simulator.ask("GET", "/sim/status")["open_orders"] == 0


def the_stop_is_in_force(pair: Pair) -> None:
    pair.until(lambda: pair.api.get("/ready", token=None)[1]["status"] == "ready" or None, 30)
    pair.until(lambda: "emergency stop:" in str(pair.api.get("/health")[1]["blocked_by"]) or None)
    status, problem = pair.send()
    assert (status, problem["check"]) == (422, "emergency_stop")
    assert broken_invariants(pair.simulator, pair.api) == []


def a_stop_past_a_dead_api_closes_all_and_stays(pair: Pair) -> None:
    """Kill the API of a position and an order, stop without it, and start it again."""
    pair.begin()
    both = a_position_and_an_order(pair)
    pair.api.kill()
    told = stop_directly(pair)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "entry orders cancelled: 1" in told.stdout
    assert "positions closed: 1, still open: 0" in told.stdout
    assert "verified at the venue" in told.stdout
    assert "waiting" not in told.stdout  # a dead process has no lease
    nothing_is_left(pair)
    pair.api.start()
    the_stop_is_in_force(pair)
    assert [pair.trade(one)["status"] for one in both] == ["closed", "not_placed"]
    assert "the API is dead" in pair.trade(both[0])["close_reason"]
    assert broken_equity(pair.api) == []
