"""A flow's concurrency limit counts its executions; iterations of their Loops are no others."""

import time
from datetime import datetime
from itertools import pairwise

from tests.engine_process import EngineProcess

LOOP = """
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: ["a", "b"]
    concurrencyLimit: 1
    tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.3S}]
"""
FIRST = "{id: before, type: io.kestra.plugin.core.debug.Return, format: x}"
LIMITED = "id: %s\nnamespace: t\nconcurrency: {limit: 1, behavior: QUEUE}\ntasks:"


def test_one_execution_runs_at_a_time_whatever_iterations_it_has(engine: EngineProcess) -> None:
    last = "  - {id: last, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.5S}\n"
    engine.create_flow(LIMITED % "one-at-a-time" + f"\n  - {FIRST}{LOOP}{last}")
    ids = [str(engine.run("t/one-at-a-time", wait=False)["id"]) for _ in range(3)]
    spans = sorted(_span(engine, id_) for id_ in ids)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_a_loop_may_be_the_first_task_of_a_flow_with_a_limit(engine: EngineProcess) -> None:
    engine.create_flow(LIMITED % "loop-first" + LOOP)
    for _ in range(2):
        assert engine.run("t/loop-first")["state"]["current"] == "SUCCESS"


def _span(engine: EngineProcess, id_: str) -> tuple[datetime, datetime]:
    """Return when an execution began to run and when it ended."""
    limit = time.monotonic() + 60
    while "endDate" not in (state := engine.execution(id_)["state"]):
        assert time.monotonic() < limit, state
        time.sleep(0.1)
    assert state["current"] == "SUCCESS"
    began = next(one["date"] for one in state["histories"] if one["state"] == "RUNNING")
    return datetime.fromisoformat(began), datetime.fromisoformat(state["endDate"])
