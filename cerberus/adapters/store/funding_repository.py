"""Payments of funding, inside one transaction."""

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from cerberus.adapters.store import tables
from cerberus.adapters.store.rows import Rows
from cerberus.domain.funding import FundingPayment


class FundingRows:
    """Payments of funding, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = Rows(connection, tables.funding, FundingPayment)

    def add(self, payment: FundingPayment) -> bool:
        """Store a payment; False when it is stored already."""
        if self._rows.one(_is_same(payment)) is not None:
            return False
        self._rows.insert(payment)
        return True

    def assign(self, payment: FundingPayment, position_id: str) -> None:
        """Note which position a payment was booked onto.

        Raises
        ------
        LookupError
            There is no such payment, or it was booked before: its money would count twice.
        """
        columns = tables.funding.c
        this = and_(_at(payment), columns.venue_id == payment.venue_id)
        free = and_(this, columns.position_id.is_(None))
        query = update(tables.funding).where(free).values(position_id=position_id)
        if self._connection.execute(query).rowcount != 1:
            raise LookupError(f"funding of {payment.symbol} at {payment.at} is not to be booked")

    def unassigned(self, symbol: str) -> list[FundingPayment]:
        """Return the payments that belong to no position yet, oldest first."""
        columns = tables.funding.c
        found = self._rows.all(columns.symbol == symbol, columns.position_id.is_(None))
        return sorted(found, key=lambda payment: payment.at)

    def unassigned_count(self) -> int:
        """Return how many payments belong to no position."""
        free = tables.funding.c.position_id.is_(None)
        query = select(func.count()).select_from(tables.funding).where(free)
        return int(self._connection.execute(query).scalar_one())

    def of_position(self, position_id: str) -> list[FundingPayment]:
        """Return the payments of a position, oldest first."""
        found = self._rows.all(tables.funding.c.position_id == position_id)
        return sorted(found, key=lambda payment: payment.at)


def _at(payment: FundingPayment) -> ColumnElement[bool]:
    columns = tables.funding.c
    return and_(
        columns.venue == payment.venue,
        columns.symbol == payment.symbol,
        columns.at == payment.at,
    )


def _is_same(payment: FundingPayment) -> ColumnElement[bool]:
    """One payment, even when only one of two answers of the venue has told its id."""
    if not payment.venue_id:
        return _at(payment)
    return and_(_at(payment), tables.funding.c.venue_id.in_((payment.venue_id, "")))
