import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cerberus.engine.jvm.orphans import end_orphans

SLEEP = "import time; print(flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP


@contextmanager
def child(folder: Path, code: str = SLEEP, **environment: str) -> Iterator[subprocess.Popen[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_ends_what_works_below_the_folder_and_nothing_else(tmp_path: Path) -> None:
    tmp = tmp_path / "tmp"
    with (
        child(tmp / "one") as inside,
        child(tmp / "two", STUBBORN) as stubborn,
        child(tmp_path, WORKING_DIR=str(tmp / "three")) as moved,
        child(tmp_path / "tmp-other") as outside,
        child(tmp_path, WORKING_DIR=str(tmp_path / "tmp-other")) as other,
    ):
        ended = end_orphans(tmp)
        assert {each.pid for each in ended} == {inside.pid, stubborn.pid, moved.pid}
        for process in (inside, stubborn, moved):
            process.wait(5)
        assert outside.poll() is None
        assert other.poll() is None


def test_finds_a_process_whose_folder_was_removed(tmp_path: Path) -> None:
    folder = tmp_path / "tmp" / "one"
    with child(folder) as process:
        folder.rmdir()
        assert [each.pid for each in end_orphans(tmp_path / "tmp")] == [process.pid]
        process.wait(5)
