import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from cerberus.adapters.store.database import open_engine
from cerberus.errors import Transient
from cerberus.ports import Transaction
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import NOW, add_trade, trade

ROOT = Path(__file__).resolve().parents[3]
KILLS = 3
PRAGMAS = ("journal_mode", "synchronous", "foreign_keys", "query_only")
#: each write stores a signal, its trade and a fact, and tells the number once it is committed
WRITER = """
import sys
from tests.integration.store.examples import NOW, Blocking, add_trade

store = Blocking(sys.argv[1])
number = int(sys.argv[2])
while True:
    def work(tx):
        add_trade(tx, number)
        tx.facts.put("last", {"number": str(number)}, NOW)
    store.write(work)
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("reads_only", [False, True])
def test_every_connection_is_durable_and_keeps_foreign_keys(
    open_sqlite: OpenStore, sqlite_url: str, reads_only: bool
) -> None:
    open_sqlite()
    engine = open_engine(sqlite_url, reads_only=reads_only)
    connections = [engine.connect() for _ in range(3)]

    found = [
        [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS]
        for connection in connections
    ]

    for connection in connections:
        connection.close()
    engine.dispose()
    assert found == [["wal", 2, 1, int(reads_only)]] * 3


def test_the_store_itself_uses_such_connections(open_sqlite: OpenStore) -> None:
    store = open_sqlite()
    pragmas: list[object] = []

    def ask(tx: Transaction) -> None:
        connection = tx.facts._connection  # type: ignore[attr-defined]  # what it really runs on
        pragmas.extend(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS)

    store.write(ask)
    store.read(ask)

    assert pragmas == ["wal", 2, 1, 0, "wal", 2, 1, 1]


def test_readers_go_on_while_a_write_takes_its_time(open_sqlite: OpenStore) -> None:
    store = open_sqlite()
    writing, done = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        add_trade(tx)
        writing.set()
        assert done.wait(20)

    async def both() -> object:
        write = asyncio.ensure_future(store.store.write(slow))
        await asyncio.to_thread(writing.wait, 20)
        seen = await store.store.read(lambda tx: tx.trades.get("t1"))
        done.set()
        await write
        return seen

    assert asyncio.run(both()) is None
    assert store.read(lambda tx: tx.trades.get("t1")) == trade()


def test_writes_of_one_store_are_done_one_after_the_other(open_sqlite: OpenStore) -> None:
    store = open_sqlite()
    running = []

    def alone(_: Transaction) -> int:
        running.append(1)
        time.sleep(0.002)
        most = len(running)
        running.pop()
        return most

    async def many() -> list[int]:
        return await asyncio.gather(*(store.store.write(alone) for _ in range(20)))

    assert set(asyncio.run(many())) == {1}


def test_a_database_that_is_gone_is_transient(tmp_path: Path, open_sqlite: OpenStore) -> None:
    store = open_sqlite()
    file = tmp_path / "state" / "cerberus.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE facts")

    with pytest.raises(Transient, match="the store failed"):
        store.read(lambda tx: tx.facts.get("f"))


def test_a_killed_writer_leaves_a_whole_database_with_all_that_it_told(
    open_sqlite: OpenStore, sqlite_url: str
) -> None:
    store = open_sqlite()
    first = 1
    for pause in range(KILLS):
        command = [sys.executable, "-c", WRITER, sqlite_url, str(first)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert int(writer.stdout.readline()) == first
            time.sleep(0.02 * pause)
            writer.kill()
            told = [first, *(int(line) for line in writer.stdout.read().split())]
        last = store.read(lambda tx: int(tx.facts.get("last")["number"]))
        tally = store.read(lambda tx: tx.facts.tally())
        # what was told is there, and at most one write more; each is there wholly
        assert told[-1] <= last <= told[-1] + 1
        assert tally == {("signals", "received"): last, ("trades", "pending"): last}
        first = last + 1

    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert store.write(lambda tx: tx.facts.put("after", {"a": "b"}, NOW)) is None
