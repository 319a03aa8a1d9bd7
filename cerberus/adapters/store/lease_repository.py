"""Leases, inside one transaction: every intent asks for one, so its statements are made once."""

from sqlalchemy import Connection, bindparam, insert, select, update

from cerberus.adapters.store import tables
from cerberus.domain.leases import Lease

_COLUMNS = tables.leases.c
_ALL = select(
    _COLUMNS.name,
    _COLUMNS.token,
    _COLUMNS.owner,
    _COLUMNS.taken_at,
    _COLUMNS.renewed_at,
    _COLUMNS.expires_at,
)
_ONE = _ALL.where(_COLUMNS.name == bindparam("wanted"))
_SAVE = update(tables.leases).where(_COLUMNS.name == bindparam("wanted"))


class LeaseRows:
    """Leases by name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> Lease | None:
        """Return a lease as it was left last."""
        row = self._connection.execute(_ONE, {"wanted": name}).one_or_none()
        return None if row is None else Lease(*row)

    def put(self, lease: Lease) -> None:
        """Store or replace a lease."""
        values = {
            "token": lease.token,
            "owner": lease.owner,
            "taken_at": lease.taken_at,
            "renewed_at": lease.renewed_at,
            "expires_at": lease.expires_at,
        }
        saved = self._connection.execute(_SAVE, {"wanted": lease.name, **values})
        if saved.rowcount != 1:
            self._connection.execute(insert(tables.leases), {"name": lease.name, **values})

    def all(self) -> list[Lease]:
        """Return every lease, by name."""
        return [Lease(*row) for row in self._connection.execute(_ALL.order_by(_COLUMNS.name))]
