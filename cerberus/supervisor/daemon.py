"""supervisord of one stack: is it there, start it, stop it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from cerberus.errors import Misconfigured, Transient
from cerberus.supervisor.configuration import socket_path, supervisord_configuration
from cerberus.supervisor.control import SocketControl
from cerberus.supervisor.orphans import (
    DAEMON,
    STOP_SECONDS,
    descendants,
    end,
    end_orphans,
    is_alive,
    wait_until_gone,
)
from cerberus.supervisor.stack import PROCESS_VARIABLE, STACK_VARIABLE, Stack, save

START_SECONDS = 15.0


def control(stack: Stack) -> SocketControl:
    """Return the remote interface of the stack's supervisord."""
    return SocketControl(socket_path(stack))


def running_pid(stack: Stack) -> int | None:
    """Return the pid of the stack's supervisord, if it lives."""
    try:
        pid = int(stack.pid_file.read_text())
        environment = psutil.Process(pid).environ()
    except (OSError, ValueError, psutil.Error):
        return None
    ours = (environment.get(STACK_VARIABLE), environment.get(PROCESS_VARIABLE))
    return pid if ours == (str(stack.var), DAEMON) and is_alive(pid) else None


def start(stack: Stack, environment: dict[str, str]) -> int:
    """Start supervisord, which starts the programs, and return its pid.

    Raises
    ------
    Misconfigured
        It ended at once; the message holds what it said.
    """
    for folder in (stack.run, stack.log, stack.state_file.parent, socket_path(stack).parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stack.state_file.unlink(missing_ok=True)
    socket_path(stack).unlink(missing_ok=True)
    save(stack)
    configuration = stack.run / "supervisord.conf"
    configuration.write_text(supervisord_configuration(stack))
    _launch(stack, configuration, environment)
    return _wait_for_control(stack)


def _launch(stack: Stack, configuration: Path, environment: dict[str, str]) -> None:
    # supervisord puts itself into the background once its configuration and its socket are good
    marks = {STACK_VARIABLE: str(stack.var), PROCESS_VARIABLE: DAEMON}
    output = stack.log_of("supervisord-start")
    with output.open("w") as file:
        answer = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment | marks,
            cwd=stack.var,
            timeout=START_SECONDS,
            check=False,
        )
    if answer.returncode != 0:
        raise Misconfigured(f"supervisord did not start: {output.read_text().strip()}")


def _wait_for_control(stack: Stack) -> int:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return control(stack).pid()
        except Transient as error:
            if time.monotonic() > deadline:
                log = stack.log_of(DAEMON)
                raise Misconfigured(f"supervisord does not answer, see {log}: {error}") from error
            time.sleep(0.05)


def stop(stack: Stack, on_change: Callable[[str, str], None]) -> list[str]:
    """Stop everything of this stack and return the names of what was stopped.

    `on_change` hears of each process and its state. Nothing is left, whatever state it was in.
    """
    pid = running_pid(stack)
    stopped = []
    if pid is not None:
        below = descendants(pid)
        stopped = _shut_down(stack, pid, on_change)
        end(below, 1.0)
    stopped += end_orphans(stack)
    for path in (stack.pid_file, socket_path(stack), stack.state_file):
        path.unlink(missing_ok=True)
    if socket_path(stack).parent != stack.run:
        _remove_folder(socket_path(stack).parent)
    return stopped


def _shut_down(stack: Stack, pid: int, on_change: Callable[[str, str], None]) -> list[str]:
    remote = control(stack)
    names = {program.name for program in stack.programs}
    living = {}
    try:
        living = {item.name: item.pid for item in remote.processes() if item.pid}
        remote.shutdown()
    except Transient:
        # it hangs; what it leaves is ended with the orphans
        _kill(stack, pid)
    stopped = [name for name in living if name in names]
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(pid) and time.monotonic() < deadline:
        for name in [name for name, child in living.items() if not is_alive(child)]:
            living.pop(name)
            if name in names:
                on_change(name, "stopped")
        time.sleep(0.05)
    for name in [name for name in living if name in names]:
        on_change(name, "stopped")
    if not wait_until_gone(pid, 0.1):
        _kill(stack, pid)
    return stopped


def _kill(stack: Stack, pid: int) -> None:
    # without its pid file nobody takes this for a death that calls for a restart
    stack.pid_file.unlink(missing_ok=True)
    end([psutil.Process(pid)], 1.0)


def _remove_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
