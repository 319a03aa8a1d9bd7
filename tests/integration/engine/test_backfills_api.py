"""Triggers by ids and by query, and their backfills, through the official client."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine_process import EngineProcess

SPACE = "t.back"
NAME = {"namespace": SPACE, "flowId": "daily", "triggerId": "noon"}
OF_FLOW = [{"field": "flowId", "operation": "EQUALS", "value": "daily"}]
DAILY = """\
id: daily
namespace: t.back
inputs: [{id: why, type: STRING, defaults: schedule}]
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.why }}"}]
triggers: [{id: noon, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 12 * * *"}]
"""
BACKFILL = {
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-04T00:00:00Z",
    "inputs": {"why": "backfill"},
    "labels": [{"key": "backfill", "value": "one"}],
}


def eventually(holds: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < limit, f"never came: {what}"
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def schedule(engine: EngineProcess, kestra: Any) -> None:
    answer = engine.session.delete(engine.api(f"flows/{SPACE}/daily"), timeout=30)
    assert answer.status_code in (204, 404)
    engine.create_flow(DAILY)
    eventually(lambda: "nextEvaluationDate" in state(kestra), "the trigger of a new flow")


def state(kestra: Any) -> dict[str, Any]:
    found = kestra.triggers.search_triggers_for_flow("main", SPACE, "daily")["results"]
    return dict(found[0]) if found else {}


@pytest.mark.kestrapy("triggers.create_backfill", "triggers.search_triggers_for_flow")
def test_a_backfill_runs_each_past_date_once(engine: EngineProcess, kestra: Any) -> None:
    kestra.triggers.create_backfill("main", {**NAME, "backfill": BACKFILL})

    def ran() -> list[dict[str, Any]]:
        query = {"filters[labels][EQUALS][backfill]": "one", "filters[state][IN]": "SUCCESS"}
        url = engine.api("executions/search")
        return list(engine.session.get(url, params=query, timeout=30).json()["results"])

    eventually(lambda: len(ran()) == 3, "an execution for each of three days")
    assert all(each["inputs"] == {"why": "backfill"} for each in ran())
    eventually(lambda: "backfill" not in state(kestra), "the end of the backfill")
    assert len(ran()) == 3


@pytest.mark.kestrapy(
    "triggers.pause_backfill",
    "triggers.pause_backfill_by_ids",
    "triggers.pause_backfill_by_query",
    "triggers.unpause_backfill",
    "triggers.unpause_backfill_by_ids",
    "triggers.unpause_backfill_by_query",
    "triggers.delete_backfill",
    "triggers.delete_backfill_by_ids",
    "triggers.delete_backfill_by_query",
)
def test_a_backfill_waits_goes_on_and_is_deleted(kestra: Any) -> None:
    triggers = kestra.triggers
    long = {**BACKFILL, "start": "2000-01-01T00:00:00Z", "labels": []}
    for ways in ("one", "by_ids", "by_query"):
        triggers.create_backfill("main", {**NAME, "backfill": long})
        tail, what = {
            "one": ("", NAME),
            "by_ids": ("_by_ids", [NAME]),
            "by_query": ("_by_query", OF_FLOW),
        }[ways]
        getattr(triggers, f"pause_backfill{tail}")("main", what)
        assert state(kestra)["backfill"]["paused"] is True
        getattr(triggers, f"unpause_backfill{tail}")("main", what)
        assert state(kestra)["backfill"]["paused"] is False
        getattr(triggers, f"delete_backfill{tail}")("main", what)
        assert "backfill" not in state(kestra)
    with pytest.raises(Exception, match="409"):
        triggers.pause_backfill("main", NAME)
    with pytest.raises(Exception, match="400"):
        triggers.pause_backfill_by_ids("main", [NAME])


@pytest.mark.parametrize(
    "wrong",
    [{"start": "today"}, {"start": None}, {"end": "2020-01-01T00:00:00Z"}, {"inputs": [1]}],
)
def test_a_backfill_that_does_not_fit_is_refused(kestra: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="422"):
        kestra.triggers.create_backfill("main", {**NAME, "backfill": {**BACKFILL, **wrong}})


@pytest.mark.kestrapy(
    "triggers.search_triggers",
    "triggers.export_triggers",
    "triggers.disable_trigger_by_id",
    "triggers.disabled_triggers_by_ids",
    "triggers.disabled_triggers_by_query",
    "triggers.restart_trigger",
    "triggers.unlock_trigger",
    "triggers.unlock_triggers_by_ids",
    "triggers.unlock_triggers_by_query",
)
def test_triggers_are_switched_and_unlocked_together(kestra: Any) -> None:
    triggers = kestra.triggers
    assert triggers.search_triggers("main", filters=OF_FLOW)["total"] == 1
    assert f"{SPACE},daily,noon,False" in triggers.export_triggers("main", filters=OF_FLOW)
    triggers.disable_trigger_by_id("main", {**NAME, "disabled": True})
    assert state(kestra)["disabled"] is True
    triggers.disabled_triggers_by_ids("main", {"triggers": [NAME], "disabled": False})
    assert state(kestra)["disabled"] is False
    triggers.disabled_triggers_by_query("main", disabled=True, filters=OF_FLOW)
    assert state(kestra)["disabled"] is True
    triggers.disabled_triggers_by_query("main", disabled=False, filters=OF_FLOW)
    triggers.restart_trigger("main", SPACE, "daily", "noon")
    triggers.unlock_trigger("main", SPACE, "daily", "noon")
    assert triggers.unlock_triggers_by_ids("main", [NAME])["count"] == 1
    assert triggers.unlock_triggers_by_query("main", OF_FLOW)["count"] == 1


@pytest.mark.kestrapy(
    "triggers.delete_trigger",
    "triggers.delete_triggers_by_ids",
    "triggers.delete_triggers_by_query",
)
def test_a_triggers_state_is_forgotten(engine: EngineProcess, kestra: Any) -> None:
    def again() -> None:
        changed = DAILY.replace("defaults: schedule", f"defaults: s{time.monotonic_ns()}")
        url = engine.api(f"flows/{SPACE}/daily")
        engine.session.delete(url, timeout=30)
        engine.create_flow(changed)
        eventually(lambda: state(kestra) != {}, "the trigger of a flow that is written again")

    kestra.triggers.delete_trigger("main", SPACE, "daily", "noon")
    eventually(lambda: state(kestra) == {}, "the end of the state")
    again()
    assert kestra.triggers.delete_triggers_by_ids("main", [NAME])["count"] == 1
    again()
    filters = [{"field": "flowId", "operation": "EQUALS", "value": "daily"}]
    assert kestra.triggers.delete_triggers_by_query("main", {"filters": filters})["count"] == 1
