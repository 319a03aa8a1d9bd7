"""Stores on both databases, each test's on a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from cerberus.adapters.store.migrate import migrate
from tests.free_port import free_port
from tests.integration.store import postgres
from tests.integration.store.examples import NOW, Blocking

OpenStore = Callable[[], Blocking]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of a real server; skip where none is installed."""
    commands, name = postgres.binaries(), postgres.user()
    if commands is None:
        pytest.skip(postgres.MISSING)
    if name is None:
        pytest.skip(postgres.UNPRIVILEGED)
    with postgres.served(commands, name, free_port()) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state' / 'cerberus.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database of either kind."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("sqlite_url"))
        return
    server = make_url(request.getfixturevalue("postgres_url"))
    name = "test_" + "".join(letter for letter in tmp_path.name if letter.isalnum()).lower()[-50:]
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture
def open_store(url: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Return a function that opens one more store on the same migrated database."""
    yield from _opener(url, tmp_path)


@pytest.fixture
def open_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Return a function that opens one more store on the same migrated file."""
    yield from _opener(sqlite_url, tmp_path)


@pytest.fixture
def store(open_store: OpenStore) -> Blocking:
    return open_store()


def _opener(url: str, tmp_path: Path) -> Iterator[OpenStore]:
    migrate(url, tmp_path / "backup", NOW)
    opened: list[Blocking] = []

    def one_more() -> Blocking:
        opened.append(Blocking(url))
        return opened[-1]

    yield one_more
    for store in opened:
        store.store.close()
