import json
from collections.abc import Iterator

import pytest

from cerberus.client.kestra import Execution, KestraClient
from cerberus.errors import Transient
from tests.unit.client.answering_server import Answering, answering

RUNNING = {"id": "e1", "namespace": "n", "flowId": "f", "state": {"current": "RUNNING"}}


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
def kestra(server: Answering) -> Iterator[KestraClient]:
    with KestraClient(server.url, "me", "secret") as client:
        yield client


def test_a_flow_is_found_with_its_namespace(server: Answering, kestra: KestraClient) -> None:
    flows = [{"id": "ab", "namespace": "x"}, {"id": "a", "namespace": "y"}]
    server.text = json.dumps({"results": flows, "total": 2}).encode()

    assert kestra.find_flow("a") == "y"
    assert kestra.find_flow("b") is None
    assert server.asked[0].headers["Authorization"] == "Basic bWU6c2VjcmV0"


def test_a_run_sends_its_inputs_as_a_form(server: Answering, kestra: KestraClient) -> None:
    server.text = json.dumps(RUNNING).encode()

    execution = kestra.run("n", "f", {"signal": '{"side": "buy"}'})

    assert execution == Execution("e1", "n.f", "RUNNING")
    assert not execution.has_ended
    asked = server.asked[0]
    assert asked.path == "/api/v1/main/executions/n/f"
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="signal"\r\n\r\n{"side": "buy"}\r\n' in asked.body


def test_log_lines_come_in_order(server: Answering, kestra: KestraClient) -> None:
    lines = [
        {"timestamp": "2", "level": "INFO", "taskId": "b", "message": "later"},
        {"timestamp": "1", "level": "WARN", "message": "first"},
    ]
    server.text = json.dumps(lines).encode()

    assert [(line.task, line.message) for line in kestra.logs("e1")] == [
        ("", "first"),
        ("b", "later"),
    ]


def test_an_answer_that_is_no_object_is_refused(server: Answering, kestra: KestraClient) -> None:
    server.text = b"[]"

    with pytest.raises(Transient, match="is this Kestra"):
        kestra.execution("e1")
