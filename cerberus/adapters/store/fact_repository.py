"""Small named values and the audit trail, inside one transaction."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from cerberus.adapters.store import tables

#: built once: building a statement takes longer than the database does
_FACT = select(tables.facts.c.value).where(tables.facts.c.name == bindparam("fact"))


class FactRows:
    """Small named values, and the audit trail."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Mapping[str, str]:
        """Return a fact, empty when it was never set."""
        value = self._connection.execute(_FACT, {"fact": name}).scalar()
        found: dict[str, str] = json.loads(value) if value is not None else {}
        return found

    def put(self, name: str, value: Mapping[str, str], at: datetime) -> None:
        """Set a fact."""
        self._connection.execute(delete(tables.facts).where(tables.facts.c.name == name))
        text = json.dumps(dict(value))
        self._connection.execute(
            insert(tables.facts), {"name": name, "value": text, "updated_at": at}
        )

    def tally(self) -> Mapping[tuple[str, str], int]:
        """Return how many signals, trades, orders and exits there are, by status."""
        found: dict[tuple[str, str], int] = {}
        for table in (tables.signals, tables.trades, tables.orders, tables.exits):
            status = table.c.status
            query = select(status, func.count()).group_by(status)
            for value, count in self._connection.execute(query):
                found[table.name, str(value)] = count
        return found

    def note(self, at: datetime, actor: str, action: str, subject: str, detail: str) -> None:
        """Add a line to the audit trail."""
        line = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
        self._connection.execute(insert(tables.audit).values(**line))
