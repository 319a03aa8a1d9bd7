"""The spine: start-up, the way of a signal, idle cost, and what a kill leaves behind."""

import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from bench._stack import Stack, stack
from bench.harness import Measurement, benchmark, percentile
from tests.e2e.test_kill_api import kill_many_times
from tests.engine_process import engine_process

RUNS = 50
CALLS = 200
#: between two measured calls, so that the venue's request limits are not what is measured
PAUSE_SECONDS = 0.6
#: of exits that protect
STANDING = ("resting", "watched")
IDLE_SECONDS, SETTLE_SECONDS = 60, 60
#: one turn of the monitoring flow's schedule
TURN_SECONDS = 120
#: the ahead-of-time cache is trained in the background after the first start
TRAINING_SECONDS = 300


@benchmark(group="spine", name="fresh_clone_to_protected_trade", unit="s", goal="<= 300")
def fresh_clone_to_protected_trade() -> Measurement:
    """Clone, empty caches, `scripts/up --detach`; a trade with its stop and target must stand."""
    running = stack()
    trades = running.api("GET", "/api/trades")["trades"]
    exits = running.api("GET", "/api/exits")["exits"]
    standing = {(one["trade_id"], one["kind"]) for one in exits if one["status"] in STANDING}
    wanted = {(one["trade_id"], kind) for one in trades for kind in ("stop", "target")}
    if not trades or standing != wanted:
        raise AssertionError(f"exits in place: {sorted(standing)}, wanted: {sorted(wanted)}")
    return Measurement(running.seconds["first"], notes={"trades": len(trades)})


@benchmark(group="spine", name="second_start", unit="s", goal="<= 20")
def second_start() -> Measurement:
    """`scripts/up --detach` after `scripts/down`, with the pipeline run it makes."""
    found = _later_starts()
    return Measurement(found["stack"], notes={"down_seconds": round(found["down"], 1)})


@benchmark(group="spine", name="engine_start_with_cache", unit="s", goal="<= 10")
def engine_start_with_cache() -> Measurement:
    """The engine alone, from process start to healthy, with the ahead-of-time cache."""
    seconds = _later_starts()["engine"]
    return Measurement(percentile(seconds, 50), notes={"runs": len(seconds)})


@benchmark(group="spine", name="webhook_to_fill_p95", unit="s", goal="<= 1.5")
def webhook_to_fill_p95() -> Measurement:
    """Fifty warm runs in turn; the time is that of the exits, which follow the committed fill."""
    runs = _pipeline_runs()
    return Measurement(percentile([run["protected"] for run in runs], 95), notes=_notes(runs))


@benchmark(group="spine", name="webhook_to_success_p95", unit="s")
def webhook_to_success_p95() -> Measurement:
    """The same runs, up to the end of the flow."""
    runs = _pipeline_runs()
    return Measurement(percentile([run["success"] for run in runs], 95), notes=_notes(runs))


@benchmark(group="spine", name="signal_to_decision_p99", unit="ms", goal="<= 50")
def signal_to_decision_p99() -> Measurement:
    """`POST /api/signals` with a signal of its own each time."""
    running = stack()
    _prepare(running)
    times = [_timed(running, "/api/signals", _signal()) for _ in range(CALLS)]
    return Measurement(percentile(times, 99), notes={"p50": percentile(times, 50), "n": CALLS})


@benchmark(group="spine", name="trade_to_accepted_p99", unit="ms", goal="<= 60")
def trade_to_accepted_p99() -> Measurement:
    """`POST /api/trades` through ccxt and the simulator; the answer follows the committed fill."""
    running = stack()
    _prepare(running)
    times = []
    for _ in range(CALLS):
        times.append(_timed(running, "/api/trades", {"signal": _signal()}))
        running.close_positions()
    return Measurement(percentile(times, 99), notes={"p50": percentile(times, 50), "n": CALLS})


@benchmark(group="spine", name="twenty_webhooks_one_signal", unit="orders", goal="== 1")
def twenty_webhooks_one_signal() -> Measurement:
    """Twenty calls at once with one signal id: one order, twenty executions ended SUCCESS."""
    running = stack()
    _prepare(running)
    signal = _signal()
    before = running.api("GET", "/api/orders?limit=1")["total"]
    with ThreadPoolExecutor(20) as pool:
        started = list(pool.map(lambda _: running.webhook(signal), range(20)))
    states = [_finished(running, one["id"])["state"]["current"] for one in started]
    if states != ["SUCCESS"] * 20:
        raise AssertionError(f"executions ended {sorted(states)}")
    return Measurement(running.api("GET", "/api/orders?limit=1")["total"] - before)


@benchmark(group="spine", name="idle_cpu", unit="% of one core", goal="<= 30")
def idle_cpu() -> Measurement:
    """All processes together at speed 1, no execution running, after the cache is trained."""
    found = _idle()
    return Measurement(found["cpu"], notes={"seconds": IDLE_SECONDS} | found["cpu_parts"])


@benchmark(group="spine", name="scheduled_cpu", unit="% of one core")
def scheduled_cpu() -> Measurement:
    """The same with the schedules as they ship: monitoring, and by day the pipeline."""
    running = stack()
    _wait_for_cache(running)
    running.set_schedules(disabled=False)
    shares = _shares(_processes(running), TURN_SECONDS)
    notes = {"seconds": TURN_SECONDS} | _named(shares, 1)
    return Measurement(sum(shares.values()), notes=notes)


@benchmark(group="spine", name="idle_resident", unit="GB", goal="<= 1.3")
def idle_resident() -> Measurement:
    """All processes together."""
    found = _idle()
    return Measurement(found["resident"], notes=found["parts"])


@benchmark(group="spine", name="api_kills", unit="failures", goal="== 0")
def api_kills() -> Measurement:
    """Thirty `kill -9` between intent and answer: none lost, none doubled, each protected."""
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        seen = kill_many_times(Path(folder) / "var", kills=30, seed=int(time.time()))
    return Measurement(0, notes={f"ended_{name}": count for name, count in seen.items()})


_KEPT: dict[str, Any] = {}


def _later_starts() -> dict[str, Any]:
    """Stop the stack, start the engine alone some times, start the stack again."""
    if "starts" not in _KEPT:
        running = stack()
        _wait_for_cache(running)
        found: dict[str, Any] = {"down": running.script("down")}
        found["engine"] = [_engine_start(running) for _ in range(3)]
        found["stack"] = running.script("up", "--detach")
        _KEPT["starts"] = found
    kept: dict[str, Any] = _KEPT["starts"]
    return kept


def _engine_start(running: Stack) -> float:
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        began = time.monotonic()
        # the cache belongs to the clone: its paths are part of the key
        with engine_process(
            Path(folder) / "var",
            environment={"HOME": running.environment["HOME"]},
            python=str(running.clone / ".venv" / "bin" / "python"),
        ):
            return time.monotonic() - began


def _pipeline_runs() -> list[dict[str, float]]:
    if "runs" not in _KEPT:
        running = stack()
        _prepare(running)
        _one_run(running)
        _KEPT["runs"] = [_one_run(running) for _ in range(RUNS)]
    found: list[dict[str, float]] = _KEPT["runs"]
    return found


def _one_run(running: Stack) -> dict[str, float]:
    signal = _signal()
    spent = _api_seconds(running)
    sent = time.time()
    execution = _finished(running, running.webhook(signal)["id"])
    spent = _api_seconds(running) - spent
    if execution["state"]["current"] != "SUCCESS":
        raise AssertionError(f"execution {execution['id']} ended {execution['state']['current']}")
    trade = running.api("GET", "/api/trades?limit=1")["trades"][0]
    running.close_positions()
    ended = datetime.fromisoformat(execution["state"]["endDate"]).timestamp()
    protected = datetime.fromisoformat(trade["protected_at"]).timestamp()
    return {"protected": protected - sent, "success": ended - sent, "api": spent}


def _notes(runs: list[dict[str, float]]) -> dict[str, float | int]:
    total = sum(run["success"] for run in runs)
    return {
        "runs": len(runs),
        "fill_p50": round(percentile([run["protected"] for run in runs], 50), 3),
        "success_p50": round(percentile([run["success"] for run in runs], 50), 3),
        "kestra_share": round(1 - sum(run["api"] for run in runs) / total, 3),
    }


def _idle() -> dict[str, Any]:
    if "idle" not in _KEPT:
        running = stack()
        _wait_for_cache(running)
        running.set_schedules(disabled=True)
        # compilation and compaction after the last load are no idling
        time.sleep(SETTLE_SECONDS)
        processes = _processes(running)
        shares = _shares(processes, IDLE_SECONDS)
        resident = {one: one.memory_info().rss / 1e9 for one in processes}
        _KEPT["idle"] = {
            "cpu": sum(shares.values()),
            "cpu_parts": _named(shares, 1),
            "resident": sum(resident.values()),
            "parts": _named(resident, 3),
        }
    found: dict[str, Any] = _KEPT["idle"]
    return found


def _shares(processes: list[psutil.Process], seconds: float) -> dict[psutil.Process, float]:
    """Return the use of one core in percent, with that of the tasks which end meanwhile."""
    before = {one: sum(one.cpu_times()[:4]) for one in processes}
    time.sleep(seconds)
    return {one: (sum(one.cpu_times()[:4]) - before[one]) / seconds * 100 for one in processes}


def _named(values: dict[psutil.Process, float], digits: int) -> dict[str, float]:
    """Return values by the end of each command line."""
    return {
        " ".join(one.cmdline()[1:4])[-40:]: round(value, digits) for one, value in values.items()
    }


def _processes(running: Stack) -> list[psutil.Process]:
    clone = str(running.clone)
    return [
        one
        for one in psutil.process_iter()
        if one.is_running() and any(clone in word for word in _words(one))
    ]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _prepare(running: Stack) -> None:
    running.set_schedules(disabled=True)
    running.close_positions()


def _signal() -> dict[str, object]:
    return {"symbol": "BTC_USDT", "side": "buy", "size_usd": "50", "id": uuid.uuid4().hex}


def _timed(running: Stack, path: str, body: object) -> float:
    time.sleep(PAUSE_SECONDS)
    began = time.perf_counter()
    running.api("POST", path, body)
    return (time.perf_counter() - began) * 1000


def _finished(running: Stack, execution_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found: dict[str, Any] = running.kestra("GET", f"/executions/{execution_id}")
        if "endDate" in found["state"]:
            return found
        time.sleep(0.05)
    raise AssertionError(f"execution {execution_id} did not end within 120 s")


def _api_seconds(running: Stack) -> float:
    text = running.api("GET", "/metrics/prometheus")
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in str(text).splitlines()
        if line.startswith("cerberus_http_request_seconds_sum") and "metrics" not in line
    )


def _wait_for_cache(running: Stack) -> None:
    cache = Path(running.environment["HOME"]) / ".cache" / "cerberus" / "engine"
    deadline = time.monotonic() + TRAINING_SECONDS
    while time.monotonic() < deadline:
        # not the half-written one of the training, which lies in a folder of its own
        if list(cache.glob("aot/*.aot")):
            return
        time.sleep(1)
    raise AssertionError(f"no ahead-of-time cache after {TRAINING_SECONDS} s")
