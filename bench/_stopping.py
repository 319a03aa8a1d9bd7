"""An emergency stop with many positions, at a venue that takes its time over every answer."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.api_process import ApiProcess, api_process
from tests.full_disk import no_writes
from tests.integration.trading.steps import ROOMY, Pair
from tests.simulator_process import SimulatorProcess, simulator_process

ROUND_TRIP_MILLISECONDS = 50
STOP = "/api/system/emergency-stop"
#: after which none of the calls of the entries counts for a limit any more
_REST_SECONDS = 11.0
_ENTRY_SECONDS = 120.0
_CALLERS = 4
_MANY = 1_000_000

#: gives the command, and returns once the stop says that nothing is held
Command = Callable[[Pair], None]


@dataclass(frozen=True, slots=True)
class Stopped:
    """When the last close and the last cancel came to the venue."""

    #: from the command on
    seconds: float
    #: from the command's first call on: a new process has to start before it
    seconds_of_calls: float
    closes: int
    cancels: int


def stopped(positions: int, command: Command) -> Stopped:
    """Open so many positions with their exits, stop everything, and see what the venue was sent."""
    with _many_positions(positions) as pair:
        began = time.time()
        command(pair)
        return _sent(pair.simulator, began)


def by_api(pair: Pair) -> None:
    """Tell the API."""
    status, told = pair.api.post(STOP, {"reason": "bench"})
    _expect(status == 200 and told["status"] == "flat" and told["recorded"], told)


def by_api_on_a_full_disk(pair: Pair) -> None:
    """Tell an API that can write nothing any more."""
    with no_writes(pair.api.pid):
        status, told = pair.api.post(STOP, {"reason": "bench"})
        _expect(status == 202 and told["status"] == "flat" and not told["recorded"], told)


def directly(pair: Pair) -> None:
    """Stop without an API, which was killed."""
    pair.api.kill()
    pair.simulator.ask("DELETE", "/sim/calls")
    done = subprocess.run(
        [sys.executable, "-m", "cerberus.cli", "emergency-stop", "--direct", "--yes"],
        env=os.environ | pair.api.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    _expect(done.returncode == 0, done.stdout + done.stderr)


def _expect(holds: bool, told: object) -> None:
    if not holds:
        raise RuntimeError(f"the stop went wrong: {told}")


def _sent(simulator: SimulatorProcess, began: float) -> Stopped:
    calls: list[dict[str, Any]] = simulator.ask("GET", "/sim/calls")["calls"]
    calls = [one for one in calls if one["at_ms"] / 1000 >= began]
    closes = [one["at_ms"] for one in calls if one["method"] == "POST"]
    cancels = [one["at_ms"] for one in calls if one["method"] == "DELETE"]
    last = max(*closes, *cancels)
    return Stopped(
        seconds=last / 1000 - began,
        seconds_of_calls=(last - calls[0]["at_ms"]) / 1000,
        closes=len(closes),
        cancels=len(cancels),
    )


@contextmanager
def _many_positions(count: int) -> Iterator[Pair]:
    names = [f"MADE{number:03d}" for number in range(1, count + 1)]
    roomy = ROOMY | {
        "CERBERUS_SYMBOLS": ",".join(f"{name}/USDT" for name in names),
        "CERBERUS_RISK_MAX_POSITIONS": str(count),
    }
    with (
        tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder,
        simulator_process(Path(folder, "var"), made_markets=count) as simulator,
        api_process(simulator, wrapper=(), until_ready=True, **roomy) as api,
    ):
        for name in names:
            simulator.move_price(name, "350")
        with ThreadPoolExecutor(_CALLERS) as pool:
            trades = list(pool.map(lambda name: _enter(api, name), names))
        pair = Pair(simulator, api)
        for trade in trades:
            pair.until_trade(trade, lambda told: told["protected"], _ENTRY_SECONDS)
        time.sleep(_REST_SECONDS)
        simulator.order_fault("latency", milliseconds=ROUND_TRIP_MILLISECONDS, count=_MANY)
        yield pair


def _enter(api: ApiProcess, name: str) -> str:
    """Send one signal, again for as long as the venue's limits leave no room for it."""
    signal: dict[str, Any] = {"symbol": f"{name}USDT", "side": "buy", "id": name, "quantity": "0.2"}
    deadline = time.monotonic() + _ENTRY_SECONDS
    while True:
        status, told = api.post("/api/trades", {"signal": signal}, timeout=60)
        if status in (200, 201):
            return str(told["trade_id"])
        _expect(time.monotonic() < deadline, f"no entry: {status} {told}")
        time.sleep(0.5)
