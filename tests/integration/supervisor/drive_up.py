"""`scripts/up` over a stack of stand-ins: drive_up.py STACK_FILE [detach] [failing-step]."""

import sys
from pathlib import Path

from rich.console import Console

from cerberus.errors import Misconfigured
from cerberus.supervisor.stack import Stack, read
from cerberus.supervisor.steps import Environment, Step, generate_secrets
from cerberus.supervisor.up import Hooks, Options, up


def _fail(stack: Stack, environment: Environment) -> str:
    del stack, environment
    raise Misconfigured("the disk is full")


def _first_run(console: Console) -> bool:
    console.print("first run")
    return "bad-run" not in sys.argv


def main() -> int:
    stack = read(Path(sys.argv[1]))
    steps = [Step("secrets", generate_secrets)]
    if "failing-step" in sys.argv:
        steps.append(Step("engine", _fail))
    hooks = Hooks(steps, _first_run, lambda console: console.print("last words"))
    return up(stack, Options(detach="detach" in sys.argv), hooks, Console(width=200))


if __name__ == "__main__":
    sys.exit(main())
