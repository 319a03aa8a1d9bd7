"""The repositories of one transaction."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from cerberus.adapters.store import tables
from cerberus.adapters.store.alert_repository import AlertRows, DeliveryRows
from cerberus.adapters.store.fact_repository import FactRows
from cerberus.adapters.store.funding_repository import FundingRows
from cerberus.adapters.store.lease_repository import LeaseRows
from cerberus.adapters.store.order_repository import OrderRows
from cerberus.adapters.store.position_repository import PositionRows
from cerberus.adapters.store.rows import Rows
from cerberus.adapters.store.sample_repository import SampleRows
from cerberus.adapters.store.worker_repository import TaskRows, WorkerRows
from cerberus.domain.answers import Answer
from cerberus.domain.exits import Exit, ExitStatus
from cerberus.domain.signals import Signal
from cerberus.domain.trades import SignalRecord, Trade, TradeStatus, Verdict

_SIGNAL = TypeAdapter(Signal)
_VERDICT = TypeAdapter(Verdict)
#: named one by one, which an index answers; the others grow for ever
_LIVE_EXITS = [status for status in ExitStatus if not status.is_final]
#: built once: building a statement takes longer than the database does
_SIGNAL_BY_ID = select(tables.signals).where(tables.signals.c.signal_id == bindparam("id"))
_SAVE_SIGNAL = update(tables.signals).where(tables.signals.c.signal_id == bindparam("id"))


class SignalRows:
    """Signals, their content and their verdict as JSON."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._table = tables.signals

    def add(self, record: SignalRecord) -> None:
        """Store a new signal."""
        unique = record.fingerprint if record.signal.is_identified else None
        values = self._values(record) | {"unique_fingerprint": unique}
        self._connection.execute(insert(self._table), values)

    def save(self, record: SignalRecord) -> None:
        """Store a signal's new state."""
        values = self._values(record) | {"id": record.signal_id}
        if self._connection.execute(_SAVE_SIGNAL, values).rowcount != 1:
            raise LookupError(f"signals has no row {record.signal_id}")

    def get(self, signal_id: str) -> SignalRecord | None:
        """Return a signal by our id."""
        row = self._connection.execute(_SIGNAL_BY_ID, {"id": signal_id}).first()
        return None if row is None else _signal(row)

    def first(self, fingerprint: str, external_id: str | None) -> SignalRecord | None:
        """Return the newest signal with this fingerprint or this id of the caller's."""
        columns = self._table.c
        same = columns.fingerprint == fingerprint
        if external_id is not None:
            same = or_(same, columns.external_id == external_id)
        query = select(self._table).where(same).order_by(columns.signal_id.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _signal(row)

    def newest(self, limit: int, offset: int) -> tuple[list[SignalRecord], int]:
        """Return the newest signals and the total."""
        total = self._connection.execute(select(func.count()).select_from(self._table)).scalar_one()
        query = select(self._table).order_by(self._table.c.signal_id.desc())
        rows = self._connection.execute(query.limit(limit).offset(offset))
        return [_signal(row) for row in rows], total

    def received(self, start: datetime, end: datetime, limit: int) -> list[SignalRecord]:
        """Return the first signals that came from one moment on and before another, in order."""
        columns = self._table.c
        query = select(self._table).where(columns.received_at >= start, columns.received_at < end)
        query = query.order_by(columns.received_at, columns.signal_id).limit(limit)
        return [_signal(row) for row in self._connection.execute(query)]

    def _values(self, record: SignalRecord) -> dict[str, object]:
        verdict = record.verdict
        return {
            "signal_id": record.signal_id,
            "external_id": record.external_id,
            "fingerprint": record.fingerprint,
            "symbol": record.symbol,
            "received_at": record.received_at,
            "status": record.status,
            "signal": _SIGNAL.dump_json(record.signal).decode(),
            "verdict": None if verdict is None else _VERDICT.dump_json(verdict).decode(),
            "trade_id": record.trade_id,
        }


class TradeRows(Rows[Trade]):
    """Trades."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.trades, Trade)

    add = Rows[Trade].insert
    save = Rows[Trade].update

    def get(self, trade_id: str) -> Trade | None:
        """Return a trade."""
        return self.last_having("trade_id", trade_id)

    def of_signal(self, signal_id: str) -> Trade | None:
        """Return the newest trade of a signal."""
        return self.last_having("signal_id", signal_id)

    def find(
        self, status: TradeStatus | None, symbol: str | None, limit: int, offset: int
    ) -> tuple[list[Trade], int]:
        """Return the newest trades and the total."""
        where = []
        if status is not None:
            where.append(tables.trades.c.status == status)
        if symbol is not None:
            where.append(tables.trades.c.symbol == symbol)
        return self.page(limit, offset, *where)


class ExitRows(Rows[Exit]):
    """Protective exits."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.exits, Exit)

    add = Rows[Exit].insert
    save = Rows[Exit].update

    def live(self) -> list[Exit]:
        """Return every exit that is not over."""
        return self.all(tables.exits.c.status.in_(_LIVE_EXITS), newest=False)

    def of_trade(self, trade_id: str) -> list[Exit]:
        """Return the exits of a trade, oldest first."""
        return self.having("trade_id", trade_id)

    def at_venue(self, symbol: str, venue_id: str) -> Exit | None:
        """Return the exit that is, or was, this trigger."""
        columns = tables.exits.c
        return self.one(and_(columns.symbol == symbol, columns.venue_id == venue_id))

    def newest(self, limit: int, offset: int) -> tuple[list[Exit], int]:
        """Return the newest exits and the total."""
        return self.page(limit, offset)


class AnswerRows:
    """Answers by idempotency key."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Rows(connection, tables.answers, Answer)
        self._connection = connection

    def get(self, scope: str, key: str) -> Answer | None:
        """Return the answer kept for a key."""
        return self._rows.one(self._same(scope, key))

    def put(self, answer: Answer) -> None:
        """Store or replace an answer."""
        self.remove(answer.scope, answer.key)
        self._rows.insert(answer)

    def remove(self, scope: str, key: str) -> None:
        """Forget a key whose request may run again."""
        self._connection.execute(delete(tables.answers).where(self._same(scope, key)))

    @staticmethod
    def _same(scope: str, key: str) -> ColumnElement[bool]:
        return and_(tables.answers.c.scope == scope, tables.answers.c.key == key)


class Repositories:
    """All repositories, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.signals = SignalRows(connection)
        self.trades = TradeRows(connection)
        self.orders = OrderRows(connection)
        self.positions = PositionRows(connection)
        self.exits = ExitRows(connection)
        self.funding = FundingRows(connection)
        self.answers = AnswerRows(connection)
        self.facts = FactRows(connection)
        self.leases = LeaseRows(connection)
        self.workers = WorkerRows(connection)
        self.tasks = TaskRows(connection)
        self.alerts = AlertRows(connection)
        self.deliveries = DeliveryRows(connection)
        self.samples = SampleRows(connection)


def _signal(row: Row[tuple[object, ...]]) -> SignalRecord:
    values = row._mapping
    verdict = values["verdict"]
    return SignalRecord(
        signal_id=values["signal_id"],
        external_id=values["external_id"],
        fingerprint=values["fingerprint"],
        symbol=values["symbol"],
        received_at=values["received_at"],
        signal=_SIGNAL.validate_json(values["signal"]),
        status=values["status"],
        verdict=None if verdict is None else _VERDICT.validate_json(verdict),
        trade_id=values["trade_id"],
    )
