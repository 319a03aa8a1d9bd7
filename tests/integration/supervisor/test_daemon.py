"""A real supervisord starts, restarts and stops real processes."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from cerberus.supervisor import daemon
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.orphans import end_orphans, marked_processes, wait_until_gone
from tests.integration.supervisor.conftest import Running, with_mode


def test_all_processes_become_ready_and_stop_in_their_order(
    running: Running, tmp_path: Path
) -> None:
    running.start()
    running.wait_until_ready()

    started = time.monotonic()
    stopped = running.stop()

    assert sorted(stopped) == ["api", "engine", "simulator"]
    assert (tmp_path / "stopped").read_text().split() == ["engine", "api", "simulator"]
    assert time.monotonic() - started < 10
    assert not running.stack.state_file.exists()


def test_stopping_when_nothing_runs_stops_nothing(running: Running) -> None:
    assert running.stop() == []


def test_a_killed_process_is_restarted_and_its_death_is_reported(running: Running) -> None:
    running.start()
    pid = running.wait_until_ready().pids["api"]

    os.kill(pid, signal.SIGKILL)
    found = running.wait_until(
        lambda seen: seen.health["api"].phase is Phase.READY and seen.pids["api"] not in {0, pid}
    )

    assert found.health["api"].last_reason == "terminated by SIGKILL"
    assert len(found.health["api"].deaths) == 1
    log = running.stack.log_of("watch").read_text()
    assert "event=restarting process=api" in log
    assert "terminated by SIGKILL; death 1, limit 5" in log


def test_a_silent_process_is_restarted(running: Running, tmp_path: Path) -> None:
    running.start()
    pid = running.wait_until_ready().pids["engine"]

    mute = tmp_path / "engine" / "mute"
    mute.touch()
    running.wait_until(lambda seen: bool(seen.health["engine"].deaths))
    mute.unlink()
    found = running.wait_for("engine", Phase.READY)

    assert found.pids["engine"] != pid
    assert found.health["engine"].last_reason.startswith("silent for ")
    kinds = [event.kind for event in found.events if event.process == "engine"]
    assert kinds == ["ready", "silent", "terminated", "restarting", "starting", "ready"]


def test_a_silent_process_that_ignores_the_polite_signal_is_killed(
    running: Running, tmp_path: Path
) -> None:
    deaf = with_mode(running, "engine", "deaf")
    deaf.start()
    deaf.wait_until_ready()

    mute = tmp_path / "engine" / "mute"
    mute.touch()
    found = deaf.wait_until(lambda seen: bool(seen.health["engine"].deaths))
    mute.unlink()

    assert found.health["engine"].last_reason.endswith("terminated by SIGKILL")
    assert "killed" in [event.kind for event in found.events]


def test_a_process_that_cannot_start_is_given_up_and_the_others_go_on(running: Running) -> None:
    broken = with_mode(running, "api", "dies")
    broken.start()

    broken.wait_for("api", Phase.GIVEN_UP, timeout_seconds=60)
    # a look may see that it was given up before the last death is heard of
    found = broken.wait_until(lambda seen: len(seen.health["api"].deaths) == 6)

    assert found.given_up == ["api"]
    assert found.health["api"].last_reason == "exit status 3"
    assert found.health["engine"].phase is Phase.READY
    assert "cannot find its configuration" in broken.stack.log_of("api").read_text()


def test_a_watch_that_dies_goes_on_from_what_it_knew(running: Running) -> None:
    running.start()
    running.wait_until_ready()
    os.kill(running.pid("api"), signal.SIGKILL)
    running.wait_until(lambda seen: len(seen.health["api"].deaths) == 1)

    (watch,) = [item for item in marked_processes(running.stack.var) if item.name == "watch"]
    watch.process.kill()
    before = running.state().updated_at
    found = running.wait_until(lambda seen: seen.updated_at > before)

    assert len(found.health["api"].deaths) == 1


def test_children_of_a_killed_supervisord_are_found_and_ended(running: Running) -> None:
    pid = running.start()
    running.wait_until_ready()
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(pid, 5)

    assert daemon.running_pid(running.stack) is None
    ended = end_orphans(running.stack)

    assert [name.split()[0] for name in ended if not name.startswith("watch")] == [
        "engine",
        "api",
        "simulator",
    ]
    assert marked_processes(running.stack.var) == []


def test_a_stack_starts_again_after_its_supervisord_was_killed(running: Running) -> None:
    pid = running.start()
    running.wait_until_ready()
    os.kill(pid, signal.SIGKILL)
    assert wait_until_gone(pid, 5)
    end_orphans(running.stack)

    running.start()

    assert len(running.wait_until_ready().pids) == 3


def test_a_pid_file_that_names_a_foreign_process_is_not_believed(running: Running) -> None:
    running.stack.run.mkdir(parents=True)
    running.stack.pid_file.write_text(str(os.getpid()))

    assert daemon.running_pid(running.stack) is None


def test_a_var_folder_with_a_long_odd_name_works(running: Running, tmp_path: Path) -> None:
    odd = tmp_path / ("a folder with 100 % odd letters " + "x" * 60) / "var"
    moved = Running(
        type(running.stack)(tmp_path, odd, running.stack.programs[:1], running.stack.limits)
    )
    moved.start()
    try:
        moved.wait_until_ready()
    finally:
        assert moved.stop() == ["simulator"]


def test_a_supervisord_that_lost_its_pid_file_is_stopped_all_the_same(running: Running) -> None:
    running.start()
    running.wait_until_ready()
    running.stack.pid_file.unlink()

    running.stop()

    assert marked_processes(running.stack.var) == []


def test_a_supervisord_that_hangs_is_stopped_in_time(running: Running) -> None:
    pid = running.start()
    running.wait_until_ready()
    os.kill(pid, signal.SIGSTOP)

    started = time.monotonic()
    running.stop()

    assert time.monotonic() - started < 30
    assert marked_processes(running.stack.var) == []


@pytest.mark.parametrize("program", ["supervisord", "watch"])
def test_the_supervisor_is_small(running: Running, program: str) -> None:
    pid = running.start()
    running.wait_until_ready()
    pids = {item.name: item.process.pid for item in marked_processes(running.stack.var)}
    pids["supervisord"] = pid

    assert psutil.Process(pids[program]).memory_info().rss < 40e6
