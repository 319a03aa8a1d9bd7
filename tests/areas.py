"""The areas that decide over money, as pyproject.toml lists them, and how much of them is covered.

`python -m tests.areas` reports on the coverage that was measured: `scripts/test --coverage`.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: percent of lines and branches
OF_AREAS = 100


def areas() -> dict[str, list[str]]:
    """Return the files of each area."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: dict[str, list[str]] = settings["tool"]["cerberus"]["areas"]
    return found


def report(folder: Path) -> int:
    """Print what was not reached, of everything and of the areas; 0 when that is little enough."""
    whole = _coverage(folder, [])
    print(f"\nthe areas that decide over money, of which all {OF_AREAS} % must be reached:")
    files = ",".join(file for listed in areas().values() for file in listed)
    of_areas = _coverage(folder, [f"--include={files}", f"--fail-under={OF_AREAS}", "-m"])
    return whole or of_areas


def _coverage(folder: Path, options: list[str]) -> int:
    command = [sys.executable, "-m", "coverage", "report", *options]
    sys.stdout.flush()
    return subprocess.run(command, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(report(Path.cwd()))
