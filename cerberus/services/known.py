"""What the store knows to be alive, asked for with little patience."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from cerberus.errors import StoreFailed
from cerberus.ports import Transaction
from cerberus.services.desk import Books, Desk

Result = TypeVar("Result")

#: how long an emergency stop waits for the store
STORE_PATIENCE_SECONDS = 2.0


async def promptly(work: Awaitable[Result]) -> Result:
    """Wait for the store, but not for long.

    Raises
    ------
    StoreFailed
        It failed, or did not answer in time; what was asked for may still happen.
    """
    try:
        return await asyncio.wait_for(work, STORE_PATIENCE_SECONDS)
    except TimeoutError as error:
        raise StoreFailed(f"the store took over {STORE_PATIENCE_SECONDS:g} s") from error


async def present_books(desk: Desk) -> Books | None:
    """Return what the store holds alive, None when it cannot be read."""
    try:
        desk.books = await promptly(desk.store.read(read_books))
    except StoreFailed:
        return None
    return desk.books


def at_venue(books: Books) -> Books:
    """Return what the venue may know of it: all but the orders that wait for a trigger."""
    return replace(books, orders=tuple(one for one in books.orders if not one.is_armed))


def read_books(transaction: Transaction) -> Books:
    """Read what is alive."""
    return Books(
        orders=tuple(transaction.orders.live()),
        positions=tuple(transaction.positions.open()),
        exits=tuple(transaction.exits.live()),
    )
