"""What `scripts/up` does before the processes start; each step may be repeated at no cost."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from cerberus import secret_files
from cerberus.errors import Misconfigured
from cerberus.supervisor.stack import Stack

Environment = dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the set-up; `run` returns what it did in a few words."""

    name: str
    run: Callable[[Stack, Environment], str]


def generate_secrets(stack: Stack, environment: Environment) -> str:
    """Generate the secrets that are missing."""
    del environment
    folder = stack.var / "secrets"
    made = secret_files.ensure(folder)
    return f"{len(made)} generated in {folder}" if made else f"complete in {folder}"


def install_engine(stack: Stack, environment: Environment) -> str:
    """Fetch, verify and compile what the engine is made of; it shows its own progress."""
    return _module(stack, environment, "cerberus.engine", "install")


def migrate_database(stack: Stack, environment: Environment) -> str:
    """Bring the database to the present schema, with a backup before each change."""
    return _module(stack, environment, "api", "migrate")


STEPS = (
    Step("secrets", generate_secrets),
    Step("engine", install_engine),
    Step("database", migrate_database),
)


def _module(stack: Stack, environment: Environment, module: str, command: str) -> str:
    answer = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", module, command], cwd=stack.root, env=environment, check=False
    )
    if answer.returncode != 0:
        raise Misconfigured(f"python -m {module} {command} ended with {answer.returncode}")
    return "ready"
