"""Orders with their fills and their reservations, inside one transaction."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, or_, select

from cerberus.adapters.store import tables
from cerberus.adapters.store.rows import Rows
from cerberus.domain.balances import Reservation
from cerberus.domain.fills import Fill
from cerberus.domain.orders import Order, OrderStatus

#: named one by one, which an index answers; the others grow for ever
_LIVE = [status for status in OrderStatus if not status.is_final]


class OrderRows(Rows[Order]):
    """Orders."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.orders, Order)

    def add(self, order: Order, reservation: Reservation | None) -> None:
        """Store an intent with what it ties up."""
        self.insert(order)
        if reservation is not None:
            values = asdict(reservation) | {"order_id": order.order_id}
            self._connection.execute(insert(tables.reservations), values)

    def save(self, order: Order) -> None:
        """Store an order's new state; a final one ties nothing up any more."""
        self.update(order)
        if order.status.is_final:
            same = tables.reservations.c.order_id == order.order_id
            self._connection.execute(delete(tables.reservations).where(same))

    def get(self, order_id: str) -> Order | None:
        """Return an order by our id, its client id or its venue id."""
        columns = tables.orders.c
        return self.one(
            or_(
                columns.order_id == order_id,
                columns.client_id == order_id,
                columns.venue_id == order_id,
            )
        )

    def live(self) -> list[Order]:
        """Return every order that is not over."""
        return self.all(tables.orders.c.status.in_(_LIVE), newest=False)

    def of_trade(self, trade_id: str) -> list[Order]:
        """Return the orders of a trade, oldest first."""
        return self.having("trade_id", trade_id)

    def newest(self, limit: int, offset: int) -> tuple[list[Order], int]:
        """Return the newest orders and the total."""
        return self.page(limit, offset)

    def reservations(self) -> list[tuple[Order, Reservation]]:
        """Return what every live order still ties up: its part for what is not filled yet."""
        held = {
            row.order_id: Reservation(row.market_type, row.currency, row.amount)
            for row in self._connection.execute(select(tables.reservations))
        }
        orders = self.all(tables.orders.c.order_id.in_(held)) if held else []
        return [(order, _remaining(order, held[order.order_id])) for order in orders]

    def add_fill(self, order: Order, fill: Fill) -> bool:
        """Store a fill; False when it is stored already."""
        if self.has_fill(fill.symbol, fill.fill_id):
            return False
        values = asdict(fill) | {"order_id": order.order_id}
        self._connection.execute(insert(tables.fills), values)
        return True

    def has_fill(self, symbol: str, fill_id: str) -> bool:
        """Return whether a fill is stored."""
        columns = tables.fills.c
        known = select(columns.fill_id).where(columns.symbol == symbol, columns.fill_id == fill_id)
        return self._connection.execute(known).first() is not None

    def fills_of_trade(self, trade_id: str) -> list[Fill]:
        """Return the fills of a trade, oldest first."""
        columns = [column for column in tables.fills.c if column.name != "order_id"]
        query = (
            select(*columns)
            .join(tables.orders, tables.orders.c.order_id == tables.fills.c.order_id)
            .where(tables.orders.c.trade_id == trade_id)
            .order_by(tables.fills.c.at, tables.fills.c.fill_id)
        )
        return [Fill(**row._mapping) for row in self._connection.execute(query)]


def _remaining(order: Order, reservation: Reservation) -> Reservation:
    share = order.remaining / order.quantity
    return Reservation(reservation.market_type, reservation.currency, reservation.amount * share)
