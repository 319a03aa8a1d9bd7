"""An emergency stop with many positions, told to a real API whose venue takes its time."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.api_process import ApiProcess, api_process
from tests.full_disk import no_writes
from tests.integration.trading.steps import ROOMY, Pair
from tests.simulator_process import SimulatorProcess, simulator_process

ROUND_TRIP_MILLISECONDS = 50
#: after which none of the calls of the entries counts for a limit any more
_REST_SECONDS = 11.0
_ENTRY_SECONDS = 120.0
_CALLERS = 4
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Stopped:
    """When the last close and the last cancel were sent, from the command on."""

    seconds: float
    closes: int
    cancels: int
    #: until the answer, which verifies that nothing is held
    answer_seconds: float


def stopped(positions: int, *, disk_full: bool = False, **variables: str) -> Stopped:
    """Open so many positions with their exits, stop everything, and ask the venue what came."""
    with _many_positions(positions, variables) as pair:
        spoiled: AbstractContextManager[None] = nullcontext()
        if disk_full:
            spoiled = no_writes(pair.api.pid)
        with spoiled:
            began = time.time()
            status, told = pair.api.post("/api/system/emergency-stop", {"reason": "bench"})
            answered = time.time()
        if (status, told["status"], told["recorded"]) != (
            202 if disk_full else 200,
            "flat",
            not disk_full,
        ):
            raise RuntimeError(f"{status}: {told}")
        return _told(pair.simulator, began, answered)


def _told(simulator: SimulatorProcess, began: float, answered: float) -> Stopped:
    calls = list(simulator.ask("GET", "/sim/calls")["calls"])
    closes = [one["at_ms"] for one in calls if one["method"] == "POST"]
    cancels = [one["at_ms"] for one in calls if one["method"] == "DELETE"]
    return Stopped(
        seconds=max(*closes, *cancels) / 1000 - began,
        closes=len(closes),
        cancels=len(cancels),
        answer_seconds=answered - began,
    )


@contextmanager
def _many_positions(count: int, variables: Mapping[str, str]) -> Iterator[Pair]:
    names = [f"MADE{number:03d}" for number in range(1, count + 1)]
    roomy = ROOMY | {
        "CERBERUS_SYMBOLS": ",".join(f"{name}/USDT" for name in names),
        "CERBERUS_RISK_MAX_POSITIONS": str(count),
    }
    with (
        tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder,
        simulator_process(Path(folder, "var"), made_markets=count) as simulator,
        api_process(simulator, wrapper=(), until_ready=True, **roomy, **variables) as api,
    ):
        for name in names:
            simulator.move_price(name, "350")
        began = time.monotonic()
        with ThreadPoolExecutor(_CALLERS) as pool:
            trades = list(pool.map(lambda name: _enter(api, name), names))
        print("entered", time.monotonic() - began)
        pair = Pair(simulator, api)
        for trade in trades:
            pair.until_trade(trade, lambda told: told["protected"], _ENTRY_SECONDS)
        print("protected", time.monotonic() - began)
        time.sleep(_REST_SECONDS)
        simulator.order_fault("latency", milliseconds=ROUND_TRIP_MILLISECONDS, count=_MANY)
        time.sleep(2)
        simulator.ask("DELETE", "/sim/calls")
        print({k: v for k, v in api.get("/metrics")[1].items() if "limit" in k or "budget" in k})
        yield pair


def _enter(api: ApiProcess, name: str) -> str:
    """Send one signal, again for as long as the venue's limits leave no room for it."""
    signal: dict[str, Any] = {"symbol": f"{name}USDT", "side": "buy", "id": name, "quantity": "0.2"}
    deadline = time.monotonic() + _ENTRY_SECONDS
    while True:
        status, told = api.post("/api/trades", {"signal": signal}, timeout=60)
        if status in (200, 201):
            return str(told["trade_id"])
        if time.monotonic() > deadline:
            raise RuntimeError(f"{status}: {told}")
        time.sleep(0.5)
