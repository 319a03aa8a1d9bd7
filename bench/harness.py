"""The registry of benchmarks and what runs them.

A group is a module bench/<group>.py. It is imported only when it is asked for, so that a peer which
is not installed hurts nobody else:

    @benchmark(group="spine", name="webhook_to_fill_p95", unit="s", goal="<= 1.5")
    def webhook_to_fill_p95() -> Measurement:
        return Measurement(percentile(run_fifty(), 95), notes={"runs": 50})

Each benchmark gives one line of JSON on stdout; everything for a person goes to stderr.
"""

import importlib
import json
import math
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": lambda value, limit: value <= limit,
    ">=": lambda value, limit: value >= limit,
    "==": lambda value, limit: value == limit,
}
USAGE = """usage: scripts/bench [--list] [GROUP or NAME...]

Run benchmarks, all of them when none is named. Each prints one JSON object a line: name, value,
unit, goal, holds; with a peer also peer, peer_value and ratio (value / peer_value).
Exit codes: 0 all goals hold, 1 one does not, 2 nothing has that name."""
Note = str | int | float | bool | None


class UnknownBenchmark(Exception):
    """Nothing has this name; the message lists what there is."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a value must hold, as `<= 1.5`."""

    comparison: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> "Goal":
        """Read `<= 1.5`, `>= 3` or `== 0`."""
        comparison, _, limit = text.partition(" ")
        if comparison not in COMPARISONS:
            raise ValueError(f"goal was {text!r}, it must start with one of <=, >=, ==")
        return cls(comparison, float(limit))

    def holds(self, value: float) -> bool:
        """Say whether a value reaches the goal."""
        return COMPARISONS[self.comparison](value, self.limit)

    def __str__(self) -> str:
        return f"{self.comparison} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured value; a peer's value under the same load where there is a peer."""

    value: float
    peer: str | None = None
    peer_value: float | None = None
    notes: Mapping[str, Note] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark; without a goal it only informs."""

    group: str
    name: str
    unit: str
    goal: Goal | None
    measure: Callable[[], Measurement | float]


Measure = TypeVar("Measure", bound=Callable[[], Measurement | float])
_REGISTRY: dict[str, Benchmark] = {}


def benchmark(
    *, group: str, name: str, unit: str, goal: str | None = None
) -> Callable[[Measure], Measure]:
    """Register a function that measures one value."""

    def register(measure: Measure) -> Measure:
        if name in _REGISTRY:
            raise ValueError(f"benchmark {name} is registered twice")
        parsed = None if goal is None else Goal.parse(goal)
        _REGISTRY[name] = Benchmark(group, name, unit, parsed, measure)
        return measure

    return register


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the nearest-rank percentile, which is always one of the values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("there is no percentile of nothing")
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def chosen(names: Sequence[str]) -> list[Benchmark]:
    """Return the benchmarks that groups and names stand for; all of them for no name.

    Raises
    ------
    UnknownBenchmark
        Something has none of these names.
    """
    groups = _modules()
    if all(name in groups for name in names):
        _load(names or groups)
        return [item for item in _REGISTRY.values() if not names or item.group in names]
    # a name does not tell its group
    _load_what_can_be(groups)
    for name in names:
        if name not in _REGISTRY and name not in groups:
            raise UnknownBenchmark(f"nothing is called {name}; there is\n{listing()}")
    return [item for item in _REGISTRY.values() if {item.group, item.name} & set(names)]


def listing() -> str:
    """Return all benchmarks as lines for a person."""
    _load_what_can_be(_modules())
    return "\n".join(
        f"  {item.group:<12} {item.name:<40} {item.unit:<8} {item.goal or 'informs'}"
        for item in _REGISTRY.values()
    )


def run(benchmarks: Iterable[Benchmark], out: TextIO, hints: TextIO) -> bool:
    """Run benchmarks one after another, print a line for each; say whether all goals hold."""
    all_hold = True
    for item in benchmarks:
        started = time.monotonic()
        line = _measured(item, hints)
        print(json.dumps(line), file=out, flush=True)
        all_hold = all_hold and line["holds"] is True
        verdict = "holds" if line["holds"] else "DOES NOT HOLD"
        goal = f", goal {item.goal}" if item.goal else ""
        print(
            f"{item.group}/{item.name}: {line['value']} {item.unit}{goal}: {verdict} "
            f"(took {time.monotonic() - started:.1f} s)",
            file=hints,
            flush=True,
        )
    return all_hold


def _measured(item: Benchmark, hints: TextIO) -> dict[str, object]:
    line: dict[str, object] = {"name": item.name, "value": None, "unit": item.unit}
    line |= {"goal": str(item.goal) if item.goal else None, "holds": False}
    try:
        found = item.measure()
    except Exception as error:  # the edge of a benchmark: the others still run
        traceback.print_exception(error, file=hints)
        return line | {"error": f"{type(error).__name__}: {error}"}
    measurement = found if isinstance(found, Measurement) else Measurement(float(found))
    line["value"] = measurement.value
    line["holds"] = item.goal is None or item.goal.holds(measurement.value)
    if measurement.peer is not None:
        line |= {"peer": measurement.peer, "peer_value": measurement.peer_value}
        line["ratio"] = (
            measurement.value / measurement.peer_value if measurement.peer_value else None
        )
    return line | ({"notes": dict(measurement.notes)} if measurement.notes else {})


def _modules() -> list[str]:
    package = importlib.import_module("bench")
    names = (module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in names if name != "harness" and not name.startswith("_"))


def _load(groups: Iterable[str]) -> None:
    for group in groups:
        importlib.import_module(f"bench.{group}")


def _load_what_can_be(groups: Iterable[str]) -> None:
    for group in groups:
        try:
            _load([group])
        except ImportError as error:
            print(f"group {group} is left out: {error}", file=sys.stderr)


def main(arguments: Sequence[str]) -> int:
    """Run `scripts/bench` and return its exit code."""
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    if "--list" in arguments:
        print(listing())
        return 0
    try:
        benchmarks = chosen(arguments)
    except UnknownBenchmark as error:
        print(f"cerberus: {error}", file=sys.stderr)
        return 2
    return 0 if run(benchmarks, sys.stdout, sys.stderr) else 1
