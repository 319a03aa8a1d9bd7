"""Executions, outputs and logs over the API."""

import time
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import HELLO, INPUTS, SLEEPING


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    for source in (HELLO, INPUTS, SLEEPING):
        engine.create_flow(source)


def test_runs_a_flow_and_waits_for_its_end(kestra: Any) -> None:
    done = kestra.executions.create_execution(
        "main", "t", "hello", labels=["team:a"], wait=True, inputs={"name": "Ada"}
    )
    assert done.state.current.value == "SUCCESS"
    assert done.url.endswith(f"/t/hello/{done.id}")
    assert {"key": "team", "value": "a"} in [
        {"key": label.key, "value": label.value} for label in done.labels
    ]
    assert kestra.outputs.execution_outputs(done.id, "main") == {"said": "Ada"}
    runs = kestra.outputs.task_outputs_information(done.id, "main")
    assert [run.task_id for run in runs] == ["ret"]
    outputs = kestra.outputs.task_run_outputs(done.id, runs[0].task_run_id, "main")
    assert outputs == {"value": "Ada"}


def test_reads_inputs_of_many_types_and_a_file(kestra: Any) -> None:
    done = kestra.executions.create_execution(
        "main",
        "t",
        "inputs",
        wait=True,
        inputs={
            "symbol": "BTCUSDT",
            "count": 4,
            "signal": {"a": "deep"},
            "file": ("in.csv", b"a,b"),
        },
    )
    said = kestra.outputs.execution_outputs(done.id, "main")
    assert said == {"said": "BTCUSDT|4|15.0|deep|a,b"}


def test_lists_and_searches_executions_without_task_runs(
    engine: EngineProcess, kestra: Any
) -> None:
    id_ = engine.run("t/hello")["id"]
    found = kestra.executions.search_executions_by_flow_id("main", "t", "hello", size=50)
    assert id_ in [each["id"] for each in found["results"]]
    assert all("taskRunList" not in each for each in found["results"])

    def ids(**filters: str) -> list[str]:
        query = {"size": "100", "sort": "state.startDate:desc", **filters}
        answer = engine.session.get(engine.api("executions/search"), params=query, timeout=30)
        assert answer.ok, answer.text
        return [each["id"] for each in answer.json()["results"]]

    assert id_ in ids(
        **{"filters[state][IN]": "SUCCESS,FAILED", "filters[flowId][EQUALS]": "hello"}
    )
    assert id_ not in ids(**{"filters[state][EQUALS]": "FAILED"})
    assert id_ in ids(**{"filters[timeRange][EQUALS]": "PT24H"})
    assert id_ in ids(namespace="t", flowId="hello", state="SUCCESS")


def test_kills_a_running_execution_and_refuses_to_kill_it_again(
    engine: EngineProcess, kestra: Any
) -> None:
    id_ = engine.run("t/sleeping", wait=False)["id"]
    engine.wait_for_state(id_, "RUNNING")
    time.sleep(0.5)  # until the worker has begun: before, there is nothing to end
    kestra.executions.kill_execution(id_, "main")
    engine.wait_for_state(id_, "KILLED")
    for path in (f"executions/{id_}/actions/kill", f"executions/{id_}/kill"):
        assert engine.session.delete(engine.api(path), timeout=30).status_code == 409


def test_shows_searches_and_downloads_logs(engine: EngineProcess, kestra: Any) -> None:
    id_ = engine.run("t/hello", name="Log")["id"]
    engine.messages(id_, containing="hello Log")
    assert kestra.logs.list_logs_from_execution(id_, "main", min_level="ERROR") == []
    assert kestra.logs.list_logs_from_execution(id_, "main", task_id="log")
    assert "hello Log" in kestra.logs.download_logs_from_execution(id_, "main")
    query = {"size": "3", "filters[flowId][EQUALS]": "hello"}
    found = engine.session.get(engine.api("logs/search"), params=query, timeout=30).json()
    assert len(found["results"]) == 3
    assert found["total"] >= 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("executions/t/none", 404),
        ("executions/t/inputs", 422),
        ("executions/t/hello?labels=nocolon", 422),
        ("executions/t/hello?labels=system.x:y", 422),
        ("executions/t/hello?revision=x", 422),
        ("executions/t/hello?revision=999", 404),
        ("executions/t/hello?kind=ODD", 422),
        ("executions/t/hello?scheduleDate=tomorrow", 422),
        ("executions/t/hello?wait=perhaps", 422),
    ],
)
def test_refuses_to_start_what_does_not_fit(engine: EngineProcess, path: str, status: int) -> None:
    answer = engine.session.post(engine.api(path), timeout=30)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "parts",
    [
        {"symbol": (None, "DOGE"), "count": (None, "1")},
        {"symbol": (None, "BTCUSDT"), "count": (None, "99")},
        {"symbol": (None, "BTCUSDT"), "count": (None, "NaN")},
        {"symbol": (None, "BTCUSDT"), "count": (None, "1"), "signal": (None, "{broken")},
        {"symbol": ("a.csv", b"x"), "count": (None, "1")},
    ],
)
def test_refuses_inputs_that_do_not_fit_and_starts_nothing(
    engine: EngineProcess, parts: dict[str, Any]
) -> None:
    def total() -> int:
        query = {"namespace": "t", "flowId": "inputs"}
        found = engine.session.get(engine.api("executions"), params=query, timeout=30)
        return int(found.json()["total"])

    before = total()
    answer = engine.session.post(engine.api("executions/t/inputs"), files=parts, timeout=30)
    assert answer.status_code == 422, answer.text
    assert total() == before


def test_a_disabled_flow_cannot_be_started(engine: EngineProcess) -> None:
    engine.create_flow(HELLO.replace("id: hello", "id: off", 1) + "disabled: true\n")
    answer = engine.session.post(engine.api("executions/t/off"), timeout=30)
    assert answer.status_code == 409
