"""The embedded engine: how fast, how small, and how steady. All on two cores, with H2 on disk."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from statistics import linear_regression
from typing import Any

import psutil

from bench._kestra import (
    EACH_SECOND,
    MARKING,
    engine,
    resident_megabytes,
    run_seconds,
    start_seconds,
)
from bench._kestra_shown import reads_beside_streams, types_that_ran, wrong_dates
from bench.harness import Measurement, benchmark, percentile
from tests.engine_process import EngineProcess
from tests.integration.engine.task_types import CASES, TRIGGERS
from tests.kestrapy_table import ENTERPRISE, called, methods

WARM_RUNS, RUNS = 60, 100
IDLE_SECONDS = 60.0
PER_MINUTE, MINUTES = 120, 5
SCHEDULE_SECONDS, WARM_UP_SECONDS, SAMPLE_SECONDS = 1800, 600, 5
KILLS, STREAMS = 20, 200
#: an execution that lives longer than this after a restart is stuck
STUCK_SECONDS = 60.0

_KEPT: dict[str, Any] = {}


@benchmark(group="kestra", name="engine_start_to_ready", unit="s", goal="<= 7")
def engine_start_to_ready() -> Measurement:
    """Three starts with the trained cache; the slowest counts."""
    times = start_seconds()
    return Measurement(max(times), notes={"fastest": round(min(times), 2), "runs": len(times)})


@benchmark(group="kestra", name="two_task_flow_p50", unit="s", goal="<= 0.2")
def two_task_flow_p50() -> Measurement:
    """POST with wait, client to client, one after the other, warm."""
    return Measurement(percentile(_two_task_runs(), 50), notes={"runs": RUNS})


@benchmark(group="kestra", name="two_task_flow_p95", unit="s", goal="<= 0.4")
def two_task_flow_p95() -> Measurement:
    """The same runs."""
    return Measurement(percentile(_two_task_runs(), 95), notes={"runs": RUNS})


@benchmark(group="kestra", name="first_run_after_idle", unit="s", goal="<= 0.5")
def first_run_after_idle() -> Measurement:
    """Three runs after a minute of rest each; the slowest counts."""
    running = engine()
    _two_task_runs()
    times = []
    for _ in range(3):
        time.sleep(IDLE_SECONDS)
        times.append(run_seconds(running))
    return Measurement(max(times), notes={"fastest": round(min(times), 3)})


@benchmark(group="kestra", name="engine_idle_cpu", unit="% of one core", goal="<= 11")
def engine_idle_cpu() -> Measurement:
    """A minute without executions, from half a minute after the last one."""
    return Measurement(_idle()["cpu"], notes={"seconds": IDLE_SECONDS})


@benchmark(group="kestra", name="engine_idle_resident", unit="MB", goal="<= 520")
def engine_idle_resident() -> Measurement:
    """At the end of that minute."""
    return Measurement(_idle()["resident"])


@benchmark(group="kestra", name="steady_executions_unfinished", unit="executions", goal="== 0")
def steady_executions_unfinished() -> Measurement:
    """120 a minute for five minutes: what is not SUCCESS two seconds after the last was sent."""
    running, lateness = engine(), []
    flow = "bench/two-tasks"
    total, started = PER_MINUTE * MINUTES, time.monotonic()
    ids: list[str] = []
    for number in range(total):
        due = started + number * 60 / PER_MINUTE
        time.sleep(max(0.0, due - time.monotonic()))
        ids.append(str(running.run(flow, wait=False)["id"]))
        lateness.append(time.monotonic() - due)
    time.sleep(2)
    ended = [running.execution(id_) for id_ in ids]
    unfinished = sum(one["state"]["current"] != "SUCCESS" for one in ended)
    times = [_seconds_of(one) for one in ended if "endDate" in one["state"]]
    minute = PER_MINUTE
    return Measurement(
        unfinished,
        notes={
            "p95_first_minute": round(percentile(times[:minute], 95), 3),
            "p95_last_minute": round(percentile(times[-minute:], 95), 3),
            "sent_late_p95": round(percentile(lateness, 95), 3),
        },
    )


@benchmark(group="kestra", name="schedules_missed_or_doubled", unit="ticks", goal="== 0")
def schedules_missed_or_doubled() -> Measurement:
    """One schedule a second for thirty minutes."""
    found = _scheduled()
    return Measurement(found["missed"] + found["doubled"], notes={"ticks": found["ticks"]})


@benchmark(group="kestra", name="memory_slope", unit="MB an hour", goal="<= 1")
def memory_slope() -> Measurement:
    """Resident memory over the same half hour, after ten minutes of warm-up."""
    found = _scheduled()
    return Measurement(found["slope"], notes={"from": found["first"], "to": found["last"]})


@benchmark(group="kestra", name="stuck_or_doubled_after_kills", unit="executions", goal="== 0")
def stuck_or_doubled_after_kills() -> Measurement:
    """Twenty kill -9 at random moments in running flows: what never ended, or ran a task twice."""
    running = engine()
    file = Path(running.var, "marks")
    running.create_flow(MARKING.format(file=file))
    chance = random.Random(7)  # noqa: S311 - no secret
    ids: list[str] = []
    for _ in range(KILLS):
        with ThreadPoolExecutor(3) as pool:
            started = [pool.submit(running.run, "bench/marking", wait=False) for _ in range(3)]
            ids += [str(one.result()["id"]) for one in started]
        time.sleep(chance.uniform(0, 0.8))
        running.kill()
        running.start()
    limit = time.monotonic() + STUCK_SECONDS
    stuck = set(ids)
    while stuck and time.monotonic() < limit:
        stuck = {id_ for id_ in stuck if "endDate" not in running.execution(id_)["state"]}
        time.sleep(1)
    marks = file.read_text().split()
    doubled = len(marks) - len(set(marks))
    notes = {"executions": len(ids), "stuck": len(stuck), "doubled": doubled}
    return Measurement(len(stuck) + doubled, notes=notes)


@benchmark(group="kestra", name="kestrapy_methods_called", unit="methods", goal=">= 190")
def kestrapy_methods_called() -> Measurement:
    """Methods of the official client that tests call; each such test fails when it did not."""
    served = [each for each in methods() if each.partition(".")[0] not in ENTERPRISE]
    return Measurement(len(called() & set(served)), notes={"in_served_groups": len(served)})


@benchmark(group="kestra", name="core_task_types_run", unit="types", goal=f">= {len(CASES)}")
def core_task_types_run() -> Measurement:
    """Core task types that make sense offline: a flow of each is imported and run."""
    ran = types_that_ran(engine())
    failed = ", ".join(sorted(set(CASES) - set(ran)))
    return Measurement(len(ran), notes={"failed": failed, "triggers_in_tests": len(TRIGGERS)})


@benchmark(group="kestra", name="dates_wrong_at_clock_changes", unit="dates", goal="== 0")
def dates_wrong_at_clock_changes() -> Measurement:
    """Both changes in Warsaw and New York: hourly, at noon, at 01:30 and at 02:30."""
    wrong, due = wrong_dates(engine())
    return Measurement(wrong, notes={"due": due})


@benchmark(group="kestra", name="read_beside_200_streams", unit="ms", goal="<= 100")
def read_beside_200_streams() -> Measurement:
    """The slowest of 100 plain reads while 200 event streams are open."""
    times = reads_beside_streams(engine(), STREAMS, RUNS)
    p50 = round(percentile(times, 50) * 1000, 1)
    return Measurement(max(times) * 1000, notes={"p50": p50, "streams": STREAMS})


def _two_task_runs() -> list[float]:
    if "runs" not in _KEPT:
        running = engine()
        for _ in range(WARM_RUNS):
            run_seconds(running)
        _KEPT["runs"] = [run_seconds(running) for _ in range(RUNS)]
    times: list[float] = _KEPT["runs"]
    return times


def _idle() -> dict[str, float]:
    if "idle" not in _KEPT:
        running = engine()
        _two_task_runs()
        time.sleep(30)
        process = psutil.Process(running.pid)
        before = sum(process.cpu_times()[:2])
        time.sleep(IDLE_SECONDS)
        cpu = (sum(process.cpu_times()[:2]) - before) / IDLE_SECONDS * 100
        _KEPT["idle"] = {"cpu": cpu, "resident": resident_megabytes(running)}
    found: dict[str, float] = _KEPT["idle"]
    return found


def _scheduled() -> dict[str, float]:
    if "scheduled" not in _KEPT:
        running, stop = engine(), threading.Event()
        samples: list[tuple[float, float]] = []
        running.create_flow(EACH_SECOND)
        began = time.monotonic()
        while (spent := time.monotonic() - began) < SCHEDULE_SECONDS:
            if spent > WARM_UP_SECONDS:
                samples.append((spent, resident_megabytes(running)))
            stop.wait(SAMPLE_SECONDS)
        url = running.api("flows/bench/each-second")
        assert running.session.delete(url, timeout=30).ok
        time.sleep(5)
        hours, sizes = [at / 3600 for at, _ in samples], [size for _, size in samples]
        _KEPT["scheduled"] = {
            **_ticks(running),
            "slope": linear_regression(hours, sizes).slope,
            "first": round(sizes[0], 1),
            "last": round(sizes[-1], 1),
        }
    found: dict[str, float] = _KEPT["scheduled"]
    return found


def _ticks(running: EngineProcess) -> dict[str, float]:
    parameters = {
        "namespace": "bench",
        "flowId": "each-second",
        "size": "10000",
    }
    found = running.session.get(running.api("executions"), params=parameters, timeout=60).json()
    dates = [
        datetime.fromisoformat(one["trigger"]["variables"]["date"]) for one in found["results"]
    ]
    seconds = sorted(date.replace(microsecond=0) for date in dates)
    span = round((seconds[-1] - seconds[0]) / timedelta(seconds=1)) + 1
    doubled = len(seconds) - len(set(seconds))
    return {"ticks": len(seconds), "missed": span - len(set(seconds)), "doubled": doubled}


def _seconds_of(execution: dict[str, Any]) -> float:
    state = execution["state"]
    start, end = (datetime.fromisoformat(state[name]) for name in ("startDate", "endDate"))
    return (end - start).total_seconds()
