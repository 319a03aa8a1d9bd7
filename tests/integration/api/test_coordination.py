"""Workers, leases, parts of the process, and tasks, by the API and by the command."""

import os
import subprocess
import sys

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_the_api_is_the_active_worker_with_a_lease(pair: Pair) -> None:
    told = pair.until(lambda: _workers(pair))
    [worker], [lease] = told["workers"], told["leases"]
    assert (worker["kind"], worker["is_active"]) == ("trading", True)
    assert (lease["name"], lease["owner"]) == ("trading", worker["worker_id"])
    assert f"/{pair.api.pid}/" in lease["owner"]
    assert pair.api.get("/metrics")[1]["cerberus_lease_left_seconds"] > 5


def test_every_loop_is_watched(pair: Pair) -> None:
    told = pair.api.get("/api/system/monitor")[1]
    names = {one["name"] for one in told["components"]}
    assert {"follow", "reconcile", "alerts", "lease", "emergency", "probing", "tasks"} <= names
    assert told["usage"]["resident_bytes"] > 2**20
    assert not any(one["is_silent"] for one in told["components"])


def test_a_task_is_done_by_the_worker_and_its_result_told(pair: Pair) -> None:
    before = _part(pair, "value")["restarts"]
    body = {"name": "restart_component", "subject": "value"}
    status, task = pair.api.post("/api/system/tasks", body, headers={"Idempotency-Key": pair.key()})
    assert (status, task["status"]) == (202, "waiting")
    done = pair.until(lambda: _finished(pair, task["task_id"]))
    assert (done["status"], done["result"]) == ("done", "value was begun anew")
    assert _part(pair, "value")["restarts"] == before + 1
    status, compared = pair.api.post("/api/system/tasks", {"name": "reconcile"})
    done = pair.until(lambda: _finished(pair, compared["task_id"]))
    assert done["status"] == "done"
    assert done["result"].endswith("unsettled")
    assert pair.api.get("/api/system/tasks?limit=1")[1]["tasks"][0]["name"] == "reconcile"


def test_a_task_for_what_is_not_there_is_refused_with_what_is(pair: Pair) -> None:
    body = {"name": "restart_component", "subject": "heart"}
    status, problem = pair.api.post("/api/system/tasks", body)
    assert (status, problem["errors"][0]["field"]) == (422, "subject")
    assert "follow" in problem["errors"][0]["reason"]
    assert "was 'heart'" in problem["errors"][0]["reason"]
    assert pair.api.post("/api/system/tasks", {"name": "dance"})[0] == 422
    assert pair.api.get("/api/system/tasks/none")[0] == 404


def test_the_command_shows_both(pair: Pair) -> None:
    pair.until(lambda: _workers(pair))
    told = subprocess.run(
        [sys.executable, "-m", "cerberus.cli", "workers"],
        env=os.environ | pair.api.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "lease trading: token" in told
    assert "active" in told
    assert "reconcile" in told


def _workers(pair: Pair) -> dict[str, list[dict[str, object]]] | None:
    told: dict[str, list[dict[str, object]]] = pair.api.get("/api/system/workers")[1]
    return told if told["workers"] else None


def _part(pair: Pair, name: str) -> dict[str, int]:
    parts = pair.api.get("/api/system/monitor")[1]["components"]
    found: dict[str, int] = next(one for one in parts if one["name"] == name)
    return found


def _finished(pair: Pair, task_id: str) -> dict[str, str] | None:
    task: dict[str, str] = pair.api.get(f"/api/system/tasks/{task_id}")[1]
    return task if task["finished_at"] else None
