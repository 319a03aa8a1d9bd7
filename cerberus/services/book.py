"""Book what the venue reports: order, fills, position, trade and sums in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cerberus.domain.exits import ExitStatus
from cerberus.domain.fills import Fill, fee_in_quote, is_in_third_coin
from cerberus.domain.market import ZERO
from cerberus.domain.orders import Order, OrderStatus, Purpose, VenueOrder, absorb
from cerberus.domain.performance import Performance, from_fact, to_fact
from cerberus.domain.positions import Position
from cerberus.domain.trades import Trade, TradeStatus
from cerberus.errors import Transient
from cerberus.ids import new_id
from cerberus.ports import Transaction
from cerberus.services.alerts.halts import note_halts
from cerberus.services.coin_fees import note_coin_fee, value_coin_fees
from cerberus.services.desk import Desk
from cerberus.services.snapshot import PERFORMANCE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Booked:
    """The state after booking."""

    order: Order
    trade: Trade
    position: Position | None


async def book_report(desk: Desk, order: Order, report: VenueOrder) -> Booked:
    """Fetch the fills that a report speaks of and book everything.

    A report whose fills cannot be had yet leaves its order open, so that it is asked about again:
    no fill is invented and none is forgotten.
    """
    fills: Sequence[Fill] = ()
    if report.filled_quantity > 0:
        try:
            fills = await desk.exchange.fills(order.symbol, report.venue_id)
        except Transient:
            fills = ()
    told = sum((fill.quantity for fill in fills), ZERO)
    if told < report.filled_quantity and report.status.is_final:
        has_filled = told > 0 or order.filled_quantity > 0
        unfinished = OrderStatus.PARTLY_FILLED if has_filled else OrderStatus.OPEN
        report = replace(report, status=unfinished, filled_quantity=told)
    if fills:
        desk.account_changed()
        fills = await value_coin_fees(desk, fills)
    return await desk.write(lambda transaction: _book(desk, transaction, order, report, fills))


async def book_refusal(desk: Desk, order: Order, status: OrderStatus, reason: str) -> Booked:
    """Book that an order ended, or is in doubt, without a word on fills."""

    def book(transaction: Transaction) -> Booked:
        present = transaction.orders.get(order.order_id) or order
        # an emergency stop does not wait for locks: what it has heard of the order since counts
        is_told = present.status.is_final or present.venue_id is not None
        moved = present if is_told else present.moved(status, reason)
        transaction.orders.save(moved)
        return _settle(desk, transaction, moved, transaction.positions.of_trade(order.trade_id))

    return await desk.write(book)


async def disarm(desk: Desk, order: Order, status: OrderStatus, reason: str) -> Booked | None:
    """End an order that waits for its trigger; None when it does not wait any more."""
    return await desk.write(lambda tx: book_disarmed(desk, tx, order, status, reason))


def book_disarmed(
    desk: Desk, transaction: Transaction, order: Order, status: OrderStatus, reason: str
) -> Booked | None:
    """Book the end of an order that waits; only a transaction knows that it was not sent."""
    present = transaction.orders.get(order.order_id)
    if present is None or not present.is_armed:
        return None
    ended = present.moved(status, reason)
    transaction.orders.save(ended)
    log.info("disarmed client_id=%s status=%s reason=%s", ended.client_id, status, reason)
    return _settle(desk, transaction, ended, None)


def _book(
    desk: Desk,
    transaction: Transaction,
    order: Order,
    report: VenueOrder,
    fills: Sequence[Fill],
) -> Booked:
    present = absorb(transaction.orders.get(order.order_id) or order, report)
    transaction.orders.save(present)
    position = transaction.positions.of_trade(order.trade_id)
    for fill in fills:
        if transaction.orders.add_fill(present, fill):
            position = _apply(desk, transaction, present, position, fill)
    if position is not None and position.is_open and present.status.is_final:
        price = fills[-1].price if fills else present.average_price or position.entry_price
        position = _leave_dust(desk, transaction, present, position, price)
    return _settle(desk, transaction, present, position)


async def book_dust(desk: Desk, order: Order, price: Decimal) -> Booked:
    """Close a position whose rest the venue does not take; it stays open where that is no dust."""

    def book(transaction: Transaction) -> Booked:
        position = transaction.positions.of_trade(order.trade_id)
        if position is not None and position.is_open:
            position = _leave_dust(desk, transaction, order, position, price)
        return _settle(desk, transaction, order, position)

    return await desk.write(book)


def _leave_dust(
    desk: Desk, transaction: Transaction, order: Order, position: Position, price: Decimal
) -> Position:
    """Close a position that is worth too little to be sold, unless an order of it may fill yet."""
    orders = transaction.orders.of_trade(position.trade_id)
    if any(not one.status.is_final for one in orders if one.order_id != order.order_id):
        return position
    after = position.settled(desk.instrument(position.symbol), desk.market_clock.now(), price)
    if after.is_open:
        return position
    log.warning("dust symbol=%s quantity=%s price=%s", after.symbol, after.dust, price)
    transaction.positions.save(after)
    count_closed(desk, transaction, after.net_pnl)
    return after


def _apply(
    desk: Desk,
    transaction: Transaction,
    order: Order,
    position: Position | None,
    fill: Fill,
) -> Position:
    instrument = desk.instrument(fill.symbol)
    if position is None:
        position = Position(
            position_id=new_id(),
            trade_id=order.trade_id,
            symbol=order.symbol,
            side=order.side if order.purpose is Purpose.ENTRY else order.side.opposite,
            opened_at=fill.at,
        )
        transaction.positions.add(position)
    after = position.apply(fill, instrument)
    if is_in_third_coin(fill, instrument):
        note_coin_fee(desk, transaction, fill, instrument)
    change = after.realised_pnl - position.realised_pnl - fee_in_quote(fill, instrument)
    add_result(desk, transaction, change)
    if order.purpose.reduces:
        after = after.settled(instrument, fill.at)
    transaction.positions.save(after)
    if not after.is_open and position.is_open:
        count_closed(desk, transaction, after.net_pnl)
    return after


def count_closed(desk: Desk, transaction: Transaction, net: Decimal) -> None:
    """Count a closed position among the wins and the losses."""
    sums = from_fact(transaction.facts.get(PERFORMANCE))
    _keep(desk, transaction, sums, sums.closed(net))


def add_result(desk: Desk, transaction: Transaction, change: Decimal) -> None:
    """Add a realised profit, loss or fee of now to the sums."""
    sums = from_fact(transaction.facts.get(PERFORMANCE))
    _keep(desk, transaction, sums, sums.booked(change, desk.market_clock.now()))


def _keep(desk: Desk, transaction: Transaction, before: Performance, after: Performance) -> None:
    transaction.facts.put(PERFORMANCE, to_fact(after), desk.wall_clock.now())
    note_halts(desk, transaction, before, after)


def _settle(
    desk: Desk, transaction: Transaction, order: Order, position: Position | None
) -> Booked:
    """Let the trade follow from its order and its position."""
    trade = transaction.trades.get(order.trade_id)
    if trade is None:
        raise LookupError(f"order {order.order_id} belongs to no trade")
    moved = _follow(desk, trade, order, position)
    if moved != trade:
        transaction.trades.save(moved)
    if moved.status is TradeStatus.NOT_PLACED:
        for planned in transaction.exits.of_trade(trade.trade_id):
            if not planned.status.is_final:
                transaction.exits.save(planned.moved(ExitStatus.CANCELLED, "no entry"))
    return Booked(order, moved, position)


def _follow(desk: Desk, trade: Trade, order: Order, position: Position | None) -> Trade:
    if position is not None and not position.is_open:
        if trade.status is TradeStatus.CLOSED:
            return trade
        closed = trade.moved(TradeStatus.CLOSED, order.reason or str(order.purpose))
        return replace(closed, closed_at=position.closed_at)
    if position is not None:
        return replace(
            trade.moved(TradeStatus.OPEN), opened_at=trade.opened_at or position.opened_at
        )
    if order.purpose is not Purpose.ENTRY:
        return trade
    if order.status is not OrderStatus.INTENT and order.is_in_doubt:
        return trade.moved(TradeStatus.UNKNOWN, order.reason)
    if order.status.is_final:
        reason = order.reason or f"the entry was {order.status} without a fill"
        return replace(trade.moved(TradeStatus.NOT_PLACED, reason), closed_at=desk.wall_clock.now())
    return trade.moved(TradeStatus.PENDING)
