"""`scripts/up`: the whole set-up, then the watch over it."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from rich.console import Console

from cerberus.errors import CerberusError
from cerberus.supervisor import daemon, state
from cerberus.supervisor.decisions import Phase
from cerberus.supervisor.display import print_events, process_table
from cerberus.supervisor.stack import Stack
from cerberus.supervisor.start import (
    child_environment,
    one_start_at_a_time,
    start_stack,
)
from cerberus.supervisor.steps import Environment, Step

READY, FAILED, PIPELINE_FAILED, INTERRUPTED = 0, 1, 3, 130
FOLLOW_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of `scripts/up` asked for."""

    detach: bool = False
    pipeline: bool = True
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is particular to Cerberus: the set-up, the first run, and the last words."""

    steps: Sequence[Step]
    first_run: Callable[[Console], bool]
    last_words: Callable[[Console], None]


def up(stack: Stack, options: Options, hooks: Hooks, console: Console) -> int:
    """Start the stack unless it runs, and return an exit code."""
    environment = child_environment(stack, options.mode)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with one_start_at_a_time(stack, console):
            if daemon.running_pid(stack) is not None:
                return show_running(stack, hooks, console)
            code = _start(stack, options, hooks, environment, console)
        if options.detach or code in {FAILED, INTERRUPTED}:
            return code
        console.print("this stays here to tell what happens; Ctrl-C stops all", highlight=False)
        return _follow(stack, hooks, environment, console)
    except KeyboardInterrupt:
        stop_all(stack, console)
        return INTERRUPTED


def show_running(stack: Stack, hooks: Hooks, console: Console) -> int:
    """Say what runs, and that nothing was changed."""
    console.print("this stack runs already, nothing was changed", highlight=False)
    found = state.read(stack.state_file)
    if found is None:
        console.print("nothing is known of its processes yet", highlight=False)
        return FAILED
    console.print(process_table(stack, found))
    hooks.last_words(console)
    return READY if all(item.phase is Phase.READY for item in found.health.values()) else FAILED


def stop_all(stack: Stack, console: Console) -> None:
    """Stop everything and tell of each process; a second Ctrl-C does not disturb it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    started = time.monotonic()
    stopped = daemon.stop(
        stack, lambda name, what: console.print(f"{name:<10} {what}", highlight=False)
    )
    what = f"stopped {', '.join(stopped)}" if stopped else "nothing was running"
    console.print(f"{what} ({time.monotonic() - started:.1f} s)", highlight=False)


def _start(
    stack: Stack, options: Options, hooks: Hooks, environment: Environment, console: Console
) -> int:
    try:
        start_stack(stack, hooks.steps, environment, console)
    except CerberusError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        if daemon.running_pid(stack) is not None:
            stop_all(stack, console)
        return FAILED
    ran_well = hooks.first_run(console) if options.pipeline else True
    hooks.last_words(console)
    return READY if ran_well else PIPELINE_FAILED


def _follow(stack: Stack, hooks: Hooks, environment: Environment, console: Console) -> int:
    """Print one line for each change until the stack is stopped."""
    found = state.read(stack.state_file)
    told = found.events[-1].number if found and found.events else 0
    while True:
        time.sleep(FOLLOW_SECONDS)
        found = state.read(stack.state_file)
        if found is not None:
            told = print_events(console, found.events, told)
        if daemon.running_pid(stack) is not None:
            continue
        # supervisord takes its pid file with it, unless it was killed
        if not stack.pid_file.exists():
            console.print("stopped by scripts/down", highlight=False)
            return READY
        console.print("the supervisor was killed, starting again", style="red")
        with one_start_at_a_time(stack, console):
            start_stack(stack, hooks.steps, environment, console)
        told = 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
