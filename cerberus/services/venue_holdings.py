"""Sell spot holdings past the store: which are ours, only the books can tell."""

from decimal import Decimal

from cerberus.domain.exits import Exit, ExitStatus, VenueTrigger
from cerberus.domain.fills import received_base
from cerberus.domain.market import ZERO, round_down
from cerberus.domain.orders import Order, Purpose
from cerberus.domain.signals import Side
from cerberus.errors import Transient
from cerberus.ids import stop_client_id
from cerberus.services.desk import Books, Desk
from cerberus.services.unrecorded import build_close, send_close

#: sales of one holding, each smaller than the one before
_ATTEMPTS = 8


async def sell_holding(desk: Desk, books: Books, trade_id: str, symbol: str) -> bool:
    """Sell what a trade holds; False when nothing was to be sold any more.

    A sale cannot be reduce-only on spot. Each has its own client id, equal in every process, and
    is asked for before it is sent: what was sold already is never sold again.

    Raises
    ------
    Transient
        Something is held still.
    """
    held = await _by_orders(desk, books, trade_id) - await _by_exits(desk, books, trade_id, symbol)
    instrument = desk.instrument(symbol)
    for attempt in range(_ATTEMPTS):
        quantity = round_down(held, instrument.quantity_step)
        if quantity <= ZERO or quantity < instrument.quantity_min:
            return attempt > 0
        client_id = stop_client_id(trade_id, attempt)
        order = build_close(desk, symbol, Side.SELL, quantity, client_id)
        report = await desk.exchange.find(order) or await send_close(desk, order)
        if not report.status.is_final:
            break
        held -= report.filled_quantity
    raise Transient(f"{held} of {symbol} are still held")


async def _by_orders(desk: Desk, books: Books, trade_id: str) -> Decimal:
    """Return what is held by the books, and by what they have not taken yet of their orders."""
    held = sum((one.quantity for one in books.positions if one.trade_id == trade_id), ZERO)
    for order in books.orders:
        if order.trade_id == trade_id:
            change = await _not_booked(desk, order)
            held += change if order.purpose is Purpose.ENTRY else -change
    return held


async def _not_booked(desk: Desk, order: Order) -> Decimal:
    report = await desk.exchange.find(order)
    if report is None:
        if order.is_in_doubt and desk.wall_clock.now() <= order.expires_at:
            raise Transient(f"order {order.client_id} may be on its way")
        return ZERO
    if not report.status.is_final:
        raise Transient(f"order {order.client_id} is not over")
    new = report.filled_quantity - order.filled_quantity
    if new <= ZERO:
        return ZERO
    instrument = desk.instrument(order.symbol)
    fills = await desk.exchange.fills(order.symbol, report.venue_id)
    moved = sum((received_base(fill, instrument) for fill in fills), ZERO)
    return moved * new / report.filled_quantity


async def _by_exits(desk: Desk, books: Books, trade_id: str, symbol: str) -> Decimal:
    """Cancel the exits of a trade, which tie its holding up; return what they have sold."""
    exits = [one for one in books.exits if one.trade_id == trade_id and _may_rest(one)]
    if not exits:
        return ZERO
    for told in await desk.exchange.triggers(symbol, is_open=True):
        if any(_is(told, one) for one in exits):
            await desk.exchange.cancel_trigger(symbol, told.venue_id)
    sold = ZERO
    for told in await desk.exchange.triggers(symbol, is_open=False):
        if told.order_venue_id is not None and any(_is(told, one) for one in exits):
            fills = await desk.exchange.fills(symbol, told.order_venue_id)
            sold += sum((fill.quantity for fill in fills), ZERO)
    return sold


def _may_rest(one: Exit) -> bool:
    return one.status in (ExitStatus.RESTING, ExitStatus.SENDING)


def _is(told: VenueTrigger, one: Exit) -> bool:
    if one.venue_id is not None:
        return told.venue_id == one.venue_id
    return told.fits(one) and told.created_at >= one.created_at
