"""A scratch clone of this repository, used as a stranger would use it."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.free_port import free_port

ROOT = Path(__file__).resolve().parents[2]
Test = TypeVar("Test", bound=Callable[..., object])


#: the whole stack is needed, and one at a time is enough for two cores
STACK_MARKS = (
    pytest.mark.stack,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("whole_stack"),
)


def needs_stack(test: Test) -> Test:
    """Mark one test as one that starts the whole stack."""
    for mark in STACK_MARKS:
        test = mark(test)
    return test


@dataclass(frozen=True)
class Clone:
    """A clone, and the environment in which its scripts run."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def var(self) -> Path:
        """The folder that everything is written to."""
        return Path(self.environment["CERBERUS_VAR"])

    def run(self, *command: str, timeout_seconds: float = 600) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone; its output is one text, in the order of printing."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    def url(self, port: str, path: str) -> str:
        """Return a URL of the process whose port has this setting."""
        return f"http://127.0.0.1:{self.environment[f'CERBERUS_{port}_PORT']}{path}"


def make_clone(folder: Path, *, empty_home: bool) -> Clone:
    """Clone what is committed; with an empty home nothing is cached either."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
    own = str(ROOT / ".venv" / "bin")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CERBERUS_", "PYTEST_", "VIRTUAL_ENV"))
    }
    # training in the background would slow down what is tested
    environment["CERBERUS_ENGINE_TRAIN_CACHE"] = "false"
    parts = environment.get("PATH", os.defpath).split(os.pathsep)
    environment["PATH"] = os.pathsep.join(part for part in parts if part != own)
    environment["CERBERUS_VAR"] = str(folder / "clone" / "var")
    for name in ("API", "ENGINE", "ENGINE_GRPC", "SIMULATOR"):
        environment[f"CERBERUS_{name}_PORT"] = str(free_port())
    if empty_home:
        (folder / "home").mkdir()
        environment["HOME"] = str(folder / "home")
        environment.pop("XDG_CACHE_HOME", None)
    return Clone(folder / "clone", environment)
