"""Restore a backup where nobody trades, bring it to this version and check its books."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from cerberus.adapters.store.files import damage, digest, told_digest
from cerberus.adapters.store.migrate import migrate
from cerberus.domain.backups import BookCheck, Drill
from cerberus.domain.books import (
    BookedFill,
    Holding,
    OpenPosition,
    closed_sums_equal_positions,
    fills_sum_to_positions,
    one_live_trade_per_signal,
    open_positions_have_exits,
    reservations_equal_open_orders,
)
from cerberus.domain.closed_sums import ClosedSums, sum_up
from cerberus.domain.exits import ExitStatus
from cerberus.domain.orders import OrderStatus, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.signals import Side
from cerberus.errors import Misconfigured

_LIVE_ORDERS = json.dumps([str(status) for status in OrderStatus if not status.is_final])
_LIVE_EXITS = json.dumps([str(status) for status in ExitStatus if not status.is_final])


def drill(backup: Path, scratch: Path, at: datetime) -> Drill:
    """Restore into a scratch folder, which the caller removes; a damaged file ends it early."""
    began = time.monotonic()
    return Drill(
        backup.name, tuple(_checks(backup, scratch, at)), round(time.monotonic() - began, 3)
    )


def _checks(backup: Path, scratch: Path, at: datetime) -> Iterator[BookCheck]:
    copy = scratch / "cerberus.db"
    shutil.copyfile(backup, copy)
    wanted, found = told_digest(backup), digest(copy)
    expected = f"sha256 is {found}, expected {wanted or 'one beside it, there is none'}"
    yield BookCheck("checksum", found == wanted, found if found == wanted else expected)
    problem = damage(copy)
    yield BookCheck("integrity", not problem, problem or f"{copy.stat().st_size} bytes are sound")
    if problem:
        return
    try:
        done = migrate(f"sqlite:///{copy}", scratch / "backup", at)
    except Misconfigured as error:
        yield BookCheck("schema", holds=False, detail=str(error))
        return
    yield BookCheck("schema", holds=True, detail=done)
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as books:
        yield from check_books(books)


def check_books(books: sqlite3.Connection) -> Iterator[BookCheck]:
    """Check every invariant of the books."""
    yield fills_sum_to_positions(_holdings(books), _orphans(books))
    trades = books.execute("SELECT count(*) FROM trades WHERE status != 'not_placed'").fetchone()
    yield one_live_trade_per_signal(int(trades[0]), _doubled(books))
    yield reservations_equal_open_orders(_live_entries(books), _reserved(books))
    yield open_positions_have_exits(_open_positions(books))
    yield closed_sums_equal_positions(_closed_sums(books), sum_up(_closed_positions(books)))


def _holdings(books: sqlite3.Connection) -> Iterator[Holding]:
    """Yield one position after the other, so that a million of them need no more memory."""
    rows = books.execute(
        "SELECT p.position_id, p.symbol, p.side, p.quantity, p.dust,"
        " o.purpose, f.side, f.quantity, f.fee, f.fee_currency"
        " FROM positions p LEFT JOIN orders o ON o.trade_id = p.trade_id"
        " LEFT JOIN fills f ON f.order_id = o.order_id ORDER BY p.position_id"
    )
    for key, group in groupby(rows, lambda row: row[:5]):
        fills = tuple(
            BookedFill(Purpose(row[5]), Side(row[6]), Decimal(row[7]), Decimal(row[8]), row[9])
            for row in group
            if row[6] is not None
        )
        yield Holding(key[0], key[1], Side(key[2]), Decimal(key[3]), Decimal(key[4]), fills)


def _orphans(books: sqlite3.Connection) -> list[str]:
    return _texts(
        books,
        "SELECT f.fill_id FROM fills f JOIN orders o ON o.order_id = f.order_id"
        " LEFT JOIN positions p ON p.trade_id = o.trade_id WHERE p.position_id IS NULL",
    )


def _doubled(books: sqlite3.Connection) -> list[str]:
    return _texts(
        books,
        "SELECT signal_id FROM trades WHERE status != 'not_placed'"
        " GROUP BY signal_id HAVING count(*) > 1",
    )


def _live_entries(books: sqlite3.Connection) -> set[str]:
    query = (
        "SELECT order_id FROM orders WHERE purpose = 'entry'"
        " AND status IN (SELECT value FROM json_each(?))"
    )
    return set(_texts(books, query, _LIVE_ORDERS))


def _reserved(books: sqlite3.Connection) -> set[str]:
    return set(_texts(books, "SELECT order_id FROM reservations"))


def _open_positions(books: sqlite3.Connection) -> Iterator[OpenPosition]:
    query = (
        "SELECT p.position_id, p.symbol,"
        " (SELECT count(*) FROM exits e WHERE e.trade_id = p.trade_id"
        " AND e.kind = 'stop' AND e.status IN (SELECT value FROM json_each(?))),"
        " (SELECT count(*) FROM orders o WHERE o.trade_id = p.trade_id"
        " AND o.purpose != 'entry' AND o.status IN (SELECT value FROM json_each(?)))"
        " FROM positions p WHERE p.closed_at IS NULL"
    )
    for row in books.execute(query, (_LIVE_EXITS, _LIVE_ORDERS)):
        yield OpenPosition(*row)


def _closed_sums(books: sqlite3.Connection) -> Iterator[ClosedSums]:
    query = "SELECT symbol, first_opened_at, last_closed_at, result, cost, held FROM closed_sums"
    for symbol, opened, closed, *amounts in books.execute(query):
        until = None if closed is None else _moment(closed)
        yield ClosedSums(symbol, _moment(opened), until, *map(Decimal, amounts))


def _closed_positions(books: sqlite3.Connection) -> Iterator[Position]:
    query = (
        "SELECT position_id, trade_id, symbol, side, opened_at, quantity, entry_price,"
        " entered_quantity, realised_pnl, fees, dust, closed_at, funding, coin_fees"
        " FROM positions WHERE closed_at IS NOT NULL"
    )
    for row in books.execute(query):
        yield Position(
            position_id=row[0],
            trade_id=row[1],
            symbol=row[2],
            side=Side(row[3]),
            opened_at=_moment(row[4]),
            quantity=Decimal(row[5]),
            entry_price=Decimal(row[6]),
            entered_quantity=Decimal(row[7]),
            realised_pnl=Decimal(row[8]),
            fees=Decimal(row[9]),
            dust=Decimal(row[10]),
            closed_at=_moment(row[11]),
            funding=Decimal(row[12]),
            coin_fees=Decimal(row[13]),
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _texts(books: sqlite3.Connection, query: str, *values: str) -> list[str]:
    return [str(row[0]) for row in books.execute(query, values)]
