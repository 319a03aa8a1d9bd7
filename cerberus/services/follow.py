"""Follow what is alive at the venue: orders, exits and positions, symbol by symbol."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cerberus.domain.exits import Exit, ExitKind, ExitStatus, VenueTrigger, is_protected
from cerberus.domain.orders import Order, OrderStatus, Purpose
from cerberus.domain.positions import Position
from cerberus.errors import CerberusError, Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.adopt import adopt_closes
from cerberus.services.armed import watch_armed
from cerberus.services.cancel import cancel_order
from cerberus.services.close import close_position
from cerberus.services.desk import Books, Desk
from cerberus.services.fired import is_known, look_at_finished
from cerberus.services.known import read_books
from cerberus.services.protect import protect
from cerberus.services.send import resolve
from cerberus.services.trail import trail

log = logging.getLogger(__name__)

#: symbols on which nothing moves, of which so many are asked about at each step of the loop
QUIET_A_STEP = 10
RESTING = (OrderStatus.OPEN, OrderStatus.PARTLY_FILLED)


@dataclass(frozen=True, slots=True)
class Alive:
    """What lives on one symbol."""

    orders: list[Order]
    exits: list[Exit]
    positions: list[Position]

    def trades(self) -> list[str]:
        """Return the trades that anything alive belongs to, oldest first."""
        found = {order.trade_id for order in self.orders}
        found |= {one.trade_id for one in self.exits}
        return sorted(found | {position.trade_id for position in self.positions})


async def follow_all(desk: Desk) -> bool:
    """Take one step on every symbol with something alive; False when one could not be followed."""
    return await _follow(desk, sorted(await _present(desk)))


async def follow_next(desk: Desk) -> bool:
    """Take one step wherever something is on its way, and on some of the quiet symbols in turn.

    Of many positions each would be asked about so often that no request is left for a stop.
    """
    alive = await _present(desk)
    quiet = [symbol for symbol, one in alive.items() if _is_quiet(desk, one)]
    chosen = sorted(quiet, key=lambda symbol: (desk.turns.get(symbol, 0), symbol))[:QUIET_A_STEP]
    turn = max(desk.turns.values(), default=0) + 1
    desk.turns = {symbol: desk.turns.get(symbol, 0) for symbol in quiet} | dict.fromkeys(
        chosen, turn
    )
    return await _follow(desk, sorted(set(alive) - set(quiet) | set(chosen)))


async def follow_busy(desk: Desk) -> bool:
    """Take one step wherever something is on its way."""
    alive = await _present(desk)
    return await _follow(
        desk, sorted(symbol for symbol, one in alive.items() if not _is_quiet(desk, one))
    )


def _is_quiet(desk: Desk, alive: Alive) -> bool:
    """Whether nothing is on its way: positions are held, and covered by exits that all rest."""
    held = {position.trade_id: position for position in alive.positions}
    exits: dict[str, list[Exit]] = defaultdict(list)
    for one in alive.exits:
        exits[one.trade_id].append(one)
    return (
        not alive.orders
        and all(one.status is ExitStatus.RESTING for one in alive.exits)
        and exits.keys() == held.keys()
        and all(_is_covered(desk, held[trade_id], told) for trade_id, told in exits.items())
    )


def _is_covered(desk: Desk, position: Position, exits: list[Exit]) -> bool:
    market = desk.instruments.get(position.symbol)  # the venue may list it no more
    kinds = {one.kind for one in exits}
    return market is not None and kinds == set(ExitKind) and is_protected(position, exits, market)


async def _present(desk: Desk) -> dict[str, Alive]:
    desk.books = books = await desk.store.read(read_books)
    return _by_symbol(books)


async def _follow(desk: Desk, symbols: Sequence[str]) -> bool:
    done = True
    for symbol in symbols:
        try:
            async with desk.locks[symbol]:
                await follow_symbol(desk, symbol)
        except (Transient, Unknown) as error:
            log.warning("follow_failed symbol=%s reason=%s", symbol, error)
            done = False
        except CerberusError:
            log.exception("follow_failed symbol=%s", symbol)
            done = False
    return done


async def follow_symbol(desk: Desk, symbol: str) -> None:
    """Ask the venue about everything alive on a symbol; the caller holds its lock."""
    alive = (await desk.store.read(_alive)).get(symbol)
    if alive is None:
        return
    for order in alive.orders:
        await _follow_order(desk, order)
    if await adopt_closes(desk, symbol):
        alive = (await desk.store.read(_alive)).get(symbol, Alive([], [], []))
    await _follow_exits(desk, symbol, alive)
    for trade_id in alive.trades():
        await protect(desk, trade_id)
    # last, and brought to the venue at the next step: it asks for a price, and a venue that tells
    # none must not keep an exit from being placed
    await _follow_prices(desk, alive)


async def _follow_prices(desk: Desk, alive: Alive) -> None:
    for position in alive.positions:
        await trail(desk, position)
    for order in alive.orders:
        if order.is_armed:
            await watch_armed(desk, order)


async def _follow_order(desk: Desk, order: Order) -> None:
    if order.is_armed:
        return  # the venue does not know it
    booked = await resolve(desk, order)
    if booked is not None and booked.order.status.is_final:
        return
    if order.status is OrderStatus.CANCEL_REQUESTED:
        await cancel_order(desk, order)  # the first cancel was lost, or came before its order
    elif order.status in RESTING and (late := await desk.store.read(_expiry_of(desk, order))):
        await cancel_order(desk, order, late)  # what it has filled by then stays


def _expiry_of(desk: Desk, order: Order) -> Callable[[Transaction], str]:
    """Return what says that the signal of an entry has expired, empty where it has not."""

    def tell(transaction: Transaction) -> str:
        trade = transaction.trades.get(order.trade_id)
        if order.purpose is not Purpose.ENTRY or trade is None:
            return ""
        record = transaction.signals.get(trade.signal_id)
        at = None if record is None else record.signal.expires_at
        if at is None or at > desk.today():
            return ""
        return f"it rested until its signal expired at {at.isoformat()}"

    return tell


async def _follow_exits(desk: Desk, symbol: str, alive: Alive) -> None:
    resting = [one for one in alive.exits if one.status is ExitStatus.RESTING]
    if resting:
        there = await desk.exchange.triggers(symbol, is_open=True)
        ids = {told.venue_id for told in there}
        for one in resting:
            if one.venue_id not in ids:
                await look_at_finished(desk, one)
        if not any(one.status is ExitStatus.SENDING for one in alive.exits):
            await _cancel_twins(desk, resting, there)
    watched = [one for one in alive.exits if one.status is ExitStatus.WATCHED]
    if watched:
        await _watch(desk, symbol, watched, {held.trade_id: held for held in alive.positions})


async def _cancel_twins(desk: Desk, resting: list[Exit], there: Sequence[VenueTrigger]) -> None:
    """Cancel what arrived after all, when it had been given up and sent again."""
    ours = {one.venue_id for one in resting}
    for told in there:
        if told.venue_id in ours or not any(told.fits(one) for one in resting):
            continue
        if not await is_known(desk, told):
            log.warning("twin_trigger symbol=%s venue_id=%s", told.symbol, told.venue_id)
            await desk.exchange.cancel_trigger(told.symbol, told.venue_id)


async def _watch(
    desk: Desk, symbol: str, watched: list[Exit], held: Mapping[str, Position]
) -> None:
    quote = await desk.exchange.quote(symbol)
    for one in watched:
        position = held.get(one.trade_id)
        price = quote.bid if one.side.sign < 0 else quote.ask
        if position is not None and one.is_hit_by(price):
            await _save(desk, one.moved(ExitStatus.TRIGGERED))
            await close_position(desk, position, str(one.kind))


async def _save(desk: Desk, one: Exit) -> None:
    await desk.write(lambda transaction: transaction.exits.save(one))


def _by_symbol(books: Books) -> dict[str, Alive]:
    alive: dict[str, Alive] = defaultdict(lambda: Alive([], [], []))
    for order in books.orders:
        alive[order.symbol].orders.append(order)
    for one in books.exits:
        alive[one.symbol].exits.append(one)
    for position in books.positions:
        alive[position.symbol].positions.append(position)
    return alive


def _alive(transaction: Transaction) -> dict[str, Alive]:
    return _by_symbol(read_books(transaction))
