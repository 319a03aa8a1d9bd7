"""The state in SQLite, or PostgreSQL by URL, through SQLAlchemy."""

from cerberus.adapters.store.database import SqlStore

__all__ = ["SqlStore"]
