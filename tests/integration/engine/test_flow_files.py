"""Flow files at the start of an engine, while it runs, and without one."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cerberus.supervisor.schedules import EngineOverHttp
from tests.engine_process import EngineProcess, engine_process
from tests.integration.engine.flows import HELLO

BROKEN_FIELD = HELLO.replace("id: hello", "id: other", 1).replace("message:", "massage:")


def report(engine: EngineProcess) -> dict[str, dict[str, object]]:
    found = engine.session.get(f"{engine.url}/engine/flow-files", timeout=30).json()
    return {entry["file"]: entry for entry in found}


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    (folder / "trading").mkdir(parents=True)
    (folder / "trading" / "hello.yaml").write_text(HELLO)
    (folder / "other.yml").write_text(BROKEN_FIELD)
    (folder / "syntax.yaml").write_text("id: syntax\nnamespace: t\ntasks: [\n")
    (folder / "readme.md").write_text("no flow")
    return folder


def assert_broken_files_are_reported(engine: EngineProcess) -> None:
    found = report(engine)
    assert found["trading/hello.yaml"]["outcome"] == "created"
    assert found["other.yml"]["outcome"] == "broken"
    assert found["other.yml"]["line"] == 5
    assert "massage" in str(found["other.yml"]["reason"])
    assert found["syntax.yaml"]["outcome"] == "broken"
    assert found["syntax.yaml"]["line"] in (3, 4)
    assert "readme.md" not in found
    assert "flow file other.yml:5 is broken" in engine.log.read_text()
    # what the supervisor's watch process tells the API, which alerts
    password = engine.var / "secrets" / "kestra_password"
    watched = EngineOverHttp(engine.url, "admin@cerberus.local", password).broken_flow_files()
    assert watched.keys() == {"other.yml", "syntax.yaml"}
    assert watched["other.yml"].startswith("line 5: ")
    assert "massage" in watched["other.yml"]


def test_a_broken_file_is_reported_and_leaves_the_others_and_its_last_version(
    flows: Path, tmp_path: Path
) -> None:
    good = flows / "trading" / "hello.yaml"
    with engine_process(tmp_path / "var", flows=flows) as engine:
        assert_broken_files_are_reported(engine)
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"
        engine.stop()

        good.write_text(HELLO + "nonsense: true\n")
        (flows / "other.yml").write_text(BROKEN_FIELD.replace("massage:", "message:"))
        engine.start()
        second = report(engine)
        assert second["trading/hello.yaml"]["outcome"] == "broken"
        assert second["trading/hello.yaml"]["line"] == HELLO.count("\n") + 1
        assert second["other.yml"] == {
            "file": "other.yml",
            "outcome": "created",
            "namespace": "t",
            "id": "other",
            "revision": 1,
        }
        again = engine.run("t/hello")
        assert (again["state"]["current"], again["flowRevision"]) == ("SUCCESS", 1)
        engine.stop()

        good.write_text(HELLO)
        engine.start()
        assert report(engine)["trading/hello.yaml"]["outcome"] == "unchanged"
        assert report(engine)["trading/hello.yaml"]["revision"] == 1
        assert_changes_are_followed(engine, good)


def assert_changes_are_followed(engine: EngineProcess, file: Path) -> None:
    file.write_text(HELLO.replace("defaults: world", "defaults: moon"))
    assert wait_for(engine, "trading/hello.yaml", "updated")["revision"] == 2
    assert engine.outputs(engine.run("t/hello")["id"]) == {"said": "moon"}

    file.write_text(HELLO + "nonsense: true\n")
    wait_for(engine, "trading/hello.yaml", "broken")
    assert engine.outputs(engine.run("t/hello")["id"]) == {"said": "moon"}

    file.unlink()
    wait_for(engine, "trading/hello.yaml", "disabled")
    refused = engine.session.post(engine.api("executions/t/hello"), timeout=30)
    assert refused.status_code == 409

    file.write_text(HELLO)
    wait_for(engine, "trading/hello.yaml", "updated")
    assert engine.outputs(engine.run("t/hello")["id"]) == {"said": "world"}


def wait_for(engine: EngineProcess, file: str, outcome: str) -> dict[str, object]:
    limit = time.monotonic() + 10
    while (found := report(engine).get(file, {})).get("outcome") != outcome:
        assert time.monotonic() < limit, f"{file} is {found}, wanted {outcome}"
        time.sleep(0.1)
    return found


BROKEN = {
    "field": BROKEN_FIELD,
    "type": HELLO.replace("debug.Return", "debug.Nope"),
    "empty": "id: empty\nnamespace: t\ntasks: []\n",
    "twice": HELLO.replace("id: ret", "id: log"),
    "cron": HELLO + "triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: 99}]\n",
    "input": HELLO.replace("type: STRING,", "type: STRNG,"),
    "syntax": "id: syntax\nnamespace: t\ntasks: [\n",
}


def test_the_parser_alone_says_what_the_engine_says(engine: EngineProcess, tmp_path: Path) -> None:
    for name, source in {**BROKEN, "good": HELLO}.items():
        (tmp_path / f"{name}.yaml").write_text(source)
    command = [sys.executable, "-m", "cerberus.cli", "flow", "validate", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    *problems, total = done.stdout.splitlines()
    assert total == f"{len(BROKEN) + 1} flows in {len(BROKEN) + 1} files, {len(BROKEN)} problems"
    said = {line.split(":", 2)[0]: line.split(":", 2)[2].strip() for line in problems}
    for name, source in BROKEN.items():
        url = engine.api("flows/validate")
        constraints = engine.session.post(url, source, timeout=30).json()[0]["constraints"]
        # the engine may put "Validation error: " in front
        assert " ".join(constraints.split()).endswith(said[str(tmp_path / f"{name}.yaml")])
