"""What the store knows at one moment, as the risk checks need it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cerberus.domain.balances import Reservation, Wallet
from cerberus.domain.holds import Holds
from cerberus.domain.holds import from_fact as from_holds
from cerberus.domain.market import ZERO
from cerberus.domain.orders import Order, Purpose
from cerberus.domain.performance import Performance, from_fact
from cerberus.domain.positions import Position
from cerberus.domain.risk import Record
from cerberus.ports import Transaction
from cerberus.services.maintenance import MAINTENANCE, Maintenance, maintenance_of

EMERGENCY_STOP = "emergency_stop"
PERFORMANCE = "performance"
HOLDS = "reconciliation_holds"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Positions, live orders, reservations, switches and sums, read in one transaction."""

    positions: Mapping[str, Position]
    orders: tuple[Order, ...]
    reserved: Mapping[Wallet, Decimal]
    performance: Performance
    last_closed_at: Mapping[str, datetime]
    emergency_stop: str
    maintenance: Maintenance
    holds: Holds

    @property
    def doubtful_symbols(self) -> frozenset[str]:
        """Symbols on which the outcome of an order is not known."""
        return frozenset(order.symbol for order in self.orders if order.is_in_doubt)

    def pending_notional(self) -> Mapping[str, Decimal]:
        """Return the notional of the entries that are still to be filled, by symbol."""
        pending: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for order in self.orders:
            if order.purpose is Purpose.ENTRY and order.price is not None:
                pending[order.symbol] += order.remaining * order.price
        return pending

    def record(self, now: datetime) -> Record:
        """Return how trading has gone, as the checks see it."""
        sums = self.performance
        return Record(
            equity=sums.equity,
            peak_equity=sums.peak_equity,
            drawdown_latched=sums.drawdown_latched,
            daily_pnl=sums.pnl_of(now.date()),
            losses_in_a_row=sums.losses_in_a_row,
            last_closed_at=self.last_closed_at,
        )


def take(transaction: Transaction, without: str = "") -> Snapshot:
    """Read a snapshot, as if one order were not there."""
    orders, held = transaction.orders.live(), transaction.orders.reservations()
    return Snapshot(
        positions={held.symbol: held for held in transaction.positions.open()},
        orders=tuple(one for one in orders if one.order_id != without),
        reserved=_sums([one for order, one in held if order.order_id != without]),
        performance=from_fact(transaction.facts.get(PERFORMANCE)),
        last_closed_at=transaction.positions.last_closed(),
        emergency_stop=_reason(transaction, EMERGENCY_STOP),
        maintenance=maintenance_of(transaction.facts.get(MAINTENANCE)),
        holds=read_holds(transaction),
    )


def read_holds(transaction: Transaction) -> Holds:
    """Read what reconciliation holds back."""
    return from_holds(transaction.facts.get(HOLDS))


def _reason(transaction: Transaction, name: str) -> str:
    return transaction.facts.get(name).get("reason", "")


def _sums(reservations: list[Reservation]) -> Mapping[Wallet, Decimal]:
    sums: dict[Wallet, Decimal] = defaultdict(lambda: ZERO)
    for reservation in reservations:
        sums[reservation.wallet] += reservation.amount
    return sums
