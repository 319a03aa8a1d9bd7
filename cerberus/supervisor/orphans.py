"""Processes of a stack whose supervisord is gone, found by the mark in their environment.

The mark cannot be mistaken for another stack's, and a pid that was used again does not carry it.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from cerberus.supervisor.stack import PROCESS_VARIABLE, STACK_VARIABLE, Stack

DAEMON = "supervisord"
#: what `scripts/down` promises, less the time to clear up what is left
STOP_SECONDS = 28.0
KILL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Marked:
    """A living process that belongs to a stack."""

    name: str
    process: psutil.Process


def marked_processes(var: Path) -> list[Marked]:
    """Return every living process of the stack with this `var`, but not the caller."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        try:
            environment = process.environ()
            alive = process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            continue
        if alive and environment.get(STACK_VARIABLE) == str(var):
            found.append(Marked(environment.get(PROCESS_VARIABLE, "unknown"), process))
    return found


def descendants(pid: int) -> list[psutil.Process]:
    """Return all processes below this one."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end_orphans(stack: Stack) -> list[str]:
    """End what is left of a stack, in the order of its stop, and return what it was.

    Each program gets the time that it would have had; its descendants end with it.
    """
    # one that lost its pid file would start again what is ended here
    lost = [item.process for item in marked_processes(stack.var) if item.name == DAEMON]
    end(lost, STOP_SECONDS)
    orphans = marked_processes(stack.var)
    below = [child for orphan in orphans for child in descendants(orphan.process.pid)]
    ended = []
    for program in stack.in_stop_order():
        own = [orphan for orphan in orphans if orphan.name == program.name]
        ended += [f"{orphan.name} (pid {orphan.process.pid})" for orphan in own]
        end([orphan.process for orphan in own], program.stop_seconds)
    names = {program.name for program in stack.programs}
    rest = [orphan for orphan in orphans if orphan.name not in names]
    ended += [f"{orphan.name} (pid {orphan.process.pid})" for orphan in rest]
    end([*(orphan.process for orphan in rest), *below], KILL_SECONDS)
    return ended


def end(processes: Iterable[psutil.Process], grace_seconds: float) -> None:
    """End these processes: politely first, by force after the grace."""
    living = [process for process in processes if _lives(process)]
    _signal(living, force=False)
    stubborn = _wait(living, grace_seconds)
    _signal(stubborn, force=True)
    _wait(stubborn, KILL_SECONDS)


def wait_until_gone(pid: int, timeout_seconds: float) -> bool:
    """Wait for a process that need not be our child; say whether it went."""
    try:
        return not _wait([psutil.Process(pid)], timeout_seconds)
    except psutil.NoSuchProcess:
        return True


def is_alive(pid: int) -> bool:
    """Say whether a process lives; one that waits to be collected does not."""
    try:
        return _lives(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(processes: list[psutil.Process], timeout_seconds: float) -> list[psutil.Process]:
    """Return those that still live at the end; psutil's own wait takes a zombie for alive."""
    deadline = time.monotonic() + timeout_seconds
    while living := [process for process in processes if _lives(process)]:
        if time.monotonic() >= deadline:
            break
        time.sleep(0.05)
    return living


def _signal(processes: Iterable[psutil.Process], *, force: bool) -> None:
    for process in processes:
        try:
            if force:
                process.kill()
            else:
                process.terminate()
        except psutil.NoSuchProcess:
            continue
