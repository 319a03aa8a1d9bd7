"""Positions, and the sums of those that are closed, inside one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from cerberus.adapters.store import tables
from cerberus.adapters.store.rows import Rows
from cerberus.domain.closed_sums import ClosedSums
from cerberus.domain.funding import Held
from cerberus.domain.positions import Position

_COLUMNS = tables.positions.c
#: an index answers it, however many positions a symbol has had
_LAST_CLOSED = select(func.max(_COLUMNS.closed_at, type_=_COLUMNS.closed_at.type)).where(
    _COLUMNS.symbol == bindparam("symbol")
)


class PositionRows(Rows[Position]):
    """Positions; what is asked every minute costs the same after a million of them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.positions, Position)
        self._sums = Rows(connection, tables.closed_sums, ClosedSums)

    def add(self, position: Position) -> None:
        """Store a new position."""
        self.insert(position)
        self._follow(None, position)

    def save(self, position: Position) -> None:
        """Store a position's new state, and in the same transaction what changes of the sums."""
        before = self.get(position.position_id)
        self.update(position)
        self._follow(before, position)

    def get(self, position_id: str) -> Position | None:
        """Return a position."""
        return self.last_having("position_id", position_id)

    def open(self) -> list[Position]:
        """Return the open positions."""
        return self.all(_COLUMNS.closed_at.is_(None), newest=False)

    def open_on(self, symbol: str) -> Position | None:
        """Return the open position on a symbol."""
        return self.one(_COLUMNS.symbol == symbol, _COLUMNS.closed_at.is_(None))

    def of_trade(self, trade_id: str) -> Position | None:
        """Return the position of a trade."""
        return self.last_having("trade_id", trade_id)

    def closed_sums(self) -> list[ClosedSums]:
        """Return for each symbol what its closed positions come to."""
        return self._sums.all(newest=False)

    def last_closed(self) -> Mapping[str, datetime]:
        """Return for each symbol when its newest position was closed."""
        sums = self.closed_sums()
        return {one.symbol: one.last_closed_at for one in sums if one.last_closed_at is not None}

    def held(self) -> Mapping[str, Held]:
        """Return for each symbol when it was held first, and until when."""
        found = {
            one.symbol: Held(one.first_opened_at, one.last_closed_at) for one in self.closed_sums()
        }
        for position in self.open():
            known = found.get(position.symbol)
            since = position.opened_at if known is None else min(known.since, position.opened_at)
            found[position.symbol] = Held(since, None)
        return found

    def held_at(self, symbol: str, at: datetime, grace: timedelta) -> Position | None:
        """Return the newest position opened before a moment, and closed at most a grace before."""
        until = or_(_COLUMNS.closed_at.is_(None), _COLUMNS.closed_at >= at - grace)
        return self.one(and_(_COLUMNS.symbol == symbol, _COLUMNS.opened_at < at, until))

    def newest(self, limit: int, offset: int) -> tuple[list[Position], int]:
        """Return the newest positions and the total."""
        return self.page(limit, offset)

    def _follow(self, before: Position | None, after: Position) -> None:
        """Let the sums follow a write; what was and is open is no part of them."""
        if after.is_open and (before is None or before.is_open):
            return
        known = self._sums.last_having("symbol", after.symbol)
        latest = self._connection.execute(_LAST_CLOSED, {"symbol": after.symbol}).scalar()
        sums = known or ClosedSums(after.symbol, after.opened_at, latest)
        write = self._sums.insert if known is None else self._sums.update
        write(sums.moved(before, after, latest))
