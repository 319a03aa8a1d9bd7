"""What is left after a stop and after a kill."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.engine_process import EngineProcess, engine_process
from tests.integration.engine.flows import HELLO, python_task
from tests.integration.engine.roots import own_root

LOG_AFTER = "  - {id: after, type: io.kestra.plugin.core.log.Log, message: went on}\n"
EVERY_SECOND = (
    "triggers: [{id: tick, type: io.kestra.plugin.core.trigger.Schedule, "
    "cron: '* * * * * *', withSeconds: true}]\n"
)


def lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def wait_for_line(file: Path, seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not lines(file):
        assert time.monotonic() < limit, f"nothing was written to {file.name}"
        time.sleep(0.05)


def pids(file: Path) -> list[int]:
    return [int(line) for line in lines(file)]


def test_a_stop_waits_for_a_running_task_and_its_result_survives(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    work = python_task("work", f"echo begun >> {marks}; sleep 5; echo ended >> {marks}")
    with engine_process(tmp_path / "var") as engine:
        engine.create_flow(HELLO)
        engine.create_flow(work + LOG_AFTER)
        before = engine.run("t/hello", name="before")["id"]
        engine.messages(before, containing="hello before")
        running = engine.run("t/work", wait=False)["id"]
        wait_for_line(marks)
        assert engine.stop() < 30
        assert lines(marks) == ["begun", "ended"]

        engine.start()
        assert engine.wait_for_state(running, "SUCCESS", "FAILED") == "SUCCESS"
        engine.messages(running, containing="went on")
        assert lines(marks) == ["begun", "ended"]
        # executions, outputs, logs and flows of before
        assert engine.state(before) == "SUCCESS"
        assert engine.outputs(before) == {"said": "before"}
        engine.messages(before, containing="hello before")
        assert engine.run("t/hello")["state"]["current"] == "SUCCESS"


def test_a_stop_ends_a_task_that_is_longer_than_the_grace_and_says_failed(
    tmp_path: Path,
) -> None:
    marks, ids = tmp_path / "marks", tmp_path / "pids"
    work = python_task("work", f"echo $$ >> {ids}; sleep 100; echo ended >> {marks}")
    with engine_process(
        tmp_path / "var", environment={"CERBERUS_ENGINE_GRACE_SECONDS": "2"}
    ) as engine:
        engine.create_flow(work)
        running = engine.run("t/work", wait=False)["id"]
        wait_for_line(ids)
        assert engine.stop() < 20
        assert not any(psutil.pid_exists(pid) for pid in pids(ids))

        engine.start()
        assert engine.wait_for_state(running, "FAILED", "SUCCESS", seconds=10) == "FAILED"
        assert lines(marks) == []


def is_running(engine: EngineProcess, id_: str) -> bool:
    runs = engine.execution(id_).get("taskRunList", [])
    return any(run["state"]["current"] == "RUNNING" for run in runs)


def eventually(holds: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, f"never came: {what}"
        time.sleep(0.1)


@dataclass
class Killed:
    """An engine that died in the middle of work: one job ran, one was taken, the others wait."""

    engine: EngineProcess
    ids: Path
    ticks: Path
    started: list[str]
    family: list[psutil.Process]


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Killed]:
    ids, ticks = tmp_path / "pids", tmp_path / "ticks"
    # one thread takes one job more than it runs
    one_thread = {"CERBERUS_ENGINE_WORKER_THREADS": "1"}
    work = f"echo $$ >> {ids}; cd /; python -c 'import time; time.sleep(300)'"
    with engine_process(tmp_path / "var", environment=one_thread) as engine:
        engine.create_flow(python_task("ticking", f"echo tick >> {ticks}", more=EVERY_SECOND))
        wait_for_line(ticks)
        engine.create_flow(python_task("work", work))
        started = [engine.run("t/work", wait=False)["id"] for _ in range(3)]
        wait_for_line(ids)
        orphan = psutil.Process(pids(ids)[0])
        family = [orphan, *orphan.children(recursive=True)]
        time.sleep(1.5)  # until the schedule waits for its turn, too
        engine.kill()
        assert orphan.is_running()
        yield Killed(engine, ids, ticks, started, family)


def test_after_a_kill_all_that_was_left_is_ended_reported_and_goes_on(killed: Killed) -> None:
    engine, ticked = killed.engine, len(lines(killed.ticks))
    engine.start()
    assert not any(process.is_running() for process in killed.family)
    report = engine.session.get(f"{engine.url}/engine/reconciliation", timeout=30).json()
    assert killed.family[0].pid in [process["pid"] for process in report["processes"]]
    ended = {run["executionId"]: run["was"] for run in report["taskRuns"]}
    assert "RUNNING" in ended.values()
    assert "SUBMITTED" in ended.values()
    for id_ in ended:
        assert f"execution={id_}" in engine.log.read_text()
        engine.wait_for_state(id_, "FAILED", seconds=10)

    waiting = [id_ for id_ in killed.started if id_ not in ended]
    assert len(waiting) < len(killed.started)
    for id_ in waiting:
        eventually(lambda id_=id_: is_running(engine, id_), "a job that waited in the queue")
        url = engine.api(f"executions/{id_}/actions/kill")
        assert engine.session.delete(url, timeout=30).ok
    eventually(lambda: len(lines(killed.ticks)) >= ticked + 2, "the next tick of the schedule")
    # no task ran twice
    assert len(pids(killed.ids)) == len(set(pids(killed.ids))) <= 3


def test_a_task_sees_neither_secrets_nor_the_engines_settings(tmp_path: Path) -> None:
    root = own_root(tmp_path, "# one\nFROM_FILE=value-of-the-file-secret\n")
    seen = tmp_path / "seen"
    work = python_task(
        "work",
        f"env > {seen}; cd /proc/$PPID; cd ../$(cut -d ' ' -f 4 stat); grep -z . environ "
        f"| tr '\\0' '\\n' > {seen}.parent; "
        'echo "given $GIVEN"; python -c "import cerberus_tasks" && echo importable',
        env="{GIVEN: \"{{ secret('FROM_FILE') }}\"}",
    )
    planted = {"SECRET_X": "eA==", "KESTRA_X": "planted", "GATE_API_SECRET": "planted"}
    environment = {**planted, "CERBERUS_ROOT": str(root), "CERBERUS_API_TOKEN": "planted"}
    with engine_process(tmp_path / "var", environment=environment) as engine:
        engine.create_flow(work)
        id_ = engine.run("t/work")["id"]
        messages = engine.messages(id_, containing="importable")
        assert engine.state(id_) == "SUCCESS"
        hidden = ["planted", engine.secret("api_token"), engine.secret("webhook_key")]
        names = {line.partition("=")[0] for line in lines(seen)}
        assert names <= {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER"} | {
            "LOGNAME",
            "VIRTUAL_ENV",
            "GIVEN",
            "WORKING_DIR",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_",
        }
        both = seen.read_text() + Path(f"{seen}.parent").read_text()
        assert "SECRET" not in both
        assert not any(value in both for value in hidden)
        # and what the task was given is in no log
        text = "\n".join(messages) + engine.log.read_text()
        assert "value-of-the-file-secret" not in text
