"""Inputs of every type, files and dates, as forms carry them."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import HELLO

SPACE = "t.typed"
TYPED = """\
id: typed
namespace: t.typed
inputs:
  - {id: string, type: STRING, validator: "[a-z ]+"}
  - {id: int, type: INT, min: 1, max: 9}
  - {id: float, type: FLOAT}
  - {id: bool, type: BOOL}
  - {id: select, type: SELECT, values: [a, b]}
  - {id: multi, type: MULTISELECT, values: [a, b, c]}
  - {id: datetime, type: DATETIME}
  - {id: date, type: DATE}
  - {id: time, type: TIME}
  - {id: duration, type: DURATION}
  - {id: json, type: JSON}
  - {id: yaml, type: YAML}
  - {id: array, type: ARRAY, itemType: INT}
  - {id: uri, type: URI}
  - {id: email, type: EMAIL}
  - {id: secret, type: SECRET}
  - {id: file, type: FILE}
tasks:
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: >-
      {{ inputs.string }}|{{ inputs.int + 1 }}|{{ inputs.float }}|{{ inputs.bool }}
      |{{ inputs.select }}|{{ inputs.multi | join('+') }}|{{ inputs.json.a }}
      |{{ inputs.yaml.b }}|{{ inputs.array[1] }}
      |{{ inputs.email }}|{{ read(inputs.file) }}|{{ inputs.secret | length }}
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
"""
FITTING: dict[str, Any] = {
    "string": "plain text",
    "int": 4,
    "float": 1.25,
    "bool": True,
    "select": "b",
    "multi": ["a", "c"],
    "datetime": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05",
    "duration": "PT5M",
    "json": {"a": [1]},
    "yaml": "b: deep",
    "array": [10, 20],
    "uri": "https://example.org/x",
    "email": "a@example.org",
    "secret": "hush",
    "file": ("data.csv", b"1,2"),
}


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    engine.create_flow(TYPED)
    engine.create_flow(HELLO.replace("namespace: t", f"namespace: {SPACE}", 1))


def test_each_type_reaches_the_flow(kestra: Any) -> None:
    done = kestra.executions.create_execution("main", SPACE, "typed", wait=True, inputs=FITTING)
    said = kestra.outputs.execution_outputs(done.id, "main")["said"]
    expected = "plain text|5|1.25|true |b|a+c|[1] |deep|20 |a@example.org|1,2|4"
    assert said == expected
    assert "hush" not in str(done.inputs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("string", "DIGITS 1"),
        ("int", 10),
        ("int", "1.5"),
        ("float", "much"),
        ("select", "c"),
        ("multi", ["d"]),
        ("datetime", "yesterday"),
        ("date", "2026-02-30"),
        ("time", "25:00"),
        ("duration", "five"),
        ("json", "{"),
        ("array", ["x"]),
        ("uri", "no uri"),
        ("email", "nobody"),
        ("int", ("x.csv", b"1")),
        ("file", None),
    ],
)
def test_what_does_not_fit_its_type_is_refused(kestra: Any, name: str, value: Any) -> None:
    inputs = {**FITTING, name: value}
    if value is None:
        del inputs[name]
    with pytest.raises(Exception, match="422") as refused:
        kestra.executions.create_execution("main", SPACE, "typed", inputs=inputs)
    # what Jackson says of broken JSON names no input
    assert name == "json" or name in str(refused.value)


def test_a_date_to_start_at_is_waited_for(engine: EngineProcess, kestra: Any) -> None:
    wanted = datetime.now(UTC) + timedelta(seconds=2)
    begun = kestra.executions.create_execution(
        "main", SPACE, "hello", schedule_date=wanted.isoformat()
    )
    assert engine.state(begun.id) == "CREATED"
    engine.wait_for_state(begun.id, "SUCCESS")
    runs = engine.execution(begun.id)["taskRunList"]
    assert min(run["state"]["startDate"] for run in runs) >= wanted.strftime("%Y-%m-%dT%H:%M:%S")


def test_files_of_a_form_are_validated(engine: EngineProcess) -> None:
    files = [
        ("flows", ("good.yml", HELLO, "application/x-yaml")),
        ("flows", ("bad.yml", "id: x\nnamespace: t\ntasks: []\n", "application/x-yaml")),
    ]
    answer = engine.session.post(engine.api("flows/validate"), files=files, timeout=30).json()
    assert [each["filename"] for each in answer] == ["good.yml", "bad.yml"]
    assert "constraints" not in answer[0]
    assert "must not be empty" in answer[1]["constraints"]


def test_a_wait_answers_with_the_end(engine: EngineProcess) -> None:
    began = time.monotonic()
    assert engine.run(f"{SPACE}/hello")["state"]["current"] == "SUCCESS"
    assert time.monotonic() - began < 20
