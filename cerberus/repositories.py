"""The repositories that a transaction holds, in domain words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from cerberus.domain.answers import Answer
from cerberus.domain.balances import Reservation
from cerberus.domain.closed_sums import ClosedSums
from cerberus.domain.exits import Exit
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment, Held
from cerberus.domain.orders import Order
from cerberus.domain.positions import Position
from cerberus.domain.trades import SignalRecord, Trade, TradeStatus


class Signals(Protocol):
    """Signals with their fingerprints."""

    def add(self, record: SignalRecord, /) -> None:
        """Store a new signal."""
        ...

    def save(self, record: SignalRecord, /) -> None:
        """Store a signal's new state."""
        ...

    def get(self, signal_id: str) -> SignalRecord | None:
        """Return a signal by our id."""
        ...

    def first(self, fingerprint: str, external_id: str | None) -> SignalRecord | None:
        """Return the newest signal with this fingerprint or this id of the caller's."""
        ...

    def newest(self, limit: int, offset: int) -> tuple[list[SignalRecord], int]:
        """Return the newest signals and the total."""
        ...

    def received(self, start: datetime, end: datetime, limit: int) -> list[SignalRecord]:
        """Return the first signals that came from one moment on and before another, in order."""
        ...


class Trades(Protocol):
    """Trades; at most one for a signal."""

    def add(self, trade: Trade, /) -> None:
        """Store a new trade."""
        ...

    def save(self, trade: Trade, /) -> None:
        """Store a trade's new state."""
        ...

    def get(self, trade_id: str) -> Trade | None:
        """Return a trade."""
        ...

    def of_signal(self, signal_id: str) -> Trade | None:
        """Return the newest trade of a signal."""
        ...

    def find(
        self, status: TradeStatus | None, symbol: str | None, limit: int, offset: int
    ) -> tuple[list[Trade], int]:
        """Return the newest trades and the total."""
        ...


class Orders(Protocol):
    """Orders, their fills and their reservations."""

    def add(self, order: Order, reservation: Reservation | None) -> None:
        """Store an intent with what it ties up."""
        ...

    def save(self, order: Order, /) -> None:
        """Store an order's new state; a final one ties nothing up any more."""
        ...

    def get(self, order_id: str) -> Order | None:
        """Return an order by our id, its client id or its venue id."""
        ...

    def live(self) -> list[Order]:
        """Return every order that is not over."""
        ...

    def of_trade(self, trade_id: str) -> list[Order]:
        """Return the orders of a trade, oldest first."""
        ...

    def newest(self, limit: int, offset: int) -> tuple[list[Order], int]:
        """Return the newest orders and the total."""
        ...

    def reservations(self) -> list[tuple[Order, Reservation]]:
        """Return what every live order still ties up."""
        ...

    def add_fill(self, order: Order, fill: Fill) -> bool:
        """Store a fill; False when it is stored already."""
        ...

    def has_fill(self, symbol: str, fill_id: str) -> bool:
        """Return whether a fill is stored."""
        ...

    def fills_of_trade(self, trade_id: str) -> list[Fill]:
        """Return the fills of a trade, oldest first."""
        ...


class Positions(Protocol):
    """Positions; at most one open for a symbol."""

    def add(self, position: Position, /) -> None:
        """Store a new position."""
        ...

    def save(self, position: Position, /) -> None:
        """Store a position's new state."""
        ...

    def get(self, position_id: str) -> Position | None:
        """Return a position."""
        ...

    def open(self) -> list[Position]:
        """Return the open positions."""
        ...

    def open_on(self, symbol: str) -> Position | None:
        """Return the open position on a symbol."""
        ...

    def of_trade(self, trade_id: str) -> Position | None:
        """Return the position of a trade."""
        ...

    def closed_sums(self) -> list[ClosedSums]:
        """Return for each symbol what its closed positions come to."""
        ...

    def last_closed(self) -> Mapping[str, datetime]:
        """Return for each symbol when its newest position was closed."""
        ...

    def held(self) -> Mapping[str, Held]:
        """Return for each symbol when it was held first, and until when."""
        ...

    def held_at(self, symbol: str, at: datetime, grace: timedelta) -> Position | None:
        """Return the newest position opened before a moment, and closed at most a grace before."""
        ...

    def newest(self, limit: int, offset: int) -> tuple[list[Position], int]:
        """Return the newest positions and the total."""
        ...


class Exits(Protocol):
    """Protective exits."""

    def add(self, planned: Exit, /) -> None:
        """Store a planned exit."""
        ...

    def save(self, changed: Exit, /) -> None:
        """Store an exit's new state."""
        ...

    def live(self) -> list[Exit]:
        """Return every exit that is not over."""
        ...

    def of_trade(self, trade_id: str) -> list[Exit]:
        """Return the exits of a trade, oldest first."""
        ...

    def at_venue(self, symbol: str, venue_id: str) -> Exit | None:
        """Return the exit that is, or was, this trigger."""
        ...

    def newest(self, limit: int, offset: int) -> tuple[list[Exit], int]:
        """Return the newest exits and the total."""
        ...


class Funding(Protocol):
    """Payments of funding, each once."""

    def add(self, payment: FundingPayment, /) -> bool:
        """Store a payment that belongs to no position yet; False when it is stored already."""
        ...

    def assign(self, payment: FundingPayment, position_id: str) -> None:
        """Note which position a payment was booked onto."""
        ...

    def unassigned(self, symbol: str) -> list[FundingPayment]:
        """Return the payments that belong to no position yet, oldest first."""
        ...

    def unassigned_count(self) -> int:
        """Return how many payments belong to no position."""
        ...

    def of_position(self, position_id: str) -> list[FundingPayment]:
        """Return the payments of a position, oldest first."""
        ...


class Answers(Protocol):
    """Answers by idempotency key."""

    def get(self, scope: str, key: str) -> Answer | None:
        """Return the answer kept for a key."""
        ...

    def put(self, answer: Answer, /) -> None:
        """Store or replace an answer."""
        ...

    def remove(self, scope: str, key: str) -> None:
        """Forget a key whose request may run again."""
        ...


class Facts(Protocol):
    """Small named values: switches and the record of trading; also who did what."""

    def get(self, name: str) -> Mapping[str, str]:
        """Return a fact, empty when it was never set."""
        ...

    def put(self, name: str, value: Mapping[str, str], at: datetime) -> None:
        """Set a fact."""
        ...

    def tally(self) -> Mapping[tuple[str, str], int]:
        """Return how many signals, trades, orders and exits there are, by status."""
        ...

    def note(self, at: datetime, actor: str, action: str, subject: str, detail: str) -> None:
        """Add a line to the audit trail."""
        ...
