"""Orders: what may be sent, the states an order goes through, and the one table of legal moves."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from cerberus.domain.market import ZERO
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import Conflict


class OrderType(StrEnum):
    """How an order meets the market; the last four wait with us until the price is there."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def at_venue(self) -> "OrderType":
        """What the venue is sent: a triggered order goes out as a limit order.

        Without a limit of its own that is an immediate one at the worst price it may cost, so that
        no more is paid than was reserved, on any venue.
        """
        return OrderType.MARKET if self is OrderType.MARKET else OrderType.LIMIT


class Purpose(StrEnum):
    """Why an order exists."""

    ENTRY = "entry"
    CLOSE = "close"
    STOP = "stop"
    TARGET = "target"

    @property
    def reduces(self) -> bool:
        """Whether the order can only make a position smaller."""
        return self is not Purpose.ENTRY


class OrderStatus(StrEnum):
    """Where an order is in its life; `intent` is committed and may already be on the wire.

    An `armed` one waits for its trigger price with us, and no venue knows of it.
    """

    ARMED = "armed"
    INTENT = "intent"
    OPEN = "open"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to the order any more."""
        return not LEGAL_MOVES[self]

    @property
    def is_in_doubt(self) -> bool:
        """Whether the venue has to be asked what became of the order."""
        return self in (OrderStatus.INTENT, OrderStatus.UNKNOWN)


_S = OrderStatus
_ANSWERS = frozenset({_S.OPEN, _S.PARTLY_FILLED, _S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED})
_ENDS = frozenset({_S.FILLED, _S.CANCELLED, _S.EXPIRED})

#: the one table of legal moves; a state without moves is final. Once the venue has told of an
#: order it is in doubt no more, and one whose cancel was asked for stays so until its end
LEGAL_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.ARMED: frozenset({_S.INTENT, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}),
    _S.INTENT: _ANSWERS | {_S.UNKNOWN},
    _S.UNKNOWN: _ANSWERS | {_S.CANCEL_REQUESTED},
    _S.OPEN: _ENDS | {_S.PARTLY_FILLED, _S.CANCEL_REQUESTED},
    _S.PARTLY_FILLED: _ENDS | {_S.CANCEL_REQUESTED},
    _S.CANCEL_REQUESTED: _ENDS,
    _S.FILLED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One order of ours, from intent to its end; quantities are in base units.

    `expires_at` is the moment (wall time) after which the venue refuses the placement; an armed
    order has none yet.
    """

    order_id: str
    client_id: str
    trade_id: str
    symbol: str
    side: Side
    order_type: OrderType
    purpose: Purpose
    quantity: Decimal
    time_in_force: TimeInForce
    created_at: datetime
    expires_at: datetime
    price: Decimal | None = None
    leverage: Decimal | None = None
    status: OrderStatus = OrderStatus.INTENT
    venue_id: str | None = None
    filled_quantity: Decimal = ZERO
    average_price: Decimal | None = None
    misses: int = 0
    reason: str = ""
    trigger_price: Decimal | None = None

    @property
    def is_armed(self) -> bool:
        """Whether it waits for its trigger price, and the venue does not know it."""
        return self.status is OrderStatus.ARMED

    @property
    def reduce_only(self) -> bool:
        """Whether the venue must not let the order open or enlarge a position."""
        return self.purpose.reduces

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is not known if the venue holds the order, a cancel of it notwithstanding."""
        unseen = self.status is OrderStatus.CANCEL_REQUESTED and self.venue_id is None
        return self.status.is_in_doubt or unseen

    @property
    def remaining(self) -> Decimal:
        """The quantity that is not filled yet."""
        return self.quantity - self.filled_quantity

    def missed(self) -> "Order":
        """Return the order after the venue has said once more that it does not know it."""
        return replace(self, misses=self.misses + 1)

    def moved(self, status: OrderStatus, reason: str = "") -> "Order":
        """Return the order in another state.

        Raises
        ------
        Conflict
            The table has no such move.
        """
        if status is self.status:
            return self
        if status not in LEGAL_MOVES[self.status]:
            raise Conflict(f"order {self.order_id} cannot move from {self.status} to {status}")
        return replace(self, status=status, reason=reason or self.reason)


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """What a venue says of one of our orders."""

    venue_id: str
    status: OrderStatus
    filled_quantity: Decimal
    average_price: Decimal | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order as a venue lists it, whoever has sent it."""

    symbol: str
    side: Side
    quantity: Decimal
    reduce_only: bool
    created_at: datetime
    report: VenueOrder
    price: Decimal | None = None


def absorb(order: Order, report: VenueOrder) -> Order:
    """Return the order as the venue reports it; a fill never shrinks, no report is refused."""
    filled = max(order.filled_quantity, report.filled_quantity)
    known = replace(
        order,
        venue_id=report.venue_id,
        filled_quantity=filled,
        average_price=report.average_price or order.average_price,
        misses=0,
    )
    if order.status.is_final:
        return known
    if order.status is OrderStatus.CANCEL_REQUESTED and not report.status.is_final:
        return known
    return known.moved(_reachable(known, report.status))


def _reachable(order: Order, told: OrderStatus) -> OrderStatus:
    if told is OrderStatus.OPEN and order.filled_quantity > 0:
        return OrderStatus.PARTLY_FILLED  # an older report has arrived late
    if told is OrderStatus.REJECTED and told not in LEGAL_MOVES[order.status]:
        return OrderStatus.CANCELLED  # it rested before: what the venue did not take is over
    return told
