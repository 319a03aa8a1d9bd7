"""The database: one writer off the event loop, readers beside it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from cerberus.adapters.store.repositories import Repositories
from cerberus.errors import Conflict, Rejected, StoreFailed
from cerberus.ports import Transaction

Result = TypeVar("Result")

#: PostgreSQL's words for "another transaction was faster, begin again"
_AGAIN = frozenset({"40001", "40P01"})
_ATTEMPTS = 20


class SqlStore:
    """The state behind one URL.

    Every write runs on one thread, in a transaction that holds SQLite's write lock from its first
    statement on; PostgreSQL may have several writers, and work that met another one there is run
    again. Reads run on two other threads, each on a consistent snapshot that cannot be written.
    """

    def __init__(self, url: str) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="store-read")
        self._write_engine = open_engine(url, begin="BEGIN IMMEDIATE")
        self._read_engine = open_engine(url, reads_only=True)

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work in a write transaction and commit, or roll back when it raises."""
        return await self._run(self._writer, self._write_engine, work)

    async def read(self, work: Callable[[Transaction], Result]) -> Result:
        """Run work on a consistent snapshot."""
        return await self._run(self._readers, self._read_engine, work)

    def close(self) -> None:
        """Finish what runs and close the connections."""
        self._writer.shutdown()
        self._readers.shutdown()
        self._write_engine.dispose()
        self._read_engine.dispose()

    async def _run(
        self, pool: ThreadPoolExecutor, engine: Engine, work: Callable[[Transaction], Result]
    ) -> Result:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, _transact, engine, work)
        except IntegrityError as error:
            raise Conflict("another writer has stored the same thing already") from error
        except DataError as error:
            raise Rejected("a value cannot be kept by the database") from error
        except SQLAlchemyError as error:
            raise StoreFailed(f"the store failed: {_cause(error)}") from error


def open_engine(url: str, begin: str = "BEGIN", *, reads_only: bool = False) -> Engine:
    """Return an engine; SQLite gets write-ahead logging and full durability."""
    if make_url(url).get_backend_name() != "sqlite":
        isolation = "REPEATABLE READ" if reads_only else "SERIALIZABLE"
        engine = create_engine(url, isolation_level=isolation, pool_pre_ping=True)
        return engine.execution_options(postgresql_readonly=reads_only)
    engine = create_engine(url, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # sqlite3 must not open transactions by itself: `begin` below does
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA query_only={int(reads_only)}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _cause(error: SQLAlchemyError) -> str:
    """Return what the database said, in one short line and without the statement."""
    told = str(error.orig) if isinstance(error, DBAPIError) else ""
    return (told.splitlines() or [type(error).__name__])[0][:200]


def _transact(engine: Engine, work: Callable[[Transaction], Result]) -> Result:
    for _ in range(_ATTEMPTS - 1):
        try:
            return _once(engine, work)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    return _once(engine, work)


def _once(engine: Engine, work: Callable[[Transaction], Result]) -> Result:
    with engine.begin() as connection:
        return work(Repositories(connection))
