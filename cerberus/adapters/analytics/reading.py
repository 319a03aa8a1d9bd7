"""Read closed trades as columns from the store, with no object for any of them.

One statement for both databases. The database itself joins a part of each column into one text:
making a row of every trade would take most of the time that a million of them need.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import islice
from operator import add, le, mul, sub
from pathlib import Path
from typing import Any

from cerberus.domain.analytics.columns import Background, Columns, Holding, Span, iso
from cerberus.domain.market import ZERO

#: trades that are in memory at a time
PART = 5_000

#: a longer history before the range is not added up again: less lies behind its start as a rule
ADDED_UP_TO = 50_000

#: in no symbol and no strategy: their patterns know no such sign
_BETWEEN = "\x1f"
_COLUMNS = (
    *("p.closed_at", "p.opened_at", "p.symbol", "t.strategy", "p.side"),
    *("p.realised_pnl", "p.funding", "p.fees"),
    *("p.entry_price", "p.entered_quantity", "t.entry_price"),
)
_CLOSED = """
SELECT {0} FROM positions p JOIN trades t ON t.trade_id = p.trade_id
WHERE p.closed_at >= ? AND p.closed_at < ?
"""
_PART_ENDS = """
SELECT closed_at FROM positions WHERE closed_at >= ? AND closed_at < ?
ORDER BY closed_at LIMIT 1 OFFSET {0}
"""
_NEXT = "SELECT min(closed_at) FROM positions WHERE closed_at > ? AND closed_at < ?"
_SIGNS = {"buy": 1.0, "sell": -1.0}
_MADE = "SELECT realised_pnl, funding, fees FROM positions WHERE closed_at {0} ?"
_IS_LONG = "SELECT 1 FROM positions WHERE closed_at < ? LIMIT 1 OFFSET {0}"
_ALL_MADE = "SELECT result FROM closed_sums"
_LEFT_OPEN = """
SELECT opened_at,
  CAST(entry_price AS DOUBLE PRECISION) * CAST(entered_quantity AS DOUBLE PRECISION)
FROM positions WHERE opened_at < ? AND (closed_at IS NULL OR closed_at >= ?)
"""
_COUNT = "SELECT count(*) FROM positions WHERE closed_at >= ? AND closed_at < ?"
_RECORD = "SELECT value FROM facts WHERE name = ?"


class Reader:
    """A consistent snapshot of the store."""

    def __init__(self, connection: Any, mark: str, join: str) -> None:
        self._connection, self._mark = connection, mark
        columns = ", ".join(f"{join}({name}, '{_BETWEEN}')" for name in _COLUMNS)
        self._closed = _CLOSED.format(columns)

    def background(self, span: Span) -> Background:
        """Return the equity before the range, and what was still open at its end."""
        told = next(iter(self._rows(_RECORD, "performance")), None)
        equity = Decimal(json.loads(told[0])["starting_equity"]) if told else ZERO
        equity += self._made_before(iso(span.start))
        end = iso(span.end)
        left = tuple(Holding(since, value) for since, value in self._rows(_LEFT_OPEN, end, end))
        return Background(equity, left)

    def _made_before(self, start: str) -> Decimal:
        if next(self._rows(_IS_LONG.format(ADDED_UP_TO), start), None) is None:
            return self._made(_MADE.format("<"), start)
        of_all = sum((Decimal(made) for (made,) in self._rows(_ALL_MADE)), ZERO)
        return of_all - self._made(_MADE.format(">="), start)

    def _made(self, statement: str, at: str) -> Decimal:
        parts = self._parts(statement, at)
        return sum((sum(_net(*zip(*part, strict=True)), ZERO) for part in parts), ZERO)

    def middle(self, span: Span, at_least: int) -> datetime | None:
        """Return when half of the trades of a range were closed, None where there are few."""
        ends = iso(span.start), iso(span.end)
        (count,) = next(self._rows(_COUNT, *ends))
        if count < at_least:
            return None
        (at,) = next(self._rows(_PART_ENDS.format(count // 2), *ends))
        middle = datetime.fromisoformat(at)
        return middle if span.start < middle else None

    def trades(self, span: Span) -> Iterator[Columns]:
        """Yield the trades that were closed in the range, part by part, in that order."""
        for start, end in self._ranges(iso(span.start), iso(span.end)):
            (texts,) = self._rows(self._closed, start, end)
            if texts[0] is not None:
                yield _columns(*_in_order([text.split(_BETWEEN) for text in texts]))

    def _ranges(self, start: str, end: str) -> Iterator[tuple[str, str]]:
        """Yield ranges with about as many trades as a part has; those of a moment stay together."""
        while start < end:
            (until,) = next(self._rows(_PART_ENDS.format(PART), start, end), (None,))
            if until == start:
                ((until,),) = self._rows(_NEXT, start, end)
            yield start, until or end
            start = until or end

    def _rows(self, statement: str, *values: str) -> Iterator[tuple[Any, ...]]:
        for part in self._parts(statement, *values):
            yield from part

    def _parts(self, statement: str, *values: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(statement.replace("?", self._mark), values)
            while part := cursor.fetchmany(PART):
                yield part


def _net(realised: Sequence[str], funding: Sequence[str], fees: Sequence[str]) -> Iterator[Decimal]:
    made = map(add, map(Decimal, realised), map(Decimal, funding))
    return map(sub, made, map(Decimal, fees))


def _in_order(columns: list[list[str]]) -> list[list[str]]:
    """Return the columns in the order of closing, in which an index mostly gives them."""
    closed = columns[0]
    if all(map(le, closed, islice(closed, 1, None))):
        return columns
    order = sorted(range(len(closed)), key=closed.__getitem__)
    return [[column[place] for place in order] for column in columns]


def _columns(
    closed: list[str],
    opened: list[str],
    symbols: list[str],
    strategies: list[str],
    sides: list[str],
    *amounts: list[str],
) -> Columns:
    realised, funding, fees, entry, quantity, planned = amounts
    # most trades have no funding
    received = [ZERO if one == "0" else Decimal(one) for one in funding]
    paid = list(map(Decimal, fees))
    results = map(sub, map(add, map(float, realised), map(float, funding)), map(float, fees))
    prices, quantities = list(map(float, entry)), list(map(float, quantity))
    worse = map(mul, map(sub, prices, map(float, planned)), map(_SIGNS.__getitem__, sides))
    return Columns(
        closed_at=closed,
        opened_at=opened,
        kind=list(zip(symbols, strategies, strict=True)),
        net=list(map(sub, map(add, map(Decimal, realised), received), paid)),
        fees=paid,
        funding=received,
        result=list(results),
        value=list(map(mul, prices, quantities)),
        slippage=list(map(mul, worse, quantities)),
    )


@contextmanager
def snapshot(url: str) -> Iterator[Reader]:
    """Open the store behind a URL for reading; writers go on beside it."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        with closing(sqlite3.connect(f"file:{Path(path)}?mode=ro", uri=True)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN")
            yield Reader(connection, "?", "group_concat")
        return
    # seconds of imports, which SQLite does without
    from cerberus.adapters.store.database import open_engine

    engine = open_engine(url, reads_only=True)
    try:
        with engine.connect() as opened:
            yield Reader(opened.connection, "%s", "string_agg")
    finally:
        engine.dispose()
