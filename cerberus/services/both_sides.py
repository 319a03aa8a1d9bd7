"""Read both sides of a reconciliation: the books, and what the venue has, ours or not."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from cerberus.domain.drift import Flow
from cerberus.domain.fills import Fill
from cerberus.domain.market import MarketType
from cerberus.domain.reconciliation import Ours, Theirs
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.known import read_books

#: a venue may round the times of fills otherwise than those of orders
_ROUNDING = timedelta(seconds=1)


async def read_ours(desk: Desk, symbol: str | None = None) -> Ours:
    """Read what our books say is alive, on one symbol or on all.

    An armed order is left out: the venue cannot know it.
    """
    books = await desk.store.read(read_books)
    orders = tuple(one for one in books.orders if not one.is_armed)
    ours = Ours(orders, books.exits, books.positions)
    return ours if symbol is None else ours.of_symbol(symbol)


async def read_theirs(desk: Desk, symbol: str | None = None) -> Theirs:
    """Ask the venue what is alive, on one symbol or on all, whoever has sent it."""
    venue = desk.exchange
    waiting = venue.resting_triggers() if symbol is None else venue.triggers(symbol, is_open=True)
    orders, triggers, account = await asyncio.gather(
        venue.open_orders(symbol), waiting, venue.account()
    )
    return Theirs(
        orders,
        triggers,
        [one for one in account.positions if symbol in (None, one.symbol)],
        {name: held for (kind, name), held in account.totals.items() if kind is MarketType.SPOT},
    )


async def unknown_fills(desk: Desk, symbol: str, ours: Ours, *, anew: bool = False) -> list[Fill]:
    """Return the venue's fills that the books lack: since the position was opened, or the newest.

    Up to where nothing is lacking is kept, so that the next time less is asked for, unless all
    is asked for anew.
    """
    opened = [one.opened_at - _ROUNDING for one in ours.positions if one.symbol == symbol]
    seen = None if anew else desk.reconciliation.seen.get(symbol)
    since = max([*opened, *([seen] if seen else [])]) if opened else None
    told = await desk.exchange.recent_fills(symbol, since)

    def lacking(transaction: Transaction) -> list[Fill]:
        known = transaction.orders.has_fill
        return [fill for fill in told if not known(symbol, fill.fill_id)]

    found = await desk.store.read(lacking)
    if told and not found:
        desk.reconciliation.seen[symbol] = max(fill.at for fill in told) - _ROUNDING
    return found


def read_flows(transaction: Transaction) -> Mapping[str, Flow]:
    """Return what all positions, by symbol, have done to the wallets.

    Those that are closed are summed up already: a long history costs nothing here.
    """
    flows = {one.symbol: one.flow for one in transaction.positions.closed_sums()}
    for position in transaction.positions.open():
        flows[position.symbol] = flows.get(position.symbol, Flow()).plus(Flow.of(position))
    return flows
