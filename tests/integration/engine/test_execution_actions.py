"""What is done to executions that exist, through the official client."""

import time
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.action_flows import FAILING, LIMITED, PARENT, PAUSING
from tests.integration.engine.flows import HELLO

HI = HELLO.replace("namespace: t", "namespace: t.act", 1)


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    for source in (HI, PAUSING, FAILING, LIMITED, PARENT):
        engine.create_flow(source)


def started(engine: EngineProcess, flow: str, state: str, **inputs: str) -> str:
    id_ = str(engine.run(f"t.act/{flow}", wait=False, **inputs)["id"])
    engine.wait_for_state(id_, state)
    return id_


@pytest.mark.kestrapy("executions.resume_execution", "executions.validate_resume_execution_inputs")
def test_a_pause_task_is_resumed_with_inputs_that_fit(engine: EngineProcess, kestra: Any) -> None:
    id_ = started(engine, "pausing", "PAUSED")
    for amount in ({}, {"amount": 11}, {"amount": "many"}):
        found = kestra.executions.validate_resume_execution_inputs(id_, "main", inputs=amount)
        assert found[0]["inputs"][0]["errors"]
        with pytest.raises(Exception, match="422"):
            kestra.executions.resume_execution(id_, "main", inputs=amount)
        assert engine.state(id_) == "PAUSED"
    kestra.executions.resume_execution(id_, "main", inputs={"amount": 7})
    engine.wait_for_state(id_, "SUCCESS")
    assert engine.outputs(id_) == {"said": "7"}
    with pytest.raises(Exception, match="409"):
        kestra.executions.resume_execution(id_, "main", inputs={"amount": 7})


@pytest.mark.kestrapy("executions.pause_execution", "executions.kill_execution")
def test_a_running_execution_is_paused_and_killed(engine: EngineProcess, kestra: Any) -> None:
    id_ = started(engine, "limited", "RUNNING")
    assert kestra.executions.pause_execution(id_, "main").state.current.value == "PAUSED"
    with pytest.raises(Exception, match="409"):
        kestra.executions.pause_execution(id_, "main")
    kestra.executions.kill_execution(id_, "main")
    engine.wait_for_state(id_, "KILLED")


def child_of(engine: EngineProcess, parent: str) -> str:
    limit, found = time.monotonic() + 20, []
    while not found:
        assert time.monotonic() < limit, "no subflow was started"
        query = {"filters[triggerExecutionId][EQUALS]": parent}
        answer = engine.session.get(engine.api("executions/search"), params=query, timeout=30)
        found = [str(each["id"]) for each in answer.json()["results"]]
    return found[0]


@pytest.mark.parametrize("cascade", [True, False])
def test_a_kill_reaches_subflows_unless_told_otherwise(
    engine: EngineProcess, kestra: Any, cascade: bool
) -> None:
    parent = started(engine, "parent", "RUNNING")
    child = child_of(engine, parent)
    engine.wait_for_state(child, "RUNNING")
    kestra.executions.kill_execution(parent, "main", is_on_kill_cascade=cascade)
    if not cascade:
        # the parent waits for its subflow, which goes on
        engine.wait_for_state(parent, "KILLING")
        assert engine.state(child) == "RUNNING"
        kestra.executions.kill_execution(child, "main")
    engine.wait_for_state(child, "KILLED")
    engine.wait_for_state(parent, "KILLED")


@pytest.mark.kestrapy(
    "executions.restart_execution",
    "executions.replay_execution",
    "executions.replay_execution_with_inputs",
)
def test_a_failed_execution_is_restarted_and_replayed(engine: EngineProcess, kestra: Any) -> None:
    id_ = started(engine, "failing", "FAILED")
    assert kestra.executions.restart_execution(id_, "main").id == id_
    engine.wait_for_state(id_, "FAILED")
    runs = {run["taskId"]: run for run in engine.execution(id_)["taskRunList"]}
    assert (len(runs["ret"]["attempts"]), len(runs["fail"]["attempts"])) == (1, 2)

    again = kestra.executions.replay_execution(id_, "main", task_run_id=runs["fail"]["id"])
    assert again.id != id_
    assert again.original_id == id_
    engine.wait_for_state(again.id, "FAILED")
    same = kestra.executions.replay_execution_with_inputs(id_, "main")
    other = kestra.executions.replay_execution_with_inputs(id_, "main", inputs={"bad": False})
    engine.wait_for_state(same.id, "FAILED")
    engine.wait_for_state(other.id, "SUCCESS")
    url = engine.api(f"executions/{id_}/actions/replay-with-inputs")
    assert engine.session.post(url, timeout=30).status_code == 422
    with pytest.raises(Exception, match="404"):
        kestra.executions.replay_execution(id_, "main", task_run_id="none")
    with pytest.raises(Exception, match="404"):
        kestra.executions.restart_execution(id_, "main", revision=99)


@pytest.mark.kestrapy(
    "executions.unqueue_execution",
    "executions.force_run_execution",
    "executions.kill_executions_by_ids",
    "executions.unqueue_executions_by_ids",
    "executions.force_run_by_ids",
)
def test_what_waits_for_a_slot_is_let_go(engine: EngineProcess, kestra: Any) -> None:
    ids = [started(engine, "limited", "RUNNING")]
    ids += [started(engine, "limited", "QUEUED") for _ in range(4)]
    kestra.executions.unqueue_execution(ids[1], "main")
    kestra.executions.force_run_execution(ids[2], "main")
    kestra.executions.unqueue_executions_by_ids("main", "RUNNING", [ids[3]])
    assert kestra.executions.force_run_by_ids("main", [ids[4]])["count"] == 1
    for id_ in ids:
        engine.wait_for_state(id_, "RUNNING")
    answer = kestra.executions.kill_executions_by_ids("main", ids)
    assert answer["count"] == answer["totalItems"] == 5
    assert answer["operationId"]
    for id_ in ids:
        engine.wait_for_state(id_, "KILLED")
    with pytest.raises(Exception, match="409"):
        kestra.executions.force_run_execution(ids[0], "main")


@pytest.mark.kestrapy(
    "executions.set_labels_on_terminated_execution",
    "executions.update_execution_status",
    "executions.update_task_run_state",
)
def test_an_ended_execution_is_labelled_and_judged_anew(engine: EngineProcess, kestra: Any) -> None:
    id_ = started(engine, "failing", "FAILED")
    for value in ("first", "second"):
        labels = [{"key": "checked", "value": value}]
        kestra.executions.set_labels_on_terminated_execution(id_, "main", labels)
    shown = {each["key"]: each["value"] for each in engine.execution(id_)["labels"]}
    assert shown == {"system.correlationId": id_, "checked": "second"}
    with pytest.raises(Exception, match="422"):
        kestra.executions.set_labels_on_terminated_execution(
            id_, "main", [{"key": "system.x", "value": "y"}]
        )
    kestra.executions.update_execution_status(id_, "WARNING", "main")
    assert engine.state(id_) == "WARNING"
    run = engine.execution(id_)["taskRunList"][-1]
    wanted = {"taskRunId": run["id"], "state": "SUCCESS"}
    kestra.executions.update_task_run_state(id_, "main", wanted)
    engine.wait_for_state(id_, "SUCCESS")
    alive = started(engine, "limited", "RUNNING")
    with pytest.raises(Exception, match="409"):
        kestra.executions.update_execution_status(alive, "FAILED", "main")
    kestra.executions.kill_execution(alive, "main")


@pytest.mark.kestrapy("executions.resume_execution_from_breakpoint")
def test_an_execution_stands_at_a_breakpoint_until_resumed(
    engine: EngineProcess, kestra: Any
) -> None:
    begun = kestra.executions.create_execution("main", "t.act", "hello", breakpoints="ret")
    engine.wait_for_state(begun.id, "BREAKPOINT")
    kestra.executions.resume_execution_from_breakpoint(begun.id, "main")
    engine.wait_for_state(begun.id, "SUCCESS")


@pytest.mark.kestrapy("executions.delete_execution")
def test_a_deleted_execution_is_gone_with_its_logs(engine: EngineProcess, kestra: Any) -> None:
    id_ = str(engine.run("t.act/hello")["id"])
    engine.messages(id_, containing="hello")
    kestra.executions.delete_execution(id_, "main")
    with pytest.raises(Exception, match="404"):
        kestra.executions.execution(id_, "main")
    assert kestra.logs.list_logs_from_execution(id_, "main") == []


@pytest.mark.parametrize("between", ["actions/", ""])
@pytest.mark.parametrize("tenant", ["main/", ""])
def test_older_paths_do_the_same(engine: EngineProcess, between: str, tenant: str) -> None:
    id_ = started(engine, "pausing", "PAUSED")
    url = f"{engine.url}/api/v1/{tenant}executions/{id_}/{between}resume"
    assert engine.session.post(url, files={"amount": (None, "1")}, timeout=30).status_code == 200
    engine.wait_for_state(id_, "SUCCESS")
    labels = url.replace("resume", "labels")
    answer = engine.session.post(labels, json=[{"key": "a", "value": "b"}], timeout=30)
    assert answer.status_code == 200


def test_a_flow_that_is_named_like_an_action_is_started(engine: EngineProcess) -> None:
    engine.create_flow(HI.replace("id: hello", "id: pause", 1))
    assert engine.run("t.act/pause")["state"]["current"] == "SUCCESS"
