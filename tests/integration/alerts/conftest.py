"""An outbox for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.alerts.outbox import Outbox, open_outbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    one = open_outbox(tmp_path)
    yield one
    one.store.close()
