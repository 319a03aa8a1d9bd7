"""A flow of each core type that makes sense offline is imported and run on the real engine."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.task_types import (
    CASES,
    CORE,
    LEFT_OUT,
    SPACE,
    TRIGGERS,
    flow_id,
    triggered,
)
from tests.integration.engine.task_types_run import import_all, outcome, serving


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def imported(engine: EngineProcess, server: str) -> None:
    import_all(engine, server)


@pytest.mark.parametrize("kind", CASES)
def test_a_flow_of_this_type_runs(engine: EngineProcess, kind: str) -> None:
    assert outcome(engine, kind) == CASES[kind].outcome


@pytest.mark.parametrize("kind", TRIGGERS)
def test_a_trigger_of_this_type_starts_its_flow(
    engine: EngineProcess, server: str, kind: str
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat(timespec="seconds")
    engine.create_flow(triggered(kind, server, soon))
    try:
        if kind == "trigger.Flow":
            engine.run(f"{SPACE}/debug-return")
        if kind == "trigger.Webhook":
            url = engine.webhook(f"{SPACE}.triggers/{flow_id(kind)}", "key-of-types")
            assert engine.session.get(url, timeout=30).ok
        begun = first_execution(engine, kind)
        engine.wait_for_state(begun["id"], "SUCCESS")
        assert begun["trigger"]["type"] == CORE + kind
    finally:
        url = engine.api(f"flows/{SPACE}.triggers/{flow_id(kind)}")
        assert engine.session.delete(url, timeout=30).ok


def first_execution(engine: EngineProcess, kind: str) -> dict[str, dict[str, str]]:
    wanted = {"namespace": f"{SPACE}.triggers", "flowId": flow_id(kind)}
    limit = time.monotonic() + 60
    while True:
        found = engine.session.get(engine.api("executions"), params=wanted, timeout=30).json()
        if found["results"]:
            first: dict[str, dict[str, str]] = found["results"][0]
            return first
        assert time.monotonic() < limit, f"{kind} started nothing"
        time.sleep(0.2)


def test_no_core_type_of_the_engine_is_forgotten(engine: EngineProcess) -> None:
    url = f"{engine.url}/api/v1/plugins?size=1000"
    groups = engine.session.get(url, timeout=30).json()["results"]
    kinds = {
        entry["cls"].removeprefix(CORE)
        for group in groups
        for section in ("tasks", "triggers", "taskRunners")
        for entry in group.get(section) or []
        if entry["cls"].startswith(CORE)
    }
    assert kinds == {*CASES, *TRIGGERS, *LEFT_OUT}
