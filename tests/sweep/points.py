"""Where a fault can strike: each call of the venue and each commit, from signal to exit."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

#: how many equal calls of one run are points of their own; the follower repeats the rest
OCCURRENCES = 2

CALL_FAULTS = (
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "429",
    "418",
    "503",
    "malformed",
    "slow_body",
    "kill_before",
    "kill_after",
)
COMMIT_FAULTS = ("kill_before", "kill_after", "disk_full")


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a recorded run; `name` is "METHOD path" or "commit"."""

    name: str
    occurrence: int

    @property
    def is_commit(self) -> bool:
        """Whether the store is asked, not the venue."""
        return self.name == "commit"


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one point."""

    scenario: str
    fault: str
    point: Point

    def __str__(self) -> str:
        return f"{self.scenario}: {self.fault} at {self.point.name} #{self.point.occurrence}"


def points_of(names: Iterable[str]) -> list[Point]:
    """Return the points of a recorded run in their order; every commit is one."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        if name == "commit" or seen[name] <= OCCURRENCES:
            found.append(Point(name, seen[name]))
    return found


def cases_of(scenario: str, points: Iterable[Point]) -> list[Case]:
    """Return every fault at every point."""
    return [
        Case(scenario, fault, point)
        for point in points
        for fault in (COMMIT_FAULTS if point.is_commit else CALL_FAULTS)
    ]


def sample(cases: list[Case], number: int, seed: int) -> list[Case]:
    """Return so many cases, drawn by a seed, in their order."""
    drawn = random.Random(seed).sample(range(len(cases)), min(number, len(cases)))  # noqa: S311 - no secret
    return [cases[place] for place in sorted(drawn)]
