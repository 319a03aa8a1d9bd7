"""Executions by ids and by query, and what can be asked about them, through the client."""

from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.action_flows import FAILING, LEAVING, LIMITED, PAUSING
from tests.integration.engine.flows import HELLO

SPACE = "t.many"


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    hello = HELLO.replace("namespace: t", "namespace: t.act", 1)
    for source in (hello, PAUSING, FAILING, LIMITED, LEAVING):
        engine.create_flow(source.replace("t.act", SPACE))


def started(engine: EngineProcess, flow: str, state: str) -> str:
    id_ = str(engine.run(f"{SPACE}/{flow}", wait=False)["id"])
    engine.wait_for_state(id_, state)
    return id_


def of(flow: str) -> list[dict[str, str]]:
    return [
        {"field": "namespace", "operation": "EQUALS", "value": SPACE},
        {"field": "flowId", "operation": "EQUALS", "value": flow},
    ]


@pytest.mark.kestrapy(
    "executions.pause_executions_by_ids",
    "executions.pause_executions_by_query",
    "executions.resume_executions_by_ids",
    "executions.resume_executions_by_query",
    "executions.kill_executions_by_query",
    "executions.unqueue_executions_by_query",
    "executions.force_run_executions_by_query",
)
def test_running_executions_are_acted_on_together(engine: EngineProcess, kestra: Any) -> None:
    act = kestra.executions
    first = started(engine, "limited", "RUNNING")
    assert act.pause_executions_by_ids("main", [first])["count"] == 1
    assert act.resume_executions_by_ids("main", [first])["count"] == 1
    engine.wait_for_state(first, "RUNNING")
    second = started(engine, "limited", "QUEUED")
    assert act.unqueue_executions_by_query("main", "RUNNING", of("limited"))["count"] == 1
    engine.wait_for_state(second, "RUNNING")
    third = started(engine, "limited", "QUEUED")
    assert act.force_run_executions_by_query("main", of("limited"))["count"] == 1
    engine.wait_for_state(third, "RUNNING")
    assert act.pause_executions_by_query("main", of("limited"))["count"] == 3
    assert act.resume_executions_by_query("main", of("limited"))["count"] == 3
    for id_ in (first, second, third):
        engine.wait_for_state(id_, "RUNNING")
    assert act.kill_executions_by_query("main", of("limited"))["count"] == 3
    for id_ in (first, second, third):
        engine.wait_for_state(id_, "KILLED")


@pytest.mark.kestrapy(
    "executions.restart_executions_by_ids",
    "executions.restart_executions_by_query",
    "executions.replay_executions_by_ids",
    "executions.replay_executions_by_query",
    "executions.set_labels_on_terminated_executions_by_ids",
    "executions.set_labels_on_terminated_executions_by_query",
    "executions.update_executions_status_by_ids",
    "executions.update_executions_status_by_query",
    "executions.delete_executions_by_ids",
    "executions.delete_executions_by_query",
)
def test_ended_executions_are_acted_on_together(engine: EngineProcess, kestra: Any) -> None:
    act = kestra.executions
    id_ = started(engine, "failing", "FAILED")
    assert act.restart_executions_by_ids("main", [id_])["count"] == 1
    engine.wait_for_state(id_, "FAILED")
    assert act.restart_executions_by_query("main", of("failing"))["count"] == 1
    engine.wait_for_state(id_, "FAILED")
    assert act.replay_executions_by_ids("main", [id_], latest_revision=True)["count"] == 1
    assert act.replay_executions_by_query("main", of("failing"))["count"] >= 1
    label = [{"key": "batch", "value": "1"}]
    act.set_labels_on_terminated_executions_by_ids(
        "main", {"executionsId": [id_], "executionLabels": label}
    )
    act.set_labels_on_terminated_executions_by_query("main", label, of("failing"))
    act.update_executions_status_by_ids("main", "WARNING", [id_])
    assert engine.state(id_) == "WARNING"
    act.update_executions_status_by_query("main", "CANCELLED", of("failing"))
    assert engine.state(id_) == "CANCELLED"
    with pytest.raises(Exception, match="400") as refused:
        act.delete_executions_by_ids("main", [id_, "none"])
    assert "execution none not found" in str(refused.value)
    assert act.delete_executions_by_query("main", of("failing"))["count"] >= 1
    other = started(engine, "failing", "FAILED")
    assert act.delete_executions_by_ids("main", [other]).count == 1


@pytest.mark.kestrapy(
    "executions.download_file_from_execution",
    "executions.file_metadatas_from_execution",
    "executions.preview_file_from_execution",
    "outputs.task_outputs_information",
    "outputs.task_run_outputs",
    "outputs.execution_outputs",
)
def test_a_file_is_read_by_its_own_execution_alone(engine: EngineProcess, kestra: Any) -> None:
    id_ = str(engine.run(f"{SPACE}/leaving")["id"])
    other = str(engine.run(f"{SPACE}/leaving")["id"])
    run = kestra.outputs.task_outputs_information(id_, "main")[0]
    uri = kestra.outputs.task_run_outputs(id_, run.task_run_id, "main")["uri"]
    assert kestra.outputs.execution_outputs(id_, "main") == {}
    assert kestra.executions.download_file_from_execution(id_, uri, "main") == b"a,b\n1,2\n"
    assert kestra.executions.file_metadatas_from_execution(id_, uri, "main").size == 8
    shown = kestra.executions.preview_file_from_execution(id_, uri, "main", max_rows=1)
    assert (shown["content"], shown["truncated"]) == ("a,b\n", True)
    for path in (uri.replace(id_, f"{id_}/../{id_}"), "file:///etc/passwd", "x y"):
        with pytest.raises(Exception, match="422"):
            kestra.executions.download_file_from_execution(id_, path, "main")
    with pytest.raises(Exception, match="422"):
        kestra.executions.download_file_from_execution(other, uri, "main")
    with pytest.raises(Exception, match="404"):
        kestra.executions.download_file_from_execution(id_, uri + "x", "main")


@pytest.mark.kestrapy(
    "executions.execution_flow_graph",
    "executions.flow_from_execution",
    "executions.flow_from_execution_by_id",
    "executions.eval_expression",
    "executions.eval_task_run_expression",
    "executions.list_executable_namespaces",
    "executions.list_executable_flows_by_namespace",
    "executions.execution_average_duration",
    "executions.find_distinct_execution_field_values",
    "executions.export_executions_by_query_to_csv",
    "executions.latest_executions",
    "executions.validate_new_execution_inputs",
)
def test_an_execution_and_its_flow_are_looked_at(kestra: Any) -> None:
    look = kestra.executions
    done = look.create_execution("main", SPACE, "hello", wait=True, inputs={"name": "Ada"})
    assert any(node.uid == "root.ret" for node in look.execution_flow_graph(done.id, "main").nodes)
    assert look.flow_from_execution("main", SPACE, "hello").id == "hello"
    assert look.flow_from_execution_by_id(done.id, "main").tasks[0].id == "log"
    expression = "{{ inputs.name }} {{ outputs.ret.value }}"
    assert look.eval_expression(done.id, "main", expression) == {"result": "Ada Ada"}
    assert "nope" in look.eval_expression(done.id, "main", "{{ nope.x }}")["error"]
    run = done.task_run_list[0].id
    assert look.eval_task_run_expression(done.id, run, "main", "{{ taskrun.id }}").result == run
    assert SPACE in look.list_executable_namespaces("main")
    flows = look.list_executable_flows_by_namespace(SPACE, "main")
    assert "hello" in {flow.id for flow in flows}
    assert look.execution_average_duration(SPACE, "hello", "main")["count"] >= 1
    assert SPACE in look.find_distinct_execution_field_values("main", "NAMESPACE")
    assert done.id in look.export_executions_by_query_to_csv("main", of("hello"))
    last = look.latest_executions("main", [{"namespace": SPACE, "id": "hello"}])
    assert [each.id for each in last] == [done.id]
    checked = look.validate_new_execution_inputs(SPACE, "failing", "main", inputs={"bad": True})
    assert checked[0]["inputs"][0]["value"] is True


@pytest.mark.kestrapy("executions.search_executions", "executions.search_executions_by_flow_id")
def test_filters_are_grouped(engine: EngineProcess, kestra: Any) -> None:
    from kestrapy.models.query_filter_field import QueryFilterField as Field
    from kestrapy.query import and_, eq, or_, where

    hello = str(engine.run(f"{SPACE}/hello")["id"])
    leaving = str(engine.run(f"{SPACE}/leaving")["id"])

    def found(tree: Any) -> set[str]:
        answer = kestra.executions.search_executions("main", size=200, filters=where(tree))
        return {each["id"] for each in answer["results"]}

    both = or_(eq(Field.FLOW_ID, "hello"), eq(Field.FLOW_ID, "leaving"))
    assert {hello, leaving} <= found(and_(eq(Field.NAMESPACE, SPACE), both))
    mine = and_(eq(Field.NAMESPACE, SPACE), eq(Field.FLOW_ID, "hello"))
    only = or_(eq(Field.FLOW_ID, "none"), mine)
    assert hello in found(only)
    assert leaving not in found(only)
    kestra.executions.search_executions_by_flow_id("main", SPACE, "hello")
    for key in ("filters[or][x][flowId][EQUALS]", "filters[or][0]", "filters[or]"):
        answer = engine.session.get(
            engine.api("executions/search"), params={key: "hello"}, timeout=30
        )
        assert answer.status_code == 422
