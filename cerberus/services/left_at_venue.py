"""What the venue still has after an emergency stop: the proof that it went through."""

from dataclasses import dataclass

from cerberus.ids import is_client_id
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.known import promptly


@dataclass(frozen=True, slots=True)
class Left:
    """Positions, entry orders and triggers, each in words."""

    ours: tuple[str, ...] = ()
    #: on symbols that we never held: somebody else's, and left alone
    foreign: tuple[str, ...] = ()


async def left_at_venue(desk: Desk) -> Left:
    """Ask the venue what is left.

    Raises
    ------
    Transient
        It cannot be asked now.
    StoreFailed
        Which positions are ours cannot be told.
    """
    mine = await promptly(desk.store.read(_symbols))
    account = await desk.exchange.account()
    held = {one.symbol: f"{one.side} {one.quantity} {one.symbol}" for one in account.positions}
    orders = [
        f"order {one.report.client_id} on {one.symbol}"
        for one in await desk.exchange.open_orders()
        if is_client_id(one.report.client_id) and not one.reduce_only
    ]
    waiting = [
        f"trigger {one.venue_id} on {one.symbol}"
        for one in await desk.exchange.resting_triggers()
        if one.symbol in mine
    ]
    ours = [told for symbol, told in held.items() if symbol in mine]
    foreign = [told for symbol, told in held.items() if symbol not in mine]
    return Left((*ours, *orders, *waiting), tuple(foreign))


def _symbols(transaction: Transaction) -> set[str]:
    return set(transaction.positions.held())
