"""From nothing to a stack whose processes are all ready."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cerberus.errors import CerberusError
from cerberus.supervisor import daemon, state
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.display import StartDisplay
from cerberus.supervisor.orphans import end_orphans
from cerberus.supervisor.ports import require_free_ports
from cerberus.supervisor.stack import Stack
from cerberus.supervisor.steps import Environment, Step

LOG_LINES = 15
LOOK_SECONDS = 0.2


class StartFailed(CerberusError):
    """A process did not become ready; the message holds the end of its log."""


def child_environment(stack: Stack, mode: str | None) -> Environment:
    """Return the environment that all processes of the stack inherit."""
    environment = dict(os.environ)
    environment.pop("CERBERUS_PROCESS", None)
    path = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    environment |= {
        "CERBERUS_ROOT": str(stack.root),
        "CERBERUS_VAR": str(stack.var),
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
    }
    return environment | ({"CERBERUS_MODE": mode} if mode else {})


@contextmanager
def one_start_at_a_time(stack: Stack, console: Console) -> Iterator[None]:
    """Let a second start of the same stack wait for the first."""
    stack.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (stack.run / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.print("another scripts/up is starting this stack, waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start_stack(
    stack: Stack, steps: Sequence[Step], environment: Environment, console: Console
) -> None:
    """Clear up what a former start left, set up, start, and wait until all are ready.

    Raises
    ------
    Misconfigured
        A port is taken, or a step of the set-up failed.
    StartFailed
        A process did not become ready.
    """
    ended = end_orphans(stack)
    if ended:
        console.print(f"ended what a killed supervisor left running: {', '.join(ended)}")
    require_free_ports(stack)
    for step in steps:
        started = time.monotonic()
        done = step.run(stack, environment)
        _tell(console, f"{step.name:<10} {done} ({time.monotonic() - started:.1f} s)")
    started = time.monotonic()
    daemon.start(stack, environment)
    wait_until_ready(stack, console)
    _tell(console, f"{'processes':<10} all ready ({time.monotonic() - started:.1f} s)")


def wait_until_ready(stack: Stack, console: Console) -> None:
    """Show the processes until all are ready."""
    # the watch process ends what hangs for `ready_seconds`; leave it one restart
    deadline = time.monotonic() + 2 * stack.limits.ready_seconds
    with StartDisplay(console, stack) as display:
        while True:
            found = state.read(stack.state_file)
            if found is not None:
                display.show(found)
                if all(item.phase is Phase.READY for item in found.health.values()):
                    return
                if found.given_up:
                    raise StartFailed(_failure(stack, found.given_up[0], found))
            if daemon.running_pid(stack) is None:
                raise StartFailed("the supervisor was stopped meanwhile")
            if time.monotonic() > deadline:
                raise StartFailed(_failure(stack, _laggard(found), found))
            time.sleep(LOOK_SECONDS)


def _laggard(found: state.State | None) -> str:
    health = found.health.values() if found else []
    return next((item.name for item in health if item.phase is not Phase.READY), "watch")


def _failure(stack: Stack, name: str, found: state.State | None) -> str:
    log = stack.log_of(name)
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
    health = found.health.get(name) if found else None
    reason = health.last_reason if health and health.last_reason else "it does not become ready"
    tail = "\n".join(f"  | {line}" for line in lines)
    return f"{name} did not start: {reason}\n{tail}\n  the whole log is {log}"


def _tell(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)
