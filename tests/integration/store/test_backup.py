"""Backups of the store's file: whole while it is written, counted, drilled and restored."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cerberus.adapters.store.backup import StoreBackups, list_backups, take_backup
from cerberus.adapters.store.restore import restore
from cerberus.domain.backups import Drill
from cerberus.domain.orders import OrderStatus
from cerberus.errors import Conflict, Invalid, NotFound, StoreFailed
from cerberus.ports import Transaction
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import (
    FILL,
    NOW,
    Blocking,
    D,
    add_trade,
    order,
    planned,
    position,
    signal_record,
)


@pytest.fixture
def store(open_sqlite: OpenStore) -> Blocking:
    return open_sqlite()


@pytest.fixture
def source(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def hold(transaction: Transaction) -> None:
    """Store a position with everything that belongs to one."""
    add_trade(transaction)
    filled = order(status=OrderStatus.FILLED)
    transaction.orders.add(filled, None)
    transaction.orders.add_fill(filled, replace(FILL, quantity=D(2)))
    transaction.positions.add(position(quantity=D(2)))
    transaction.exits.add(planned())


def drilled(url: str, folder: Path, file: str | None = None) -> Drill:
    return asyncio.run(StoreBackups(url, folder, 3).drill(file, NOW))


def failed(drill: Drill) -> dict[str, str]:
    return {check.name: check.detail for check in drill.checks if not check.holds}


def signals(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        return int(opened.execute("SELECT count(*) FROM signals").fetchone()[0])


def test_a_backup_is_one_file_with_its_checksum_beside(
    store: Blocking, source: Path, folder: Path
) -> None:
    store.write(hold)

    taken = take_backup(source, folder, 3, NOW).backup

    file = folder / taken.file
    assert taken.file == "cerberus-20260302T120000123456Z.db"
    assert taken.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (folder / f"{taken.file}.sha256").read_text() == f"{taken.sha256}  {taken.file}\n"
    assert sorted(path.name for path in folder.iterdir()) == [taken.file, f"{taken.file}.sha256"]
    assert (file.stat().st_mode & 0o777, taken.taken_at, signals(file)) == (0o600, NOW, 1)


def test_backups_taken_while_the_store_is_written_are_all_whole(
    store: Blocking, source: Path, sqlite_url: str, folder: Path
) -> None:
    def write_on() -> None:
        for number in range(1, 200):
            store.write(lambda transaction, n=number: transaction.signals.add(signal_record(n)))  # type: ignore[misc]  # a default binds it

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_on)
        names: list[str] = []
        while not (writing.done() and names):
            at = NOW + timedelta(seconds=len(names))
            names.append(take_backup(source, folder, 1000, at).backup.file)
        writing.result()

    assert signals(source) == 199
    assert all(drilled(sqlite_url, folder, name).holds for name in names[-3:])


def test_the_oldest_backups_go_with_their_checksums(
    store: Blocking, source: Path, folder: Path
) -> None:
    del store
    (folder / "cerberus-notes.db").parent.mkdir()
    (folder / "cerberus-notes.db").write_text("not ours")
    taken = [take_backup(source, folder, 2, NOW + timedelta(hours=hour)) for hour in range(4)]

    newest = [one.backup for one in reversed(taken[-2:])]
    assert list_backups(folder) == newest
    assert len(list(folder.iterdir())) == 5


def test_a_drill_checks_file_and_books_and_leaves_nothing(
    store: Blocking, sqlite_url: str, source: Path, folder: Path
) -> None:
    store.write(hold)
    take_backup(source, folder, 3, NOW)
    before = sorted(folder.iterdir())

    drill = drilled(sqlite_url, folder)

    assert [check.name for check in drill.checks] == [
        "checksum",
        "integrity",
        "schema",
        "fills_sum_to_positions",
        "one_live_trade_per_signal",
        "reservations_equal_open_orders",
        "open_positions_have_exits",
        "closed_sums_equal_positions",
    ]
    assert failed(drill) == {}
    assert sorted(folder.iterdir()) == before


def test_a_drill_counts_all_that_a_closed_position_came_to(
    store: Blocking, sqlite_url: str, source: Path, folder: Path
) -> None:
    store.write(hold)
    made = {"realised_pnl": D(5), "funding": D(-1), "fees": D(3), "coin_fees": D(2)}
    closed = position(quantity=D(0), dust=D(2), closed_at=NOW, **made)
    store.write(lambda transaction: transaction.positions.save(closed))
    take_backup(source, folder, 3, NOW)
    assert failed(drilled(sqlite_url, folder)) == {}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE positions SET quantity = '3'", "fills_sum_to_positions"),
        ("DELETE FROM positions", "fills_sum_to_positions"),
        ("UPDATE exits SET status = 'cancelled'", "open_positions_have_exits"),
        (
            "INSERT INTO reservations VALUES ('o1', 'swap', 'USDT', '5')",
            "reservations_equal_open_orders",
        ),
        ("UPDATE orders SET status = 'open'", "reservations_equal_open_orders"),
        (
            "UPDATE positions SET quantity = '0', dust = '2', closed_at = opened_at",
            "closed_sums_equal_positions",
        ),
        ("DROP INDEX one_live_trade_per_signal; {0}", "one_live_trade_per_signal"),
        ("UPDATE alembic_version SET version_num = '9999'", "schema"),
        ("PRAGMA foreign_keys=OFF; DELETE FROM orders", "integrity"),
    ],
)
def test_a_drill_names_what_does_not_hold(
    store: Blocking, sqlite_url: str, source: Path, folder: Path, statement: str, check: str
) -> None:
    store.write(hold)
    twin = "INSERT INTO trades SELECT 't2', signal_id, symbol, side, strategy, quantity,"
    twin += " entry_price, stop_price, target_price, leverage, created_at, status, opened_at,"
    twin += " protected_at, closed_at, close_reason, trailing_percent, trailed_stop FROM trades"
    with closing(sqlite3.connect(source)) as opened:
        opened.executescript(statement.format(twin))
    if check == "integrity":
        with pytest.raises(StoreFailed, match="refers to nothing"):
            take_backup(source, folder, 3, NOW)
        assert list(folder.iterdir()) == []
        return
    take_backup(source, folder, 3, NOW)

    assert check in failed(drilled(sqlite_url, folder))


def test_a_backup_that_was_changed_fails_its_drill_and_is_not_restored(
    store: Blocking, sqlite_url: str, source: Path, folder: Path
) -> None:
    store.write(hold)
    file = folder / take_backup(source, folder, 3, NOW).backup.file
    content = bytearray(file.read_bytes())
    content[-100:-90] = b"0123456789"
    file.write_bytes(content)

    assert "checksum" in failed(drilled(sqlite_url, folder))
    with pytest.raises(Invalid, match="expected"):
        restore(file, sqlite_url, NOW)
    assert signals(source) == 1


def test_a_file_that_is_no_database_fails_its_drill(
    store: Blocking, sqlite_url: str, source: Path, folder: Path
) -> None:
    del store
    taken = take_backup(source, folder, 3, NOW).backup
    (folder / taken.file).write_text("nothing of the kind")

    assert failed(drilled(sqlite_url, folder)).keys() == {"checksum", "integrity"}


def test_a_restore_brings_back_what_was_and_keeps_what_is(
    open_sqlite: OpenStore, sqlite_url: str, source: Path, folder: Path
) -> None:
    first = open_sqlite()
    first.write(hold)
    file = folder / take_backup(source, folder, 3, NOW).backup.file
    first.write(lambda transaction: transaction.signals.add(signal_record(2)))
    first.store.close()

    former = restore(file, sqlite_url, NOW)

    assert former is not None
    assert (signals(source), signals(former)) == (1, 2)
    second = open_sqlite()
    second.write(lambda transaction: transaction.signals.add(signal_record(3)))
    assert signals(source) == 2
    assert not list(source.parent.glob("restoring-*"))


def test_a_restore_keeps_what_only_the_log_of_a_killed_process_has(
    store: Blocking, source: Path, folder: Path
) -> None:
    store.write(hold)
    file = folder / take_backup(source, folder, 3, NOW).backup.file
    store.write(lambda transaction: transaction.signals.add(signal_record(2)))
    killed = source.parent / "killed"
    killed.mkdir()
    for part in source.parent.glob(f"{source.name}*"):
        (killed / part.name).write_bytes(part.read_bytes())
    assert (killed / f"{source.name}-wal").stat().st_size > 0

    former = restore(file, f"sqlite:///{killed / source.name}", NOW)

    assert former is not None
    assert (signals(killed / source.name), signals(former)) == (1, 2)


@pytest.mark.parametrize("missing", ["file", "checksum"])
def test_a_restore_without_a_file_or_its_checksum_changes_nothing(
    store: Blocking, sqlite_url: str, source: Path, folder: Path, missing: str
) -> None:
    store.write(hold)
    taken = take_backup(source, folder, 3, NOW).backup
    (folder / (taken.file if missing == "file" else f"{taken.file}.sha256")).unlink()

    with pytest.raises(Invalid, match="FILE: "):
        restore(folder / taken.file, sqlite_url, NOW)
    assert signals(source) == 1


def test_a_backup_of_nothing_says_so(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        take_backup(tmp_path / "none.db", folder, 3, NOW)
    assert list(folder.iterdir()) == []


def test_another_database_is_told_to_use_its_own_tools(folder: Path) -> None:
    url = "postgresql+psycopg://cerberus@127.0.0.1:1/postgres"
    backups = StoreBackups(url, folder, 3)
    calls: list[Callable[[], object]] = [
        lambda: asyncio.run(backups.take(NOW)),
        lambda: asyncio.run(backups.all()),
        lambda: asyncio.run(backups.drill(None, NOW)),
        lambda: restore(folder / "x.db", url, NOW),
    ]
    for call in calls:
        with pytest.raises(Conflict, match="pg_dump and pg_restore"):
            call()


def test_a_drill_needs_a_backup(sqlite_url: str, folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(NotFound, match="no backup yet"):
        drilled(sqlite_url, folder)
    with pytest.raises(NotFound, match=r"no backup cerberus-x\.db"):
        drilled(sqlite_url, folder, "cerberus-x.db")
