"""`up` as a person sees it: what it prints, its exit code, and what is left running."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cerberus.supervisor import daemon
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.orphans import marked_processes, wait_until_gone
from cerberus.supervisor.stack import save
from tests.integration.supervisor.conftest import Running, with_mode

DRIVER = Path(__file__).with_name("drive_up.py")


def _command(running: Running, *words: str) -> list[str]:
    save(running.stack)
    given = running.stack.var.parent / "given.json"
    running.stack.stack_file.replace(given)
    return [sys.executable, str(DRIVER), str(given), *words]


def _up(running: Running, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(running, *words), capture_output=True, text=True, timeout=90, check=False
    )


@contextmanager
def _foreground(running: Running) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    output = running.stack.var.parent / "up.out"
    with (
        output.open("wb") as file,
        subprocess.Popen(
            _command(running),
            stdout=file,
            stderr=subprocess.STDOUT,
            # a test run in the background of a shell ignores Ctrl-C, and its children would too
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process,
    ):
        try:
            _wait_for_text(output, "Ctrl-C stops all")
            yield process, output
        finally:
            if process.poll() is None:
                process.terminate()


def _wait_for_text(path: Path, text: str) -> None:
    deadline = time.monotonic() + 40
    while text not in path.read_text():
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.05)


def test_a_detached_start_returns_once_all_are_ready(running: Running) -> None:
    answer = _up(running, "detach")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "secrets    10 generated" in answer.stdout
    assert "processes  all ready" in answer.stdout
    assert answer.stdout.index("first run") < answer.stdout.index("last words")
    assert {item.phase for item in running.state().health.values()} == {Phase.READY}


def test_a_second_start_is_fast_and_changes_nothing(running: Running) -> None:
    _up(running, "detach")
    before = {name: running.pid(name) for name in ("api", "engine", "simulator")}

    started = time.monotonic()
    answer = _up(running)

    # 0.3 s on a quiet machine
    assert time.monotonic() - started < 5
    assert answer.returncode == 0
    assert "runs already, nothing was changed" in answer.stdout
    assert "first run" not in answer.stdout
    assert {name: running.pid(name) for name in before} == before


def test_two_starts_at_once_make_one_stack(running: Running) -> None:
    command = _command(running, "detach")
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    outputs = [process.communicate(timeout=60)[0] for process in pair]

    assert [process.returncode for process in pair] == [0, 0]
    assert sum("runs already" in output for output in outputs) == 1
    assert len(marked_processes(running.stack.var)) == 5


def test_a_port_that_is_taken_is_named_with_its_setting(running: Running) -> None:
    number = running.stack.programs[1].ports[0].number
    with socket.create_server(("127.0.0.1", number)):
        answer = _up(running, "detach")

    assert answer.returncode == 1
    assert f"port {number} for the api is in use by" in answer.stdout
    assert f"(pid {os.getpid()})" in answer.stdout
    assert "set CERBERUS_API_PORT" in answer.stdout
    assert marked_processes(running.stack.var) == []


def test_a_process_that_cannot_start_is_shown_with_the_end_of_its_log(running: Running) -> None:
    answer = _up(with_mode(running, "api", "dies"), "detach")

    assert answer.returncode == 1
    assert "api did not start: exit status 3" in answer.stdout
    assert "  | stand-in cannot find its configuration" in answer.stdout
    assert f"the whole log is {running.stack.log_of('api')}" in answer.stdout
    assert marked_processes(running.stack.var) == []


def test_a_failing_step_stops_the_start(running: Running) -> None:
    answer = _up(running, "detach", "failing-step")

    assert answer.returncode == 1
    assert "the disk is full" in answer.stdout
    assert marked_processes(running.stack.var) == []


def test_a_bad_first_run_has_its_own_exit_code_and_leaves_the_stack_up(running: Running) -> None:
    answer = _up(running, "detach", "bad-run")

    assert answer.returncode == 3
    assert daemon.running_pid(running.stack) is not None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_foreground_stops_all(running: Running, number: signal.Signals) -> None:
    with _foreground(running) as (process, output):
        process.send_signal(number)

        assert process.wait(timeout=30) == 130

    for name in ("engine", "api", "simulator"):
        assert f"{name:<10} stopped" in output.read_text()
    assert marked_processes(running.stack.var) == []


def test_the_foreground_tells_of_a_death_and_ends_when_the_stack_is_stopped(
    running: Running,
) -> None:
    with _foreground(running) as (process, output):
        os.kill(running.pid("api"), signal.SIGKILL)
        _wait_for_text(output, "api        restarting  terminated by SIGKILL; death 1, limit 5")
        _wait_for_text(output, "api        starting")
        running.wait_until_ready()

        running.stop()

        assert process.wait(timeout=15) == 0
    assert "stopped by scripts/down" in output.read_text()


def test_the_foreground_starts_again_when_the_supervisor_is_killed(running: Running) -> None:
    with _foreground(running) as (_, output):
        pid = daemon.running_pid(running.stack)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        _wait_for_text(output, "the supervisor was killed, starting again")
        _wait_for_text(output, "ended what a killed supervisor left running")
        # what the old supervisor wrote still says ready: only a new pid tells of the new one
        deadline = time.monotonic() + 40
        while daemon.running_pid(running.stack) in {None, pid}:
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.05)
        running.wait_until_ready()


def test_the_next_start_ends_what_a_killed_supervisor_left(running: Running) -> None:
    _up(running, "detach")
    old = [item.process.pid for item in marked_processes(running.stack.var)]
    pid = daemon.running_pid(running.stack)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(pid, 5)

    answer = _up(running, "detach")

    assert answer.returncode == 0
    assert "ended what a killed supervisor left running: engine (pid" in answer.stdout
    assert not [number for number in old if psutil.pid_exists(number) and _lives(number)]


def test_two_stacks_run_side_by_side(running: Running, tmp_path: Path) -> None:
    moved = tuple(replace(item, name=item.name, ports=()) for item in running.stack.programs[:1])
    other = Running(replace(running.stack, var=tmp_path / "other", programs=moved))
    running = Running(replace(running.stack, programs=running.stack.programs[1:]))
    try:
        assert _up(running, "detach").returncode == 0
        assert _up(other, "detach").returncode == 0

        assert running.stop() == ["api", "engine"]
        assert daemon.running_pid(other.stack) is not None
    finally:
        assert other.stop() == ["simulator"]


def _lives(pid: int) -> bool:
    return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
