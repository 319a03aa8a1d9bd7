"""How many small defects the unit tests notice: `scripts/test mutation [--all] [area...]`.

mutmut puts one defect at a time into the files in the domain of each area, in a copy below
`var/mutation`, and runs the unit tests that reach it. Without `--all` a sample is tried.
"""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.areas import ROOT, areas
from tests.mutation import mutants
from tests.mutation.workshop import build

#: percent of the defects of an area
GOAL = 85
SAMPLE = 100
SEED = 20_261_121


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the defects of one file."""

    file: str
    made: int
    killed: int
    survivors: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many were tried."""
        return self.killed + len(self.survivors)

    def line(self) -> str:
        """Return one line of the table."""
        return f"  {self.file:<46} {_score(self.killed, self.tried)} {self.tried} of {self.made}"


def main(arguments: Sequence[str]) -> int:
    """Try the areas that were named, or every one; 1 when one stays below the goal."""
    names = [one for one in arguments if one != "--all"]
    if unknown := set(names) - set(areas()):
        known = ", ".join(areas())
        print(f"no area is called {', '.join(sorted(unknown))}, there are: {known}")
        return 2
    below = [area for area in names or areas() if not _holds(area, everything="--all" in arguments)]
    print(f"\nbelow {GOAL} %: {', '.join(below) or 'none'}")
    return 1 if below else 0


def _holds(area: str, *, everything: bool) -> bool:
    files = [file for file in areas()[area] if file.startswith("cerberus/domain/")]
    folder = ROOT / "var" / "mutation" / area
    build(folder, files)
    tallies = _tally(folder, files, None if everything else SAMPLE)
    killed, tried = sum(one.killed for one in tallies), sum(one.tried for one in tallies)
    print(f"\n{area:<48} {_score(killed, tried)} {tried} defects (goal {GOAL} %)")
    for one in tallies:
        print(one.line())
    for name in (name for one in tallies for name in one.survivors):
        print(f"    not noticed: {name}")
    print(f"  to see one: cd {folder.relative_to(ROOT)} && python -m mutmut show NAME", flush=True)
    return killed * 100 >= GOAL * tried


def _tally(folder: Path, files: Sequence[str], most: int | None) -> list[Tally]:
    made = mutants.make(folder)
    names = sorted(name for found in made.values() for name in found)
    chance = random.Random(SEED)  # noqa: S311 - no secret
    chosen = names if most is None or most >= len(names) else chance.sample(names, most)
    outcomes = mutants.run(folder, chosen)
    return [_of_file(file, made[file], outcomes) for file in files]


def _of_file(file: str, made: Sequence[str], outcomes: dict[str, bool]) -> Tally:
    killed = [name for name in made if outcomes.get(name) is True]
    survivors = [name for name in made if outcomes.get(name) is False]
    return Tally(file, len(made), len(killed), tuple(survivors))


def _score(killed: int, tried: int) -> str:
    return f"{100 * killed / tried:5.1f} %" if tried else "    -  "


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
