"""Flows over the API, with the official client where it has a method."""

from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import HELLO, INPUTS

NOPE = "id: nope\nnamespace: t\ntasks: [{id: a, type: io.kestra.plugin.core.log.Nope}]\n"


def named(source: str, flow_id: str) -> str:
    first, _, rest = source.partition("\n")
    return f"id: {flow_id}\n{rest}" if first else source


def test_creates_updates_and_reads_a_flow_with_its_source(kestra: Any) -> None:
    created = kestra.flows.create_flow("main", named(HELLO, "crud"))
    assert (created.id, created.revision) == ("crud", 1)
    changed = named(HELLO, "crud").replace("hello {{", "hi {{")
    assert kestra.flows.update_flow("t", "crud", "main", changed).revision == 2
    assert kestra.flows.flow("t", "crud", "main", source=True).source == changed
    assert kestra.flows.flow("t", "crud", "main").source is None


def test_an_update_with_the_same_source_makes_no_revision(kestra: Any) -> None:
    source = named(HELLO, "same")
    kestra.flows.create_flow("main", source)
    assert kestra.flows.update_flow("t", "same", "main", source).revision == 1


def test_lists_searches_and_deletes_flows(kestra: Any, engine: EngineProcess) -> None:
    kestra.flows.create_flow("main", named(HELLO, "gone"))
    assert "gone" in [flow.id for flow in kestra.flows.list_flows_by_namespace("t", "main")]
    query = {"filters[q][EQUALS]": "gone", "size": "5"}
    found = engine.session.get(engine.api("flows/search"), params=query, timeout=30).json()
    assert [flow["id"] for flow in found["results"]] == ["gone"]
    assert found["total"] == 1
    kestra.flows.delete_flow("t", "gone", "main")
    assert engine.session.get(engine.api("flows/t/gone"), timeout=30).status_code == 404


def test_validates_each_document_without_writing_it(kestra: Any) -> None:
    good, bad = kestra.flows.validate_flows("main", named(HELLO, "checked") + "---\n" + NOPE)
    assert not good.constraints
    assert "io.kestra.plugin.core.log.Nope" in bad.constraints
    assert "checked" not in [flow.id for flow in kestra.flows.list_flows_by_namespace("t", "main")]


def test_paths_without_the_tenant_mean_the_same(engine: EngineProcess) -> None:
    engine.create_flow(named(INPUTS, "tenantless"))
    short = engine.session.get(f"{engine.url}/api/v1/flows/t/tenantless", timeout=30)
    long = engine.session.get(engine.api("flows/t/tenantless"), timeout=30)
    assert short.json() == long.json()
    other = engine.session.get(f"{engine.url}/api/v1/other/flows/t/tenantless", timeout=30)
    assert other.status_code == 404


@pytest.mark.parametrize(
    ("source", "part_of_detail"),
    [
        ("", "empty"),
        ("id: x\n  namespace: [broken", "line"),
        ("- a\n- b\n", ""),
        ("just text", ""),
        ("id: x\nnamespace: t\ntasks: []\n", "tasks"),
        ("id: x\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log}]\n", "namespace"),
        (NOPE, "Nope"),
        (named(HELLO, "x").replace("message:", "massage:"), "massage"),
        ("\x00", ""),
        ("id: " + "x" * 10_000 + "\nnamespace: t\ntasks: []\n", ""),
    ],
)
def test_a_broken_flow_is_refused_with_a_reason(
    engine: EngineProcess, source: str, part_of_detail: str
) -> None:
    answer = engine.session.post(engine.api("flows"), source.encode(), timeout=30)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert part_of_detail in answer.json()["detail"]
    assert engine.session.get(engine.api("flows/t/x"), timeout=30).status_code == 404


def test_writing_refuses_what_is_there_already_or_is_not(engine: EngineProcess) -> None:
    source = named(HELLO, "twice")
    engine.create_flow(source)
    again = engine.session.post(engine.api("flows"), source, timeout=30)
    assert again.status_code == 422
    missing = engine.session.put(engine.api("flows/t/missing"), named(HELLO, "missing"), timeout=30)
    assert missing.status_code == 404
    renamed = engine.session.put(engine.api("flows/t/twice"), named(HELLO, "other"), timeout=30)
    assert renamed.status_code == 422
