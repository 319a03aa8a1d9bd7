"""One generic way between a frozen dataclass and its row: equal names, typed columns."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)

Record = TypeVar("Record")

#: no column has these names
_KEY, _VALUE = "key_of_row", "value_asked_for"


@dataclass(frozen=True, slots=True)
class _Statements:
    """What is the same for each row of a table; building it anew would take most of the time."""

    names: tuple[str, ...]
    key: ColumnElement[Any]
    key_name: str
    select: Select[Any]
    insert: Insert
    update: Update


@cache
def _statements(table: Table, kind: type) -> _Statements:
    names = tuple(field.name for field in fields(kind) if field.name in table.c)
    key = next(iter(table.primary_key.columns))
    return _Statements(
        names=names,
        key=key,
        key_name=key.name,
        select=select(*(table.c[name] for name in names)),
        insert=insert(table),
        update=update(table).where(key == bindparam(_KEY)),
    )


@cache
def _having(table: Table, kind: type, column: str) -> Select[Any]:
    known = _statements(table, kind)
    return known.select.where(table.c[column] == bindparam(_VALUE)).order_by(known.key)


class Rows(Generic[Record]):
    """The rows of a table as records, inside one transaction."""

    def __init__(self, connection: Connection, table: Table, kind: type[Record]) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._statements = _statements(table, kind)  # type: ignore[arg-type]  # a class is hashable

    def insert(self, record: Record, **more: object) -> None:
        """Add a row."""
        self._connection.execute(self._statements.insert, self._values(record) | more)

    def update(self, record: Record) -> None:
        """Write every column of an existing row.

        Raises
        ------
        LookupError
            There is no such row: what was to be kept would be lost.
        """
        values = self._values(record)
        key = values.pop(self._statements.key_name)
        written = self._connection.execute(self._statements.update, values | {_KEY: key})
        if written.rowcount != 1:
            raise LookupError(f"{self._table.name} has no row {key}")

    def one(self, *where: ColumnElement[bool]) -> Record | None:
        """Return the only, or the newest, row that fits."""
        found = self.all(*where, limit=1)
        return found[0] if found else None

    def having(self, column: str, value: object) -> list[Record]:
        """Return the rows with a value in a column, oldest first."""
        query = _having(self._table, self._kind, column)  # type: ignore[arg-type]  # likewise
        return self._records(self._connection.execute(query, {_VALUE: value}))

    def last_having(self, column: str, value: object) -> Record | None:
        """Return the only, or the newest, row with a value in a column."""
        found = self.having(column, value)
        return found[-1] if found else None

    def all(
        self,
        *where: ColumnElement[bool],
        limit: int | None = None,
        offset: int = 0,
        newest: bool = True,
    ) -> list[Record]:
        """Return the rows that fit, in the order of their ids, which is that of time."""
        key = self._statements.key
        query = self._statements.select.where(*where).order_by(key.desc() if newest else key)
        if limit is not None:
            query = query.limit(limit)
        if offset:
            query = query.offset(offset)
        return self._records(self._connection.execute(query))

    def page(
        self, limit: int, offset: int, *where: ColumnElement[bool]
    ) -> tuple[list[Record], int]:
        """Return one page, newest first, and the total."""
        query = select(func.count()).select_from(self._table).where(*where)
        total = self._connection.execute(query).scalar_one()
        return self.all(*where, limit=limit, offset=offset), total

    def _values(self, record: Record) -> dict[str, object]:
        return {name: getattr(record, name) for name in self._statements.names}

    def _records(self, rows: Iterable[Row[Any]]) -> list[Record]:
        names, kind = self._statements.names, self._kind
        return [kind(**dict(zip(names, row, strict=True))) for row in rows]
