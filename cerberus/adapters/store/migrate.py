"""Bring the database to the newest migration, after a verified backup of what was there."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from cerberus.adapters.store.database import open_engine
from cerberus.adapters.store.files import file_of
from cerberus.errors import Misconfigured

_SCRIPTS = Path(__file__).parent / "migrations"
#: any number that no other program takes on the same PostgreSQL database
_MIGRATION_LOCK = 4_727_001


def migrate(url: str, backup_folder: Path, now: datetime, scripts: Path = _SCRIPTS) -> str:
    """Migrate and return what was done, in words; of two at once, one waits for the other.

    Raises
    ------
    Misconfigured
        The backup before the migration could not be verified, or the database is damaged or of a
        newer version; it is unchanged.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    file = file_of(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    backup = backup_folder / f"before-{_head(config)}-{now:%Y%m%dT%H%M%SZ}.db"
    engine = _exclusive(url)
    try:
        with engine.begin() as connection:
            return _step(config, connection, file, backup)
    except DBAPIError as error:
        raise Misconfigured(f"the database cannot be migrated: {error.orig}") from error
    finally:
        engine.dispose()


def _step(config: Config, connection: Connection, file: Path | None, backup: Path) -> str:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    before, head = MigrationContext.configure(connection).get_current_revision(), _head(config)
    if before == head:
        return f"database is at {head}"
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise Misconfigured(f"database is at {before}, this version knows only up to {head}")
    if before is not None and file is not None:
        _back_up(file, backup)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return f"database migrated from {before or 'nothing'} to {head}"


def _exclusive(url: str) -> Engine:
    engine = open_engine(url, begin="BEGIN IMMEDIATE")
    if engine.dialect.name == "postgresql":
        # who waited for the lock must see what was done meanwhile
        return engine.execution_options(isolation_level="READ COMMITTED")
    return engine


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _back_up(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as copy:
            old.backup(copy)
            verdict = str(copy.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise Misconfigured(f"backup {target.name} is damaged ({verdict}), nothing was migrated")
