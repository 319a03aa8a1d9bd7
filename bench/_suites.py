"""Figures that suites of tests print: the fault sweep's and the model's."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PART = re.compile(r"^(\w+) \d+/\d+: (\d+) points, (\d+) cases,$", re.MULTILINE)
_RUN = re.compile(r"^  run (\d+), killed (\d+), failed (\d+)$", re.MULTILINE)
_MOVES = re.compile(r"^(\d+) of (\d+) moves, not made: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Swept:
    """What the sweep of every fault at every point has found."""

    points: int
    run: int
    killed: int
    failed: int
    seconds: float


def sweep() -> Swept:
    """Run the whole fault sweep, as `scripts/test sweep` does."""
    began = time.monotonic()
    told = _pytest("-n", "2", "--dist", "loadgroup", "-rA", "--sweep", "tests/sweep")
    seconds = time.monotonic() - began
    points = {scenario: int(count) for scenario, count, _ in _PART.findall(told)}
    runs = [tuple(map(int, one)) for one in _RUN.findall(told)]
    assert points, told[-2000:]
    run, killed, failed = (sum(column) for column in zip(*runs, strict=True))
    return Swept(sum(points.values()), run, killed, failed, seconds)


def moves_of_the_model() -> tuple[int, int, str]:
    """Run the long stateful model; return legal moves made, all of them, and what was not made."""
    told = _pytest("-n", "0", "-s", "--long", "tests/model/test_model.py")
    found = _MOVES.search(told)
    assert found, told[-2000:]
    return int(found[1]), int(found[2]), found[3]


def _pytest(*arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # failures are counted by the figures; anything else is no measurement
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout
