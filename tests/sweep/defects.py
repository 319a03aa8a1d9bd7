"""Seeded defects: each spoils the code in one place, and the sweep has to notice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cerberus.adapters.store.order_repository import OrderRows
from cerberus.adapters.store.repositories import ExitRows
from cerberus.domain.orders import Order, OrderStatus
from cerberus.ids import new_client_id
from cerberus.ports import Transaction
from cerberus.services import book, execute, follow, known
from cerberus.services.desk import Books, Desk


def resend_on_timeout() -> None:
    """Send an entry again, under another name, when no answer came."""
    proper = execute.send

    async def send(desk: Desk, order: Order) -> book.Booked:
        booked = await proper(desk, order)
        if booked.order.status is OrderStatus.UNKNOWN:
            await desk.exchange.place(replace(order, client_id=new_client_id()))
        return booked

    execute.send = send


def intent_after_send() -> None:
    """Store the intent only once the venue has answered."""
    proper, decided = execute._commit_intent, execute.send
    held: dict[str, Any] = {}

    class Rolled(Exception):
        """Carry what would have been committed out of the transaction."""

    def commit(desk: Desk, transaction: Transaction, *rest: Any) -> Any:
        held["again"] = lambda later: proper(desk, later, *rest)
        raise Rolled(proper(desk, transaction, *rest))

    async def enter(desk: Desk, record: Any, wish: Any) -> Any:
        client_id = new_client_id()
        execute.new_client_id = lambda: client_id
        try:
            return await inner(desk, record, wish)
        except Rolled as rolled:
            committed = rolled.args[0]
        if not isinstance(committed, tuple):
            return execute.Outcome(committed)
        report = await desk.exchange.place(committed[0])
        order, kept = await desk.store.write(held["again"])
        booked = await book.book_report(desk, order, report)
        return execute.Outcome(kept, booked.trade)

    inner = execute._enter
    execute._commit_intent, execute._enter, execute.send = commit, enter, decided


def reservation_released_at_acceptance() -> None:
    """Give back what an order may cost as soon as the venue has taken it."""
    proper = OrderRows.save

    def save(self: OrderRows, order: Order) -> None:
        if order.status is not OrderStatus.INTENT:
            proper(self, replace(order, status=OrderStatus.FILLED))
        proper(self, order)

    OrderRows.save = save  # type: ignore[method-assign]  # that is the defect


def no_start_up_recovery() -> None:
    """Forget whatever was in flight when the process starts."""
    started = datetime.now(UTC)

    def read_books(transaction: Transaction) -> Books:
        books = proper(transaction)
        return Books(
            tuple(one for one in books.orders if one.created_at > started),
            tuple(one for one in books.positions if one.opened_at > started),
            tuple(one for one in books.exits if one.created_at > started),
        )

    proper = known.read_books
    follow.read_books = read_books


def exits_after_fill_only() -> None:
    """Think of the exits only in the process that saw the fill."""
    committing = []
    proper_commit, proper_add, proper_protect = (
        execute._commit_intent,
        ExitRows.add,
        follow.protect,
    )

    def commit(*arguments: Any) -> Any:
        committing.append(True)
        try:
            return proper_commit(*arguments)
        finally:
            committing.pop()

    def add(self: ExitRows, one: Any) -> None:
        if not committing:
            proper_add(self, one)

    async def protect(desk: Desk, trade_id: str) -> bool:
        exits = await desk.store.read(lambda transaction: transaction.exits.of_trade(trade_id))
        return await proper_protect(desk, trade_id) if exits else False

    execute._commit_intent, follow.protect = commit, protect
    ExitRows.add = add  # type: ignore[method-assign]  # that is the defect
