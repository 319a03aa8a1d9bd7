"""Drive mutmut in a workshop: make the mutants, run some of them, read what became of each."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: no mutant is called so: mutmut makes them all, and then finds none to run
_NONE = "no mutant"
#: codes of mutmut for a mutant that lived on, and for one that no test reaches
_SURVIVED = (0, 33)


def make(folder: Path) -> dict[str, list[str]]:
    """Make every mutant and return their names by file."""
    told = _mutmut(folder, [_NONE])
    found = {file: list(codes) for file, codes in _codes(folder).items()}
    if not any(found.values()):
        raise RuntimeError(f"mutmut has made no mutant:\n{told[-4000:]}")
    return found


def run(folder: Path, names: Sequence[str]) -> dict[str, bool]:
    """Try mutants and return by name whether the tests have noticed."""
    told = _mutmut(folder, names)
    codes = {name: code for found in _codes(folder).values() for name, code in found.items()}
    if missing := [name for name in names if codes.get(name) is None]:
        raise RuntimeError(f"mutmut has not tried {missing[:3]}:\n{told[-4000:]}")
    return {name: codes[name] not in _SURVIVED for name in names}


def _codes(folder: Path) -> dict[str, dict[str, int | None]]:
    made = folder / "mutants"
    return {
        str(meta.relative_to(made).with_suffix("")): json.loads(meta.read_text())[
            "exit_code_by_key"
        ]
        for meta in sorted(made.rglob("*.py.meta"))
    }


def _mutmut(folder: Path, names: Sequence[str]) -> str:
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=clean | {"NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return done.stdout
