"""The store's place, schema and backups, without the rest of the process: these must be quick."""

from pathlib import Path

from cerberus.adapters.clock import WallClock
from cerberus.adapters.store.backup import StoreBackups, take_backup
from cerberus.adapters.store.files import sqlite_file
from cerberus.adapters.store.migrate import migrate
from cerberus.adapters.store.restore import restore
from cerberus.domain.backups import BackupTaken
from cerberus.settings import Paths, TradingSettings, load


def migrate_database() -> str:
    """Bring the database to the newest migration and say what was done."""
    paths, settings = load(Paths), load(TradingSettings)
    url = database_url(paths, settings)
    return migrate(url, paths.under_var("backup"), WallClock().now())


def back_up_database() -> BackupTaken:
    """Back the database up; an API may run meanwhile."""
    paths, settings = load(Paths), load(TradingSettings)
    source, now = sqlite_file(database_url(paths, settings)), WallClock().now()
    return take_backup(source, paths.under_var("backup"), settings.backups_kept, now)


def restore_database(backup: Path) -> Path | None:
    """Put a backup in the place of the database and return where the former one lies."""
    paths, settings = load(Paths), load(TradingSettings)
    return restore(backup, database_url(paths, settings), WallClock().now())


def store_backups(paths: Paths, settings: TradingSettings) -> StoreBackups:
    """Return the backups of the database."""
    url, folder = database_url(paths, settings), paths.under_var("backup")
    return StoreBackups(url, folder, settings.backups_kept)


def database_url(paths: Paths, settings: TradingSettings) -> str:
    """Return the URL of the settings, or that of the file below `var`."""
    return settings.database_url or f"sqlite:///{paths.under_var('data', 'cerberus.db')}"
