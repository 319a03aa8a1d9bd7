"""The guard of a task's process, alone; with an engine it is tested in the integration tests."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cerberus.engine.tasks import guard

GUARD = [sys.executable, "-I", "-S", guard.__file__]


def words(*command: str, seconds: str = "20", lines: str = "100") -> list[str]:
    return [*GUARD, "100", "64", lines, seconds, "--", *command]


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("exec not-a-command", 127)],
)
def test_gives_back_the_exit_code_of_the_command(command: str, code: int) -> None:
    assert subprocess.run(words("sh", "-c", command), check=False).returncode == code


def test_says_which_command_cannot_be_run() -> None:
    done = subprocess.run(words("/no/such"), capture_output=True, text=True, check=False)
    assert done.returncode == 127
    assert "guard: /no/such cannot be run" in done.stderr


def test_passes_both_streams_on_and_nothing_beyond_the_limit() -> None:
    command = "echo out; echo err >&2; head -c 65536 /dev/zero; sleep 20"
    done = subprocess.run(words("sh", "-c", command), capture_output=True, check=False)
    assert done.returncode == guard.EXIT_OUTPUT
    assert done.stdout.startswith(b"out\n")
    assert done.stderr.startswith(b"err\n")
    assert len(done.stdout) + len(b"err\n") == 65536
    assert b"output exceeds limit 64 KB" in done.stderr


def test_ends_the_command_at_its_time_and_on_request() -> None:
    began = time.monotonic()
    done = subprocess.run(
        words("sleep", "20", seconds="0.3"), capture_output=True, text=True, check=False
    )
    assert (done.returncode, "time exceeds limit 0.3 s" in done.stderr) == (guard.EXIT_TIME, True)
    with subprocess.Popen(words("sh", "-c", "echo on; sleep 20"), stdout=subprocess.PIPE) as asked:
        assert asked.stdout is not None
        asked.stdout.readline()
        asked.send_signal(signal.SIGTERM)
        assert asked.wait(10) == 128 + signal.SIGTERM
    assert time.monotonic() - began < 10


def test_a_reader_that_is_gone_ends_the_command(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    command = f"echo $$ > {mark}; while :; do echo x; sleep 0.1; done"
    with subprocess.Popen(
        words("sh", "-c", command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.wait(10) == 128 + signal.SIGPIPE
    assert not Path("/proc", mark.read_text().strip()).exists()
