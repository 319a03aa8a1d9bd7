"""Rules of the flow files that Kestra's own faults ask for; need no engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.flow_style import tasks_of

FILES = sorted((Path(__file__).resolve().parents[2] / "flows").glob("*/*.yaml"))
FLOWS = [pytest.param(yaml.safe_load(file.read_text()), id=file.stem) for file in FILES]
CHILDREN = ("tasks", "then", "else", "errors")
REQUEST = "io.kestra.plugin.core.http.Request"
LOOP = "io.kestra.plugin.core.flow.Loop"


@pytest.mark.parametrize("flow", FLOWS)
def test_a_retried_task_is_the_first_of_its_parent(flow: dict[str, Any]) -> None:
    parents = [flow, *tasks_of(flow)]
    blocks = [parent[name] for parent in parents for name in CHILDREN if name in parent]
    blocks += [case for parent in parents for case in (parent.get("cases") or {}).values()]

    late = [task["id"] for block in blocks for task in block[1:] if "retry" in task]

    assert late == []


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_with_concurrency_does_not_begin_with_a_loop(flow: dict[str, Any]) -> None:
    assert "concurrency" not in flow or flow["tasks"][0]["type"] != LOOP


@pytest.mark.parametrize("flow", FLOWS)
def test_every_webhook_sets_what_it_was_told_and_its_id_only(flow: dict[str, Any]) -> None:
    hooks = [one for one in flow.get("triggers", []) if one["type"].endswith(".Webhook")]

    for hook in hooks:
        assert set(hook["inputs"]) in ({"signal", "signal_id"}, {"alerts", "alert_id"})
        assert hook["key"] == "{{ secret('CERBERUS_WEBHOOK_KEY') }}"


@pytest.mark.parametrize("flow", FLOWS)
def test_every_order_carries_an_idempotency_key(flow: dict[str, Any]) -> None:
    placing = [task for task in tasks_of(flow) if str(task.get("uri", "")).endswith("/api/trades")]

    assert all("execution.id" in task["headers"]["Idempotency-Key"] for task in placing)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_request_gives_up_by_itself_in_the_time_of_its_task(flow: dict[str, Any]) -> None:
    # Kestra's timeout of a task does not end the wait for a server that hangs: it lasts 5 minutes
    late = [
        task["id"]
        for task in tasks_of(flow)
        if task["type"] == REQUEST and not 0 < _idle_seconds(task) <= _seconds(task["timeout"])
    ]

    assert late == []


def _idle_seconds(task: dict[str, Any]) -> float:
    return _seconds(task.get("options", {}).get("timeout", {}).get("readIdleTimeout", "PT0S"))


def _seconds(duration: str) -> float:
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:([\d.]+)S)?", duration)
    assert found is not None, duration
    return int(found[1] or 0) * 60 + float(found[2] or 0)


@pytest.mark.parametrize("flow", FLOWS)
def test_schedules_make_up_no_missed_run_and_name_no_timezone(flow: dict[str, Any]) -> None:
    for trigger in flow.get("triggers", []):
        if trigger["type"].endswith(".Schedule"):
            assert trigger["recoverMissedSchedules"] == "NONE"
            assert "timezone" not in trigger
