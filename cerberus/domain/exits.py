"""Protective exits: the stop and the target that belong to a position."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from cerberus.domain.market import ZERO, Instrument, round_down, round_up
from cerberus.domain.positions import Position
from cerberus.domain.signals import Side
from cerberus.errors import Conflict


class ExitKind(StrEnum):
    """Which side of the entry an exit guards."""

    STOP = "stop"
    TARGET = "target"


class ExitStatus(StrEnum):
    """Where an exit is: planned with the entry, sent, in place, or over."""

    PLANNED = "planned"
    SENDING = "sending"
    RESTING = "resting"
    WATCHED = "watched"
    TRIGGERED = "triggered"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the exit is over."""
        return self in (ExitStatus.DONE, ExitStatus.CANCELLED)

    @property
    def is_in_place(self) -> bool:
        """Whether the exit guards its position now."""
        return self in (ExitStatus.RESTING, ExitStatus.WATCHED, ExitStatus.TRIGGERED)


_E = ExitStatus

#: the one table of legal moves; `sending` may be on the wire, `planned` again after a refusal
LEGAL_MOVES: dict[ExitStatus, frozenset[ExitStatus]] = {
    _E.PLANNED: frozenset({_E.SENDING, _E.WATCHED, _E.CANCELLED}),
    _E.SENDING: frozenset({_E.RESTING, _E.PLANNED, _E.TRIGGERED, _E.CANCELLED}),
    _E.RESTING: frozenset({_E.TRIGGERED, _E.CANCELLED, _E.PLANNED, _E.DONE}),
    _E.WATCHED: frozenset({_E.TRIGGERED, _E.CANCELLED, _E.DONE}),
    _E.TRIGGERED: frozenset({_E.DONE, _E.PLANNED, _E.WATCHED, _E.CANCELLED}),
    _E.DONE: frozenset(),
    _E.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Exit:
    """One protective exit; `side` is the side of its order, opposite to the position's."""

    exit_id: str
    trade_id: str
    symbol: str
    side: Side
    kind: ExitKind
    trigger_price: Decimal
    created_at: datetime
    quantity: Decimal = ZERO
    status: ExitStatus = ExitStatus.PLANNED
    venue_id: str | None = None
    sent_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str = ""

    def moved(self, status: ExitStatus, reason: str = "") -> "Exit":
        """Return the exit in another state.

        Raises
        ------
        Conflict
            The table has no such move.
        """
        if status is self.status:
            return self
        if status not in LEGAL_MOVES[self.status]:
            raise Conflict(f"exit {self.exit_id} cannot move from {self.status} to {status}")
        return replace(self, status=status, reason=reason or self.reason)

    def is_hit_by(self, price: Decimal) -> bool:
        """Return whether a price has reached the trigger."""
        falls = (self.kind is ExitKind.STOP) == (self.side is Side.SELL)
        return price <= self.trigger_price if falls else price >= self.trigger_price


@dataclass(frozen=True, slots=True)
class VenueTrigger:
    """What a venue says of a price-triggered order; `order_venue_id` is the order it placed."""

    venue_id: str
    symbol: str
    side: Side
    quantity: Decimal
    trigger_price: Decimal
    is_open: bool
    created_at: datetime
    order_venue_id: str | None = None
    outcome: str = ""

    def fits(self, wanted: Exit) -> bool:
        """Return whether this can be the exit: Gate's triggers carry no id of ours."""
        same = (self.symbol, self.side, self.quantity, self.trigger_price)
        return same == (wanted.symbol, wanted.side, wanted.quantity, wanted.trigger_price)


def trigger_tick(price: Decimal, side: Side, kind: ExitKind, instrument: Instrument) -> Decimal:
    """Return a trigger price on the tick, rounded towards the entry so that no risk is added."""
    falls = (kind is ExitKind.STOP) == (side is Side.SELL)
    rounding = round_up if falls else round_down
    return rounding(price, instrument.price_tick)


def wanted_quantity(position: Position, instrument: Instrument) -> Decimal:
    """Return the quantity that the exits of a position must cover."""
    return round_down(position.quantity, instrument.quantity_step) if position.is_open else ZERO


def is_protected(position: Position, exits: list[Exit], instrument: Instrument) -> bool:
    """Return whether a stop, and every other planned exit, covers the whole position."""
    wanted = wanted_quantity(position, instrument)
    if wanted == 0:
        return True
    live = [one for one in exits if not one.status.is_final]
    covered = [one for one in live if one.status.is_in_place and one.quantity >= wanted]
    has_stop = any(one.kind is ExitKind.STOP for one in covered)
    kinds = {one.kind for one in live}
    return has_stop and kinds == {one.kind for one in covered}
