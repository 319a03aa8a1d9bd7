"""One generic way between a frozen dataclass and its row: equal names, typed columns."""

from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, update

Record = TypeVar("Record")


class Rows(Generic[Record]):
    """The rows of a table as records, inside one transaction."""

    def __init__(self, connection: Connection, table: Table, kind: type[Record]) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass
        self._columns = [table.c[name] for name in names if name in table.c]
        self._key = next(iter(table.primary_key.columns))

    def insert(self, record: Record, **more: object) -> None:
        """Add a row."""
        self._connection.execute(insert(self._table).values(**self._values(record), **more))

    def update(self, record: Record) -> None:
        """Write every column of an existing row.

        Raises
        ------
        LookupError
            There is no such row: what was to be kept would be lost.
        """
        values = self._values(record)
        key = values.pop(self._key.name)
        written = self._connection.execute(
            update(self._table).where(self._key == key).values(**values)
        )
        if written.rowcount != 1:
            raise LookupError(f"{self._table.name} has no row {key}")

    def one(self, *where: ColumnElement[bool]) -> Record | None:
        """Return the only, or the newest, row that fits."""
        found = self.all(*where, limit=1)
        return found[0] if found else None

    def all(
        self,
        *where: ColumnElement[bool],
        limit: int | None = None,
        offset: int = 0,
        newest: bool = True,
    ) -> list[Record]:
        """Return the rows that fit, in the order of their ids, which is that of time."""
        order = self._key.desc() if newest else self._key
        query = select(*self._columns).where(*where).order_by(order).limit(limit).offset(offset)
        return [self._record(row._mapping) for row in self._connection.execute(query)]

    def page(
        self, limit: int, offset: int, *where: ColumnElement[bool]
    ) -> tuple[list[Record], int]:
        """Return one page, newest first, and the total."""
        query = select(func.count()).select_from(self._table).where(*where)
        total = self._connection.execute(query).scalar_one()
        return self.all(*where, limit=limit, offset=offset), total

    def _values(self, record: Record) -> dict[str, object]:
        return {column.name: getattr(record, column.name) for column in self._columns}

    def _record(self, row: Any) -> Record:
        return self._kind(**row)
