"""What namespaces hold: values, files; and metrics and logs, through the official client."""

import io
import time
import zipfile
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.action_flows import LEAVING

SPACE = "t.space"
VALUES = [
    ('"text"', "STRING", "text"),
    ("1.5", "NUMBER", 1.5),
    ("true", "BOOLEAN", True),
    ("2026-01-01T00:00:00Z", "DATETIME", "2026-01-01T00:00:00.000000Z"),
    ("2026-01-01", "DATE", "2026-01-01"),
    ("PT5M", "DURATION", "PT5M"),
    ('{"a": [1, {"b": null}]}', "JSON", {"a": [1, {}]}),
]


@pytest.mark.kestrapy("kv.set_key_value", "kv.key_value")
@pytest.mark.parametrize(("literal", "kind", "value"), VALUES)
def test_a_value_keeps_its_type(kestra: Any, literal: str, kind: str, value: object) -> None:
    kestra.kv.set_key_value(SPACE, f"as-{kind}", "main", literal)
    found = kestra.kv.key_value(SPACE, f"as-{kind}", "main")
    assert (found.type.value, found.value) == (kind, value)


@pytest.mark.kestrapy(
    "kv.list_all_keys",
    "kv.list_keys_with_inheritance",
    "kv.delete_key_value",
    "kv.delete_key_values",
)
def test_keys_are_listed_inherited_and_deleted(kestra: Any) -> None:
    for key in ("one", "two", "three"):
        kestra.kv.set_key_value("t.keys", key, "main", "1")
    wanted = [{"field": "namespace", "operation": "EQUALS", "value": "t.keys"}]
    assert kestra.kv.list_all_keys("main", filters=wanted).total == 3
    inherited = kestra.kv.list_keys_with_inheritance("t.keys.child", "main")
    assert {each.key for each in inherited} == {"one", "two", "three"}
    assert kestra.kv.delete_key_value("t.keys", "one", "main") is True
    assert kestra.kv.delete_key_value("t.keys", "one", "main") is False
    with pytest.raises(Exception, match="404"):
        kestra.kv.key_value("t.keys", "one", "main")
    answer = kestra.kv.delete_key_values("t.keys", "main", {"keys": ["one", "two"]})
    assert answer.keys == ["two"]


def test_a_value_whose_time_is_over_is_gone(engine: EngineProcess) -> None:
    url = engine.api(f"namespaces/{SPACE}/kv/short")
    assert engine.session.put(url, "1", headers={"ttl": "PT0.5S"}, timeout=30).ok
    assert engine.session.get(url, timeout=30).json()["value"] == 1
    time.sleep(0.7)
    answer = engine.session.get(url, timeout=30)
    assert (answer.status_code, answer.json()["status"]) == (410, 410)


@pytest.mark.parametrize(
    ("key", "body", "headers"),
    [
        ("bad key!", "1", {}),
        ("x", "{broken", {}),
        ("x", "PT5X", {}),
        ("x", "1", {"ttl": "soon"}),
        ("x", b"\xff", {}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    engine: EngineProcess, key: str, body: str | bytes, headers: dict[str, str]
) -> None:
    url = engine.api(f"namespaces/{SPACE}/kv/{key}")
    answer = engine.session.put(url, body, headers=headers, timeout=30)
    assert answer.status_code == 422, answer.text


@pytest.mark.kestrapy(
    "files.create_namespace_directory",
    "files.create_namespace_file",
    "files.list_namespace_directory_files",
    "files.file_content",
    "files.file_metadatas",
    "files.file_revisions",
    "files.search_namespace_files",
    "files.export_namespace_files",
    "files.move_file_directory",
    "files.delete_file_directory",
)
def test_files_are_written_read_moved_and_deleted(kestra: Any) -> None:
    files, space = kestra.files, "t.files"
    files.create_namespace_directory(space, "main", path="code")
    for content in (b"first", b"second"):
        files.create_namespace_file(space, "code/a.py", "main", file_content=content)
    assert files.file_content(space, "code/a.py", "main") == b"second"
    assert files.file_content(space, "code/a.py", "main", revision=1) == b"first"
    found = files.file_revisions(space, "main", path="code/a.py")
    assert [each.revision for each in found] == [2, 1]
    assert files.file_metadatas(space, "main", path="code/a.py").size == 6
    assert [each.file_name for each in files.list_namespace_directory_files(space, "main")] == [
        "code"
    ]
    inside = files.list_namespace_directory_files(space, "main", path="code")
    assert [each.file_name for each in inside] == ["a.py"]
    assert files.search_namespace_files(space, "a.py", "main") == ["code/a.py"]
    packed = files.export_namespace_files(space, "main")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("code/a.py") == b"second"
    files.create_namespace_file("t.unpacked", "all.zip", "main", file_content=packed)
    assert files.file_content("t.unpacked", "code/a.py", "main") == b"second"
    files.move_file_directory(space, "code/a.py", "code/b.py", "main")
    with pytest.raises(Exception, match="404"):
        files.file_content(space, "code/a.py", "main")
    with pytest.raises(Exception, match="422"):
        files.file_content(space, "code", "main")
    files.delete_file_directory(space, "code", "main")
    assert files.list_namespace_directory_files(space, "main") == []


@pytest.mark.parametrize("path", ["../x", "/../../etc/passwd", "a/../../b", "..\\x"])
def test_no_path_leaves_the_namespace(kestra: Any, path: str) -> None:
    for call in (
        lambda: kestra.files.file_content(SPACE, path, "main"),
        lambda: kestra.files.create_namespace_file(SPACE, path, "main", file_content=b"x"),
        lambda: kestra.files.delete_file_directory(SPACE, path, "main"),
    ):
        with pytest.raises(Exception, match="422"):
            call()


@pytest.mark.kestrapy(
    "metrics.execution_metrics",
    "metrics.flow_metric_names",
    "metrics.task_metric_names",
    "metrics.tasks_with_metrics",
    "metrics.aggregate_flow_metric",
    "metrics.aggregate_task_metric",
    "logs.list_logs_from_execution",
    "logs.download_logs_from_execution",
    "logs.search_logs",
    "logs.delete_logs_from_execution",
    "logs.delete_logs_from_flow",
)
def test_metrics_and_logs_of_an_execution(engine: EngineProcess, kestra: Any) -> None:
    engine.create_flow(LEAVING.replace("t.act", SPACE))
    id_ = str(engine.run(f"{SPACE}/leaving")["id"])
    engine.messages(id_, containing="two")
    metrics, of_flow = kestra.metrics, (SPACE, "leaving")
    limit = time.monotonic() + 10
    while metrics.execution_metrics(id_, "main")["total"] < 2:
        assert time.monotonic() < limit, "the metrics never came"
    found = metrics.execution_metrics(id_, "main", task_id="publish")["results"]
    assert {each["name"]: each["value"] for each in found} == {"rows": 2.0, "took": 1500.0}
    assert metrics.execution_metrics(id_, "main", task_id="log")["total"] == 0
    assert sorted(metrics.flow_metric_names(*of_flow, "main")) == ["rows", "took"]
    assert sorted(metrics.task_metric_names(*of_flow, "publish", "main")) == ["rows", "took"]
    assert metrics.tasks_with_metrics(*of_flow, "main") == ["publish"]
    day = metrics.aggregate_flow_metric(*of_flow, "rows", "main", aggregation="sum")
    assert sum(each["value"] for each in day["aggregations"]) == 2.0
    assert metrics.aggregate_task_metric(*of_flow, "publish", "rows", "main")["aggregations"]

    logs = kestra.logs
    assert len(logs.list_logs_from_execution(id_, "main", task_id="log")) == 2
    assert "one" in logs.download_logs_from_execution(id_, "main")
    wanted = [{"field": "flowId", "operation": "EQUALS", "value": "leaving"}]
    assert logs.search_logs("main", filters=wanted).total >= 2
    logs.delete_logs_from_execution(id_, "main")
    assert logs.list_logs_from_execution(id_, "main") == []
    logs.delete_logs_from_flow(SPACE, "leaving", "none", "main")


@pytest.mark.kestrapy(
    "namespaces.namespace",
    "namespaces.search_namespaces",
    "namespaces.autocomplete_namespaces",
    "namespaces.inherited_secrets",
)
def test_namespaces_are_what_holds_something(kestra: Any) -> None:
    kestra.kv.set_key_value("t.deep.inside", "x", "main", "1")
    assert kestra.namespaces.namespace("t.deep", "main").id == "t.deep"
    with pytest.raises(Exception, match="404"):
        kestra.namespaces.namespace("t.none", "main")
    found = kestra.namespaces.search_namespaces("main", size=500)
    assert {"t", "t.deep", "t.deep.inside"} <= {each.id for each in found.results}
    assert kestra.namespaces.autocomplete_namespaces("main", {"q": "t.deep.i"}) == ["t.deep.inside"]
    assert "CERBERUS_WEBHOOK_KEY" in str(kestra.namespaces.inherited_secrets("t", "main"))


@pytest.mark.kestrapy("namespaces.list_secrets")
def test_names_of_secrets_are_listed_and_never_a_value(engine: EngineProcess, kestra: Any) -> None:
    found = kestra.namespaces.list_secrets("main", size=100)
    names = {each.key for each in found.results}
    assert {"CERBERUS_API_TOKEN", "CERBERUS_WEBHOOK_KEY"} <= names
    assert found.read_only
    assert found.total == len(names)
    assert len(kestra.namespaces.list_secrets("main", size=1).results) == 1
    answer = engine.session.get(engine.api("secrets"), params={"size": "100"}, timeout=30)
    assert engine.secret("webhook_key") not in answer.text
    wanted = [{"field": "q", "operation": "EQUALS", "value": "WEBHOOK"}]
    searched = kestra.namespaces.list_secrets("main", filters=wanted)
    assert [each.key for each in searched.results] == ["CERBERUS_WEBHOOK_KEY"]
