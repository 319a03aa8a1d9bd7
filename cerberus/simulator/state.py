"""The present state of the venue: what is open, who owns what, and what must still be written."""

from dataclasses import dataclass, field
from decimal import Decimal

from cerberus.simulator.entities import (
    FUTURES,
    SPOT,
    ZERO,
    Account,
    LedgerEntry,
    Order,
    Position,
    Trigger,
)
from cerberus.simulator.store import AnyRecord, Search, Store

#: ids begin here, so that they look like a venue's and never like a client's counter
FIRST_ID = 100_000_001


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A copy of the state to return to."""

    wallets: dict[tuple[Account, str], Decimal]
    positions: dict[str, Position]
    orders: dict[int, Order]
    triggers: dict[int, Trigger]
    next_id: int
    processed_ms: int


@dataclass(slots=True)
class State:
    """Open orders, open triggers, positions and wallets in memory; history is in the store."""

    wallets: dict[tuple[Account, str], Decimal] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    triggers: dict[int, Trigger] = field(default_factory=dict)
    next_id: int = FIRST_ID
    processed_ms: int = 0
    _pending: dict[object, AnyRecord] = field(default_factory=dict)
    _notes: dict[str, str] = field(default_factory=dict)

    def new_id(self) -> int:
        """Return an id that was never given before."""
        self.next_id += 1
        return self.next_id - 1

    def put_order(self, order: Order) -> None:
        """Add or replace an order; a finished one leaves the book."""
        self._put(order.id, order)
        if order.is_open:
            self.orders[order.id] = order
        else:
            self.orders.pop(order.id, None)

    def put_trigger(self, trigger: Trigger) -> None:
        """Add or replace a trigger; a finished one no longer waits."""
        self._put(trigger.id, trigger)
        if trigger.is_open:
            self.triggers[trigger.id] = trigger
        else:
            self.triggers.pop(trigger.id, None)

    def put_position(self, position: Position) -> None:
        """Replace the position of a contract."""
        self._put(("position", position.market), position)
        self.positions[position.market] = position

    def put_record(self, record: AnyRecord) -> None:
        """Add a record of history."""
        self._put(getattr(record, "id", None), record)

    def note(self, key: str, value: str) -> None:
        """Keep a single value along with the next write."""
        self._notes[key] = value

    def balance(self, account: Account, currency: str) -> Decimal:
        """Return the total of a wallet, whatever is locked of it."""
        return self.wallets.get((account, currency), ZERO)

    def book(
        self, account: Account, currency: str, change: Decimal, kind: str, market: str, text: str
    ) -> None:
        """Change a wallet and write the line that explains it."""
        if not change:
            return
        total = self.balance(account, currency) + change
        self.wallets[(account, currency)] = total
        entry = LedgerEntry(
            self.new_id(), account, currency, kind, change, total, market, text, self.processed_ms
        )
        self._put(entry.id, entry)

    def checkpoint(self) -> Checkpoint:
        """Return a copy to come back to when a request fails half way."""
        return Checkpoint(
            dict(self.wallets),
            dict(self.positions),
            dict(self.orders),
            dict(self.triggers),
            self.next_id,
            self.processed_ms,
        )

    def restore(self, point: Checkpoint) -> None:
        """Forget every change since the checkpoint."""
        self.wallets = dict(point.wallets)
        self.positions = dict(point.positions)
        self.orders = dict(point.orders)
        self.triggers = dict(point.triggers)
        self.next_id = point.next_id
        self.processed_ms = point.processed_ms
        self._pending.clear()
        self._notes.clear()

    def unsaved(self) -> tuple[AnyRecord, ...]:
        """Return what has changed since the last write, oldest first."""
        return tuple(self._pending.values())

    def save(self, store: Store) -> None:
        """Write what has changed; nothing is forgotten when that fails."""
        if not (self._pending or self._notes):
            return
        meta = self._notes | {"next_id": str(self.next_id), "processed_ms": str(self.processed_ms)}
        for (account, currency), total in self.wallets.items():
            meta[f"wallet:{account}:{currency}"] = str(total)
        store.save(self._pending.values(), meta)
        self._pending.clear()
        self._notes.clear()

    def _put(self, key: object, record: AnyRecord) -> None:
        self._pending[key] = record


def load_state(store: Store) -> State:
    """Read the state as the last commit left it."""
    meta = store.meta()
    state = State(
        next_id=int(meta.get("next_id", FIRST_ID)), processed_ms=int(meta.get("processed_ms", 0))
    )
    for key, value in meta.items():
        if key.startswith("wallet:"):
            _, account, currency = key.split(":")
            state.wallets[(SPOT if account == SPOT else FUTURES, currency)] = Decimal(value)
    everything = Search(open=1, limit=1_000_000)
    state.orders = {order.id: order for order in reversed(store.find(Order, everything))}
    state.triggers = {one.id: one for one in reversed(store.find(Trigger, everything))}
    state.positions = {position.market: position for position in store.positions()}
    return state
