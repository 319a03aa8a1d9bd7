"""A desk on a venue whose calls go wrong as a test wishes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cerberus.services.desk import Desk
from tests.model.desk import new_desk, new_store
from tests.model.venue import Clock, ModelVenue


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def venue(clock: Clock) -> ModelVenue:
    return ModelVenue(clock)


@pytest.fixture
def desk(venue: ModelVenue, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    store = new_store(tmp_path)
    yield new_desk(venue, store, clock)
    store.close()
