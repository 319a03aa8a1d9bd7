"""Many flows at once, and what can be asked about flows, through the official client."""

import io
import zipfile
from typing import Any

import pytest

from tests.engine_process import EngineProcess

SPACE = "t.bulk"
WANTED = [{"field": "namespace", "operation": "EQUALS", "value": SPACE}]
CALLED = """\
id: called
namespace: t.bulk
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: a needle}]
"""
CALLING = """\
id: calling
namespace: t.bulk
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: t.bulk, flowId: called}
"""
BROKEN = "id: broken\nnamespace: t.bulk\ntasks: []\n"


def ids(kestra: Any) -> list[str]:
    return sorted(each.id for each in kestra.flows.list_flows_by_namespace(SPACE, "main"))


@pytest.fixture(autouse=True)
def flows(kestra: Any) -> None:
    kestra.flows.update_flows_in_namespace(SPACE, "main", f"{CALLED}---\n{CALLING}", delete=True)


@pytest.mark.kestrapy(
    "flows.update_flows_in_namespace", "flows.bulk_update_flows", "flows.list_flows_by_namespace"
)
def test_what_is_missing_from_a_bulk_is_deleted_only_when_asked_for(kestra: Any) -> None:
    changed = CALLED.replace("a needle", "changed")
    for delete, left in ((False, ["called", "calling"]), (True, ["called"])):
        kestra.flows.bulk_update_flows("main", delete=delete, namespace=SPACE, body=changed)
        assert ids(kestra) == left
    # nothing is written when one of them is not valid
    with pytest.raises(Exception, match="422"):
        kestra.flows.bulk_update_flows("main", delete=True, body=f"{CALLING}---\n{BROKEN}")
    with pytest.raises(Exception, match="422"):
        kestra.flows.update_flows_in_namespace("t.other", "main", CALLED, delete=False)
    assert ids(kestra) == ["called"]


@pytest.mark.kestrapy(
    "flows.export_flows_by_ids",
    "flows.export_flows_by_query",
    "flows.export_flows_by_query_csv",
    "flows.import_flows",
    "flows.delete_flows_by_ids",
    "flows.delete_flows_by_query",
)
def test_an_export_is_imported_again(kestra: Any) -> None:
    whole = kestra.flows.export_flows_by_query("main", filters=WANTED)
    names = [{"namespace": SPACE, "id": "called"}]
    part = kestra.flows.export_flows_by_ids("main", names)
    with zipfile.ZipFile(io.BytesIO(part)) as archive:
        assert archive.read("t.bulk.called.yml").decode().strip() == CALLED.strip()
    assert "t.bulk,calling," in kestra.flows.export_flows_by_query_csv("main", filters=WANTED)

    assert kestra.flows.delete_flows_by_ids("main", names).count == 1
    assert kestra.flows.delete_flows_by_query("main", filters=WANTED).count == 1
    assert kestra.flows.import_flows("main", file_content=whole) == []
    assert ids(kestra) == ["called", "calling"]
    refused = kestra.flows.import_flows("main", file_content=f"{CALLED}---\n{BROKEN}")
    assert refused == ["t.bulk.broken"]
    with pytest.raises(Exception, match="422"):
        kestra.flows.import_flows("main", fail_on_error=True, file_content=BROKEN)
    with pytest.raises(Exception, match="422"):
        kestra.flows.import_flows("main", file_content=b"PK\x03\x04 is no zip")
    with pytest.raises(Exception, match="400"):
        kestra.flows.delete_flows_by_ids("main", [{"namespace": SPACE, "id": "none"}])


@pytest.mark.kestrapy(
    "flows.disable_flows_by_ids",
    "flows.disable_flows_by_query",
    "flows.enable_flows_by_ids",
    "flows.enable_flows_by_query",
    "flows.flow",
)
def test_flows_are_switched_off_and_on(kestra: Any) -> None:
    names = [{"namespace": SPACE, "id": "called"}]
    assert kestra.flows.disable_flows_by_ids("main", names).count == 1
    assert kestra.flows.flow(SPACE, "called", "main").disabled is True
    assert kestra.flows.disable_flows_by_query("main", filters=WANTED).count == 1
    with pytest.raises(Exception, match="409"):
        kestra.executions.create_execution("main", SPACE, "called")
    assert kestra.flows.enable_flows_by_ids("main", names).count == 1
    assert kestra.flows.enable_flows_by_query("main", filters=WANTED).count == 1
    assert kestra.flows.flow(SPACE, "calling", "main").disabled is False


@pytest.mark.kestrapy(
    "flows.create_flow",
    "flows.create_flow_from_object",
    "flows.update_flow",
    "flows.update_flow_from_object",
    "flows.delete_flow",
    "flows.list_flow_revisions",
    "flows.delete_revisions",
)
def test_revisions_are_kept_and_deleted(kestra: Any) -> None:
    task = {"id": "x", "type": "io.kestra.plugin.core.log.Log", "message": "m"}
    kestra.flows.create_flow_from_object(
        "main", {"id": "made", "namespace": SPACE, "tasks": [task]}
    )
    changed = {"id": "made", "namespace": SPACE, "tasks": [{**task, "message": "n"}]}
    kestra.flows.update_flow_from_object(SPACE, "made", "main", changed)
    kestra.flows.update_flow(SPACE, "made", "main", CALLED.replace("id: called", "id: made"))
    found = kestra.flows.list_flow_revisions(SPACE, "made", "main")
    first = found[0].revision
    assert [each.revision for each in found] == [first, first + 1, first + 2]
    kestra.flows.delete_revisions(SPACE, "made", "main", [first])
    assert len(kestra.flows.list_flow_revisions(SPACE, "made", "main")) == 2
    with pytest.raises(Exception, match="422"):
        kestra.flows.delete_revisions(SPACE, "made", "main", [first + 2])
    kestra.flows.delete_flow(SPACE, "made", "main")
    kestra.flows.create_flow("main", CALLED.replace("id: called", "id: made"))


@pytest.mark.kestrapy(
    "flows.search_flows",
    "flows.search_flows_by_source_code",
    "flows.list_distinct_namespaces",
    "flows.list_deprecated",
    "flows.task_from_flow",
)
def test_flows_and_their_sources_are_searched(kestra: Any) -> None:
    found = kestra.flows.search_flows_by_source_code("main", q="NEEDLE", namespace=SPACE)
    assert [each.id for each in found.results] == ["called"]
    assert found.results[0].matches[0].line == 3
    exact = {"q": "NEEDLE", "namespace": SPACE, "case_sensitive": True}
    assert kestra.flows.search_flows_by_source_code("main", **exact).results == []
    assert kestra.flows.search_flows("main", filters=WANTED).total == 2
    assert SPACE in kestra.flows.list_distinct_namespaces("main", q="BULK")
    assert kestra.flows.list_deprecated("main", namespace=SPACE) == []
    assert kestra.flows.task_from_flow(SPACE, "calling", "sub", "main").type.endswith("Subflow")
    with pytest.raises(Exception, match="404"):
        kestra.flows.task_from_flow(SPACE, "calling", "none", "main")


@pytest.mark.kestrapy(
    "flows.generate_flow_graph",
    "flows.generate_flow_graph_from_source",
    "flows.flow_dependencies",
    "flows.flow_dependencies_from_namespace",
)
def test_graphs_show_tasks_and_flows(kestra: Any) -> None:
    graph = kestra.flows.generate_flow_graph(SPACE, "calling", "main", subflows=["root.sub"])
    assert any(node.uid == "root.sub" for node in graph.nodes)
    drawn = kestra.flows.generate_flow_graph_from_source("main", CALLED)
    assert any(node.uid == "root.log" for node in drawn.nodes)
    nodes: set[str] = set()
    for _ in range(100):  # the indexer writes them a moment later
        found = kestra.flows.flow_dependencies(SPACE, "calling", "main", expand_all=True)
        nodes = {node.id for node in found.nodes or []}
        if nodes == {"called", "calling"}:
            break
    assert nodes == {"called", "calling"}
    assert kestra.flows.flow_dependencies_from_namespace(SPACE, "main").nodes


@pytest.mark.kestrapy(
    "flows.validate_flows", "flows.validate_task", "flows.validate_trigger", "flows.expressions"
)
def test_parts_of_flows_are_checked(kestra: Any) -> None:
    right, wrong = kestra.flows.validate_flows("main", f"{CALLED}---\n{BROKEN}")
    assert right.constraints is None
    assert "must not be empty" in wrong.constraints
    task = {"id": "x", "type": "io.kestra.plugin.core.log.Log", "message": "m"}
    assert kestra.flows.validate_task("tasks", "main", task).constraints is None
    assert kestra.flows.validate_task("tasks", "main", {**task, "massage": "m"}).constraints
    trigger = {"id": "x", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "no"}
    assert "cron" in kestra.flows.validate_trigger("main", trigger).constraints
    known = kestra.flows.expressions("main", CALLED, task_id="log")
    assert "execution.id" in str(known)


@pytest.mark.kestrapy("flows.search_concurrency_limits", "flows.update_concurrency_limit")
def test_the_number_of_running_executions_can_be_corrected(
    engine: EngineProcess, kestra: Any
) -> None:
    limited = CALLED.replace("id: called", "id: limited") + "concurrency: {limit: 2}\n"
    kestra.flows.create_flow("main", limited)
    engine.run(f"{SPACE}/limited")
    found = kestra.flows.search_concurrency_limits("main").results
    limit = next(each for each in found if each.flow_id == "limited" and each.namespace == SPACE)
    assert limit.running == 0
    wanted = {"tenantId": "main", "namespace": SPACE, "flowId": "limited", "running": 0}
    assert kestra.flows.update_concurrency_limit(SPACE, "limited", "main", wanted).running == 0
