"""What the flows rest on: the report over all trades, a task that calls the API, the outbox."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._burst import ALERTS, MESSAGES, PERIOD_SECONDS, Burst, burst_of_alerts
from bench._million import TRADES, Measured, report_million_trades
from bench.harness import Measurement, benchmark, percentile
from tests.api_process import trading_pair

ROUNDS, CALLS, WARM_CALLS = 3, 20, 3
#: what a task of a flow is that only calls the API; it gets what Kestra would hand it
SCRIPT = """\
import sys
from cerberus.client.api import CerberusClient

with CerberusClient(sys.argv[1], sys.argv[2]) as api:
    api.positions(open_only=True)
"""
_KEPT: dict[str, Any] = {}


@benchmark(group="flows", name="report_million_trades_seconds", unit="s", goal="<= 3")
def report_million_trades_seconds() -> Measurement:
    """All statistics of a million closed trades, as `GET /api/analytics` has them; the slowest."""
    found = _million()
    assert found.trades == TRADES
    stall = round(found.stall_seconds * 1000, 1)
    notes = {"fastest": round(min(found.seconds), 2), "loop_held_up_ms": stall}
    return Measurement(max(found.seconds), notes=notes)


@benchmark(group="flows", name="report_million_trades_megabytes", unit="MB", goal="<= 600")
def report_million_trades_megabytes() -> Measurement:
    """The most memory of the process that computes them, and what it has brought the asking one."""
    return Measurement(_million().megabytes)


@benchmark(group="flows", name="task_script_api_call_ms", unit="ms", goal="<= 250")
def task_script_api_call_ms() -> Measurement:
    """From the start of Python to its end, with one call in between; the 95th percentile."""
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        script = Path(folder) / "task.py"
        script.write_text(SCRIPT)
        with trading_pair(Path(folder) / "var") as (_, api):
            command = [sys.executable, str(script), api.url, api.token()]
            for _ in range(WARM_CALLS):
                _milliseconds(command)
            times = [_milliseconds(command) for _ in range(CALLS)]
    notes = {"p50": round(percentile(times, 50), 1), "calls": CALLS}
    return Measurement(percentile(times, 95), notes=notes)


@benchmark(group="flows", name="alert_burst_messages", unit="messages", goal=f"<= {MESSAGES}")
def alert_burst_messages() -> Measurement:
    """The most messages of one level that a phone got in any period of the limit."""
    found = _burst()
    notes = {"alerts": ALERTS, "messages": found.messages, "period_seconds": PERIOD_SECONDS}
    return Measurement(found.most_in_a_period, notes=notes)


@benchmark(group="flows", name="alert_burst_lost", unit="alerts", goal="== 0")
def alert_burst_lost() -> Measurement:
    """Alerts of the burst that no message has told of, alone or in a group, or more than one."""
    found = _burst()
    seconds = {"raised_s": round(found.raised_seconds, 1), "told_s": round(found.told_seconds, 1)}
    notes = {"lost": found.lost, "told_twice": found.twice, **seconds}
    return Measurement(found.lost + found.twice, notes=notes)


def _milliseconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, timeout=60)
    return (time.perf_counter() - began) * 1000


def _million() -> Measured:
    if "million" not in _KEPT:
        _KEPT["million"] = report_million_trades(ROUNDS)
    found: Measured = _KEPT["million"]
    return found


def _burst() -> Burst:
    if "burst" not in _KEPT:
        _KEPT["burst"] = burst_of_alerts()
    found: Burst = _KEPT["burst"]
    return found
