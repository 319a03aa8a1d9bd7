"""The option of the sweep, and the points that calm runs have shown."""

from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.sweep.points import Point
from tests.sweep.run import forks, record


@pytest.fixture(scope="session")
def context() -> ForkServerContext:
    """Return a way to fork processes that have imported everything already."""
    return forks()


@pytest.fixture(scope="session")
def points(
    context: ForkServerContext, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[Point]]:
    """Return the points of a scenario, recorded once."""
    recorded: dict[str, list[Point]] = {}

    def points_of(scenario: str) -> list[Point]:
        if scenario not in recorded:
            folder: Path = tmp_path_factory.mktemp(scenario)
            recorded[scenario] = record(context, folder, scenario)
        return recorded[scenario]

    return points_of
