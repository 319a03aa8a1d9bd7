"""Read closed trades as columns from the store, with no object for any of them.

One statement for both databases; the driver's own cursor is read, since a million rows pass here.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from operator import add, sub
from pathlib import Path
from typing import Any

from cerberus.domain.analytics.columns import BETWEEN, Background, Columns, Holding, Span, iso
from cerberus.domain.market import ZERO

#: rows that are in memory at a time
PART = 20_000

_CLOSED = """
SELECT p.closed_at, p.opened_at, p.symbol || ? || t.strategy, p.realised_pnl,
  NULLIF(p.funding, '0'), p.fees,
  CAST(p.entry_price AS DOUBLE PRECISION) * CAST(p.entered_quantity AS DOUBLE PRECISION),
  (CAST(p.entry_price AS DOUBLE PRECISION) - CAST(t.entry_price AS DOUBLE PRECISION))
  * CAST(p.entered_quantity AS DOUBLE PRECISION) * CASE p.side WHEN 'buy' THEN 1 ELSE -1 END
FROM positions p JOIN trades t ON t.trade_id = p.trade_id
WHERE p.closed_at >= ? AND p.closed_at < ? ORDER BY p.closed_at
"""
_BEFORE = "SELECT realised_pnl, funding, fees FROM positions WHERE closed_at < ?"
_LEFT_OPEN = """
SELECT opened_at,
  CAST(entry_price AS DOUBLE PRECISION) * CAST(entered_quantity AS DOUBLE PRECISION)
FROM positions WHERE opened_at < ? AND (closed_at IS NULL OR closed_at >= ?)
"""
_COUNT = "SELECT count(*) FROM positions WHERE closed_at >= ? AND closed_at < ?"
_MIDDLE = """
SELECT closed_at FROM positions WHERE closed_at >= ? AND closed_at < ?
ORDER BY closed_at LIMIT 1 OFFSET {0}
"""
_RECORD = "SELECT value FROM facts WHERE name = ?"


class Reader:
    """A consistent snapshot of the store."""

    def __init__(self, connection: Any, mark: str) -> None:
        self._connection, self._mark = connection, mark

    def background(self, span: Span) -> Background:
        """Return the equity before the range, and what was still open at its end."""
        told = next(iter(self._rows(_RECORD, "performance")), None)
        equity = Decimal(json.loads(told[0])["starting_equity"]) if told else ZERO
        for part in self._parts(_BEFORE, iso(span.start)):
            equity += sum(_net(*zip(*part, strict=True)), ZERO)
        end = iso(span.end)
        left = tuple(Holding(since, value) for since, value in self._rows(_LEFT_OPEN, end, end))
        return Background(equity, left)

    def middle(self, span: Span, at_least: int) -> datetime | None:
        """Return when half of the trades of a range were closed, None where there are few."""
        ends = iso(span.start), iso(span.end)
        (count,) = next(self._rows(_COUNT, *ends))
        if count < at_least:
            return None
        (at,) = next(self._rows(_MIDDLE.format(count // 2), *ends))
        middle = datetime.fromisoformat(at)
        return middle if span.start < middle else None

    def trades(self, span: Span) -> Iterator[Columns]:
        """Yield the trades that were closed in the range, part by part, in that order."""
        for part in self._parts(_CLOSED, BETWEEN, iso(span.start), iso(span.end)):
            closed, opened, kind, realised, funding, fees, value, slippage = zip(*part, strict=True)
            # most trades have no funding
            received = [ZERO if one is None else Decimal(one) for one in funding]
            funded = [0.0 if one is None else float(one) for one in funding]
            results = map(sub, map(add, map(float, realised), funded), map(float, fees))
            paid = list(map(Decimal, fees))
            yield Columns(
                closed_at=closed,
                opened_at=opened,
                kind=kind,
                net=list(map(sub, map(add, map(Decimal, realised), received), paid)),
                fees=paid,
                funding=received,
                result=list(results),
                value=value,
                slippage=slippage,
            )

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


@contextmanager
def snapshot(url: str) -> Iterator[Reader]:
    """Open the store behind a URL for reading; writers go on beside it."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        with closing(sqlite3.connect(f"file:{Path(path)}?mode=ro", uri=True)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN")
            yield Reader(connection, "?")
        return
    # seconds of imports, which SQLite does without
    from cerberus.adapters.store.database import open_engine

    engine = open_engine(url, reads_only=True)
    try:
        with engine.connect() as opened:
            yield Reader(opened.connection, "%s")
    finally:
        engine.dispose()
