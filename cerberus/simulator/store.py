"""The venue's SQLite file: one transaction per request, committed before the answer is sent."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cerberus.errors import Misconfigured
from cerberus.simulator.codec import decode, encode
from cerberus.simulator.entities import (
    Account,
    ClosedPosition,
    Fill,
    LedgerEntry,
    Order,
    Position,
    Trigger,
)

Record = TypeVar("Record", Order, Trigger, Fill, LedgerEntry, ClosedPosition)
AnyRecord = Order | Trigger | Fill | LedgerEntry | ClosedPosition | Position

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS positions (market TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    market TEXT NOT NULL,
    text TEXT NOT NULL,
    parent INTEGER NOT NULL,
    open INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS records_by_market ON records (kind, account, market, id);
CREATE INDEX IF NOT EXISTS records_by_text ON records (kind, text) WHERE text <> '';
CREATE INDEX IF NOT EXISTS records_by_parent ON records (kind, parent) WHERE parent <> 0;
CREATE INDEX IF NOT EXISTS records_open ON records (kind, id) WHERE open = 1;
"""

_UPSERT = """
INSERT INTO records (id, kind, account, market, text, parent, open, at_ms, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET open = excluded.open, at_ms = excluded.at_ms, body = excluded.body
"""

_FIND = """
SELECT body FROM records
WHERE kind = :kind AND (:account = '' OR account = :account) AND (:market = '' OR market = :market)
  AND (:text = '' OR text = :text) AND (:parent = 0 OR parent = :parent)
  AND (:open < 0 OR open = :open) AND at_ms >= :since AND at_ms <= :until
  AND (:before = 0 OR id < :before)
ORDER BY id DESC LIMIT :limit OFFSET :offset
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; the defaults find everything of a kind, newest first."""

    account: Account | str = ""
    market: str = ""
    text: str = ""
    parent: int = 0
    open: int = -1
    since_ms: int = 0
    until_ms: int = 1 << 60
    before_id: int = 0
    limit: int = 100
    offset: int = 0


class Store:
    """The file and its only connection."""

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=1)
        try:
            # the state in memory is only right while nobody else writes to the file
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            # a commit survives a kill of the process without waiting for the disk; a loss of power
            # may undo the newest commits of this paper venue, whole ones, never a part
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise Misconfigured(f"simulator file {path} cannot be opened: {error}") from error

    def save(self, records: Iterable[AnyRecord], meta: dict[str, str]) -> None:
        """Write changes in one transaction: all of them or none."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for record in records:
                self._write(record)
            self._connection.executemany(
                "INSERT INTO meta VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                meta.items(),
            )
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._connection.execute("ROLLBACK")
            raise

    def meta(self) -> dict[str, str]:
        """Return all single values."""
        return dict(self._connection.execute("SELECT key, value FROM meta").fetchall())

    def positions(self) -> list[Position]:
        """Return the positions of all contracts that were ever touched."""
        rows = self._connection.execute("SELECT body FROM positions").fetchall()
        return [decode(Position, body) for (body,) in rows]

    def find(self, kind: type[Record], search: Search) -> list[Record]:
        """Return matching records, newest first."""
        parameters = {
            "kind": kind.__name__,
            "account": search.account,
            "market": search.market,
            "text": search.text,
            "parent": search.parent,
            "open": search.open,
            "since": search.since_ms,
            "until": search.until_ms,
            "before": search.before_id,
            "limit": search.limit,
            "offset": search.offset,
        }
        return [decode(kind, body) for (body,) in self._connection.execute(_FIND, parameters)]

    def get(self, kind: type[Record], record_id: int) -> Record | None:
        """Return one record by id."""
        row = self._connection.execute(
            "SELECT body FROM records WHERE id = ? AND kind = ?", (record_id, kind.__name__)
        ).fetchone()
        return decode(kind, row[0]) if row else None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _write(self, record: AnyRecord) -> None:
        body = encode(record)
        if isinstance(record, Position):
            self._connection.execute(
                "INSERT INTO positions VALUES (?, ?)"
                " ON CONFLICT (market) DO UPDATE SET body = excluded.body",
                (record.market, body),
            )
            return
        self._connection.execute(_UPSERT, (*_columns(record), body))


def _columns(record: AnyRecord) -> tuple[int, str, str, str, str, int, int, int]:
    match record:
        case Order(id=key, account=account, market=market, text=text):
            times = (int(record.is_open), record.updated_ms)
            return (key, "Order", account, market, text, 0, *times)
        case Trigger(id=key, account=account, market=market, text=text):
            times = (int(record.is_open), record.finished_ms or record.created_ms)
            return (key, "Trigger", account, market, text, 0, *times)
        case Fill(id=key, account=account, market=market, order_id=order):
            return (key, "Fill", account, market, "", order, 0, record.created_ms)
        case LedgerEntry(id=key, account=account, market=market, kind=kind):
            return (key, "LedgerEntry", account, market, kind, 0, 0, record.created_ms)
        case ClosedPosition(id=key, market=market):
            return (key, "ClosedPosition", "futures", market, "", 0, 0, record.created_ms)
    raise TypeError(f"a record of this kind is not kept here: {type(record).__name__}")
