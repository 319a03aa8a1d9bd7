"""Let a person adopt what is not ours, or lift a quarantine; both are audited.

An order that could open a position, and a position whose fills the venue still tells, are taken
into the books and protected like our own. Anything else is left to its owner: it blocks the account
no more, and a position blocks its symbol as long as it is there.
"""

from decimal import Decimal

from cerberus.domain.holds import Key, Kind
from cerberus.domain.reconciliation import Ours, Theirs
from cerberus.errors import Conflict, NotFound
from cerberus.ports import Transaction
from cerberus.services.both_sides import read_ours, read_theirs
from cerberus.services.check_money import name_of, read_baseline, write_baseline
from cerberus.services.desk import Desk
from cerberus.services.follow import follow_symbol
from cerberus.services.reconcile import store_holds
from cerberus.services.snapshot import read_holds
from cerberus.services.take_in import take_in_order, take_in_position

TAKEN, LEFT = "taken into the books", "left to its owner"


async def adopt(desk: Desk, symbol: str, venue_id: str, actor: str) -> str:
    """Adopt one foreign item and say what became of it.

    Raises
    ------
    NotFound
        Nothing of this symbol and id awaits adoption.
    Conflict
        It is no longer as it was told; the next reconciliation tells it anew.
    """
    async with desk.reconciliation.lock:
        holds = await desk.store.read(read_holds)
        key = next((one for one in holds.foreign if one[1:] == (symbol, venue_id)), None)
        if key is None:
            raise NotFound(f"nothing on {symbol} with the id {venue_id} awaits adoption")
        if key[0] is Kind.BALANCE:
            return await _adopt_balance(desk, key, actor)
        async with desk.locks[symbol]:
            size = await _left_to_its_owner(desk, key)
            await _keep(desk, key, size, actor)
            if size is None:
                await follow_symbol(desk, symbol)
        return TAKEN if size is None else LEFT


async def release_quarantine(desk: Desk, symbol: str, actor: str) -> None:
    """Lift a quarantine; what cannot be explained still brings it back at the next run.

    Raises
    ------
    NotFound
        The symbol is in no quarantine.
    """
    async with desk.reconciliation.lock:

        def lift(transaction: Transaction) -> None:
            holds = read_holds(transaction)
            if symbol not in holds.quarantined:
                raise NotFound(f"{symbol} is in no quarantine")
            store_holds(desk, transaction, holds, holds.released(symbol))
            now = desk.wall_clock.now()
            told = holds.quarantined[symbol]
            transaction.facts.note(now, actor, "quarantine_released", symbol, told)

        await desk.write(lift)


async def _left_to_its_owner(desk: Desk, key: Key) -> Decimal | None:
    """Take an item into the books where that can be done, else return its size."""
    kind, symbol, venue_id = key
    if kind is Kind.FILL:
        return await _size_of_fill(desk, key)
    ours, theirs = await read_ours(desk, symbol), await read_theirs(desk, symbol)
    if kind is Kind.ORDER:
        return await _order(desk, venue_id, ours, theirs)
    if kind is Kind.POSITION:
        return await _position(desk, symbol, ours, theirs)
    for trigger in theirs.triggers:
        if trigger.venue_id == venue_id:
            return trigger.quantity * trigger.side.sign
    raise Conflict(f"trigger {venue_id} no longer waits at the venue")


async def _order(desk: Desk, venue_id: str, ours: Ours, theirs: Theirs) -> Decimal | None:
    order = next((one for one in theirs.orders if one.report.venue_id == venue_id), None)
    if order is None:
        raise Conflict(f"order {venue_id} is no longer open at the venue")
    can_open = not order.reduce_only and not ours.symbols
    if can_open and await take_in_order(desk, order):
        return None
    return order.quantity * order.side.sign


async def _position(desk: Desk, symbol: str, ours: Ours, theirs: Theirs) -> Decimal | None:
    held = next((one for one in theirs.positions if one.symbol == symbol), None)
    if held is None:
        raise Conflict(f"the position on {symbol} is no longer held at the venue")
    if await take_in_position(desk, ours, held):
        return None
    if ours.positions:
        raise Conflict(f"what is held on {symbol} beyond ours is not told by fills")
    return held.quantity * held.side.sign


async def _size_of_fill(desk: Desk, key: Key) -> Decimal:
    for fill in await desk.exchange.recent_fills(key[1], None):
        if fill.fill_id == key[2]:
            return fill.quantity * fill.side.sign
    raise Conflict(f"fill {key[2]} is no longer told by the venue")


async def _keep(desk: Desk, key: Key, size: Decimal | None, actor: str) -> None:
    def store(transaction: Transaction) -> None:
        holds = read_holds(transaction)
        store_holds(desk, transaction, holds, holds.adopted(key, size))
        what = TAKEN if size is None else LEFT
        now, (kind, symbol, venue_id) = desk.wall_clock.now(), key
        transaction.facts.note(now, actor, "adopted", symbol, f"{kind} {venue_id}: {what}")

    await desk.write(store)


async def _adopt_balance(desk: Desk, key: Key, actor: str) -> str:
    """Let a wallet's drift count as somebody's own money from now on."""
    report = desk.reconciliation.report
    drifts = report.ledger.drifts if report is not None else {}
    wallet = next((one for one in drifts if name_of(one) == key[1]), None)
    if wallet is None:
        raise Conflict(f"the drift of {key[1]} is not known yet, reconcile first")

    def store(transaction: Transaction) -> None:
        baseline = read_baseline(transaction)
        baseline[wallet] = baseline.get(wallet, Decimal(0)) + drifts[wallet]
        write_baseline(desk, transaction, baseline)
        holds = read_holds(transaction)
        store_holds(desk, transaction, holds, holds.adopted(key, None))
        told = f"drift of {drifts[wallet]}"
        transaction.facts.note(desk.wall_clock.now(), actor, "adopted", key[1], told)

    await desk.write(store)
    desk.reconciliation.drifting.pop(wallet, None)
    return "counted to the wallet"
