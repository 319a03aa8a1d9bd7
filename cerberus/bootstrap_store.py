"""The store's place and schema, without the rest of the process: migrating alone must be quick."""

from cerberus.adapters.clock import WallClock
from cerberus.adapters.store.migrate import migrate
from cerberus.settings import Paths, TradingSettings, load


def migrate_database() -> str:
    """Bring the database to the newest migration and say what was done."""
    paths, settings = load(Paths), load(TradingSettings)
    url = database_url(paths, settings)
    return migrate(url, paths.under_var("backup"), WallClock().now())


def database_url(paths: Paths, settings: TradingSettings) -> str:
    """Return the URL of the settings, or that of the file below `var`."""
    return settings.database_url or f"sqlite:///{paths.under_var('data', 'cerberus.db')}"
