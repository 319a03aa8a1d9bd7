import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from cerberus.adapters.store import migrate as module
from cerberus.adapters.store.database import open_engine
from cerberus.adapters.store.migrate import migrate
from cerberus.adapters.store.tables import metadata
from cerberus.errors import Misconfigured
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import NOW, Blocking, add_trade

SCRIPTS = Path(module.__file__).parent / "migrations"
HEAD = str(ScriptDirectory(str(SCRIPTS)).get_current_head())
NEXT = f"{int(HEAD) + 1:04}"
ONE_MORE = '''"""One more table."""

import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("more", sa.Column("number", sa.Integer(), primary_key=True))
    {then}


def downgrade() -> None:
    op.drop_table("more")
'''
#: a position with its trade and its signal, as the first version wrote them
OLD_ROWS = (
    "INSERT INTO signals VALUES ('s1', NULL, 'f', NULL, 'S', '2026-03-02', 'traded', '{}', NULL,"
    " 't1')",
    "INSERT INTO trades VALUES ('t1', 's1', 'S', 'buy', 'm', '3', '1', '1', '2', '1',"
    " '2026-03-02', 'open', NULL, NULL, NULL, '')",
    "INSERT INTO positions VALUES ('p1', 't1', 'S', 'buy', '2026-03-02T00:00:00+00:00', '3', '1',"
    " '3', '0', '0', '0', NULL)",
)


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[Engine]:
    migrate(url, tmp_path / "backup", NOW)
    engine = open_engine(url)
    yield engine
    engine.dispose()


def scripts(tmp_path: Path, then: str = "pass") -> Path:
    """Return migrations that have one step more."""
    copied = tmp_path / "migrations"
    shutil.copytree(SCRIPTS, copied, ignore=shutil.ignore_patterns("__pycache__"))
    more = ONE_MORE.format(then=then, head=HEAD, next=NEXT)
    (copied / "versions" / f"v{NEXT}_more.py").write_text(more)
    return copied


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_the_migrated_schema_is_the_one_that_the_code_describes(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_the_partial_indexes_are_partial(engine: Engine) -> None:
    sql = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%'",
    }[engine.dialect.name]
    with engine.connect() as connection:
        found = {str(row[0]): str(row[1]) for row in connection.execute(text(sql))}

    assert set(found) == {
        "one_open_position_per_symbol",
        "one_live_trade_per_signal",
        "one_live_alert_per_fingerprint",
    }
    assert all("UNIQUE" in definition for definition in found.values())
    assert "closed_at IS NULL" in found["one_open_position_per_symbol"]
    assert "not_placed" in found["one_live_trade_per_signal"]


def test_two_starts_at_once_migrate_once(url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(migrate, url, tmp_path / "backup", NOW) for _ in range(2)]
        told = sorted(start.result() for start in starts)

    assert told == [f"database is at {HEAD}", f"database migrated from nothing to {HEAD}"]


def test_a_migration_of_something_backs_it_up_first(
    open_sqlite: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    store = open_sqlite()
    store.write(add_trade)

    told = migrate(sqlite_url, tmp_path / "backup", NOW, scripts(tmp_path))

    assert told == f"database migrated from {HEAD} to {NEXT}"
    assert "more" in tables(file_of(sqlite_url))
    [backup] = (tmp_path / "backup").iterdir()
    assert backup.name == f"before-{NEXT}-20260302T120000Z.db"
    assert "more" not in tables(backup)
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT trade_id FROM trades").fetchall() == [("t1",)]


def test_a_migration_that_fails_changes_nothing(
    open_sqlite: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    open_sqlite().write(add_trade)
    broken = scripts(tmp_path, then='op.execute("INSERT INTO nowhere VALUES (1)")')

    with pytest.raises(Misconfigured, match="no such table: nowhere"):
        migrate(sqlite_url, tmp_path / "backup", NOW, broken)

    assert "more" not in tables(file_of(sqlite_url))
    assert migrate(sqlite_url, tmp_path / "backup", NOW) == f"database is at {HEAD}"


def test_a_damaged_database_is_not_migrated(
    open_sqlite: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    store = open_sqlite()
    for number in range(50):
        store.write(lambda tx, number=number: add_trade(tx, number))
    store.store.close()
    file = file_of(sqlite_url)
    with closing(sqlite3.connect(file)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'trades'")
        page = root.fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(file.read_bytes())
    content[(page - 1) * size : page * size] = b"\x5a" * size
    file.write_bytes(content)

    with pytest.raises(Misconfigured, match=r"is damaged .*, nothing was migrated"):
        migrate(sqlite_url, tmp_path / "backup", NOW, scripts(tmp_path))

    assert "more" not in tables(file)


def test_a_backup_that_cannot_be_written_stops_the_migration(
    open_sqlite: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    open_sqlite()
    in_the_way = tmp_path / "backup" / f"before-{NEXT}-20260302T120000Z.db"
    in_the_way.mkdir(parents=True)

    with pytest.raises(Misconfigured, match="nothing was migrated"):
        migrate(sqlite_url, tmp_path / "backup", NOW, scripts(tmp_path))

    assert "more" not in tables(file_of(sqlite_url))


def test_what_is_no_database_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    file = file_of(sqlite_url)
    file.parent.mkdir()
    file.write_bytes(b"a letter, and no database" * 100)

    with pytest.raises(Misconfigured, match="file is not a database"):
        migrate(sqlite_url, tmp_path / "backup", NOW)

    assert file.read_bytes() == b"a letter, and no database" * 100


def test_a_database_of_a_newer_version_is_refused(
    open_sqlite: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    open_sqlite()
    migrate(sqlite_url, tmp_path / "backup", NOW, scripts(tmp_path))

    with pytest.raises(Misconfigured, match=f"at {NEXT}, this version knows only up to {HEAD}"):
        migrate(sqlite_url, tmp_path / "backup", NOW)


def test_positions_of_before_there_was_funding_have_none(url: str, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    engine = open_engine(url)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    engine.dispose()

    assert migrate(url, tmp_path / "backup", NOW) == f"database migrated from 0001 to {HEAD}"

    store = Blocking(url)
    held = store.read(lambda tx: tx.positions.open())
    store.store.close()
    assert [(one.position_id, one.quantity, one.funding) for one in held] == [("p1", 3, 0)]


def test_going_back_to_nothing_leaves_nothing(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = set(inspect(connection).get_table_names())

    assert left == {"alembic_version"}
