"""A task's processes: their folder, their limits, and that nothing of them is left."""

import time
from pathlib import Path

import psutil

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import python_task

STUBBORN = "trap '' TERM; while :; do sleep 1; done"


def run(
    engine: EngineProcess, name: str, *commands: str, more: str = "", wanted: str = ""
) -> tuple[str, list[str]]:
    """Run a task to its end and return its state and its log, once a line has what is wanted."""
    source = python_task(name, *commands)
    engine.create_flow(source.replace("    commands:", f"{more}    commands:"))
    id_ = engine.run(f"t/{name}")["id"]
    return engine.state(id_), engine.messages(id_, containing=wanted) if wanted else []


def living(marks: Path) -> list[psutil.Process]:
    found = []
    for word in marks.read_text().split():
        try:
            found.append(psutil.Process(int(word)))
        except psutil.NoSuchProcess:
            continue
    return found


def test_a_timeout_ends_children_that_ignore_the_request_and_left_the_group(
    guarded: EngineProcess, tmp_path: Path
) -> None:
    marks = tmp_path / "pids"
    command = (
        f"echo $$ >> {marks}; (echo $$ >> {marks}; {STUBBORN}) & "
        f'setsid sh -c "echo \\$\\$ >> {marks}; {STUBBORN}" & {STUBBORN}'
    )
    began = time.monotonic()
    state, lines = run(guarded, "stubborn", command, more="    timeout: PT2S\n")
    assert state == "FAILED"
    assert time.monotonic() - began < 15
    limit = time.monotonic() + 8
    while living(marks):
        assert time.monotonic() < limit, f"still there: {living(marks)}, {lines}"
        time.sleep(0.1)
    assert len(set(marks.read_text().split())) >= 2


def test_what_a_task_left_in_the_background_ends_with_it(
    guarded: EngineProcess, tmp_path: Path
) -> None:
    marks = tmp_path / "pids"
    command = f"nohup sh -c 'echo $$ >> {marks}; sleep 300' & sleep 0.5; echo over"
    began = time.monotonic()
    state, lines = run(guarded, "background", command, wanted="over")
    assert (state, time.monotonic() - began < 15) == ("SUCCESS", True)
    assert "over" in lines
    assert living(marks) == []


def test_a_task_that_allocates_without_end_fails_and_the_engine_lives(
    guarded: EngineProcess,
) -> None:
    script = "x=[]\\nwhile True: x.append(bytearray(10**7))"
    state, _ = run(guarded, "alone", f"printf '{script}' > a.py; python a.py", wanted="MemoryError")
    assert state == "FAILED"


def test_the_children_of_a_task_share_its_memory(guarded: EngineProcess) -> None:
    child = "python -c 'import time; x=bytearray(9*10**7); time.sleep(30)'"
    commands = f"{child} & {child} & {child} & wait"
    state, _ = run(guarded, "family", commands, wanted="exceeds limit 200 MB")
    assert state == "FAILED"


def test_a_task_that_prints_without_end_fails_and_its_log_stays_small(
    guarded: EngineProcess,
) -> None:
    for name, command, limit in (
        ("wordy", "yes a-line-of-words", "500 lines"),
        ("endless", "tr '\\0' x < /dev/zero", "256 KB"),
    ):
        state, lines = run(guarded, name, command, wanted=f"output exceeds limit {limit}")
        assert state == "FAILED"
        assert sum(len(line) for line in lines) < 600_000


def test_each_task_has_a_folder_of_its_own_which_goes_with_it(
    guarded: EngineProcess, tmp_path: Path
) -> None:
    marks = tmp_path / "folders"
    for name in ("one", "two"):
        state, _ = run(guarded, f"folder_{name}", f"ls | wc -l >> {marks}; pwd >> {marks}; touch x")
        assert state == "SUCCESS"
    count, one, again, two = marks.read_text().split()
    assert count == again  # the second finds nothing of the first
    assert one != two
    tmp = (guarded.var / "kestra" / "tmp").resolve()
    assert all(tmp in Path(folder).parents and not Path(folder).exists() for folder in (one, two))


def test_the_exit_code_and_the_outputs_of_a_command_pass_the_guard(guarded: EngineProcess) -> None:
    state, lines = run(guarded, "code", "echo out; echo err >&2; exit 7", wanted="exit code 7")
    assert state == "FAILED"
    assert {"out", "err"} <= set(lines)
