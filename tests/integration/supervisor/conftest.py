"""A stack of stand-in programs, real processes under a real supervisord."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from cerberus.supervisor import daemon
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.stack import Limits, Port, Program, Stack
from cerberus.supervisor.state import State, read
from tests.free_port import free_port

STAND_IN = Path(__file__).with_name("stand_in.py")
LIMITS = Limits(probe_seconds=0.2, silent_seconds=1.0, ready_seconds=20.0, stable_seconds=30)


@dataclass(frozen=True)
class Running:
    """A stack and the means to look at it and to hurt it."""

    stack: Stack

    def start(self) -> int:
        return daemon.start(self.stack, dict(os.environ))

    def stop(self) -> list[str]:
        return daemon.stop(self.stack, _ignore)

    def state(self) -> State:
        found = read(self.stack.state_file)
        assert found is not None
        return found

    def pid(self, name: str) -> int:
        return self.state().pids[name]

    def wait_for(self, name: str, phase: Phase, timeout_seconds: float = 30.0) -> State:
        return self.wait_until(lambda found: found.health[name].phase is phase, timeout_seconds)

    def wait_until(
        self, condition: Callable[[State], bool], timeout_seconds: float = 30.0
    ) -> State:
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            found = read(self.stack.state_file)
            if found is not None and condition(found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"not reached, state is {read(self.stack.state_file)}")

    def wait_until_ready(self) -> State:
        return self.wait_until(
            lambda found: all(item.phase is Phase.READY for item in found.health.values())
        )


def program(name: str, port: int, folder: Path, priority: int, mode: str = "good") -> Program:
    (folder / name).mkdir(exist_ok=True)
    url = f"http://127.0.0.1:{port}/health"
    return Program(
        name=name,
        command=(sys.executable, str(STAND_IN), str(port), str(folder / name), mode),
        priority=priority,
        ready_url=url,
        live_url=url,
        stop_seconds=2,
        ports=(Port(port, f"CERBERUS_{name.upper()}_PORT"),),
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    stack = Stack(
        root=tmp_path,
        var=tmp_path / "var",
        programs=(
            program("simulator", free_port(), tmp_path, 100),
            program("api", free_port(), tmp_path, 200),
            program("engine", free_port(), tmp_path, 300),
        ),
        limits=LIMITS,
    )
    held = Running(stack)
    yield held
    held.stop()
    assert [item for item in psutil.process_iter() if _belongs(item, stack)] == []


def with_mode(running: Running, name: str, mode: str) -> Running:
    """Return the same stack with one program in another mode."""
    programs = tuple(
        replace(item, command=(*item.command[:-1], mode)) if item.name == name else item
        for item in running.stack.programs
    )
    return Running(replace(running.stack, programs=programs))


def _belongs(process: psutil.Process, stack: Stack) -> bool:
    try:
        return process.environ().get("CERBERUS_STACK") == str(stack.var)
    except (psutil.Error, OSError):
        return False


def _ignore(name: str, state: str) -> None:
    del name, state
