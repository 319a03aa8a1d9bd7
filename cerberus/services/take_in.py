"""Take what somebody else has sent into the books: a trade, its exits, its orders, its fills."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from cerberus.domain.balances import Reservation, entry_reservation
from cerberus.domain.drift import explaining
from cerberus.domain.fills import Fill
from cerberus.domain.market import ONE, ZERO
from cerberus.domain.orders import ListedOrder, Order, OrderStatus, OrderType, Purpose, VenueOrder
from cerberus.domain.positions import VenuePosition
from cerberus.domain.reconciliation import Ours
from cerberus.domain.signals import EntryType, Side, Signal, TimeInForce, fingerprint
from cerberus.domain.trades import SignalRecord, SignalStatus, Trade
from cerberus.ids import new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.book import book_report
from cerberus.services.both_sides import unknown_fills
from cerberus.services.desk import Desk
from cerberus.services.planned import add_trade

STRATEGY = "adopted"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a trade of ours needs to know of what somebody else has begun."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    leverage: Decimal


async def take_in_order(desk: Desk, told: ListedOrder) -> bool:
    """Let a resting order be an entry of ours; False when it tells no price to protect it from."""
    if told.price is None:
        return False
    leverage = ONE
    if desk.instrument(told.symbol).is_swap:
        leverage = desk.leverages.get(told.symbol, desk.limits.leverage_default)
    entry = _Entry(told.symbol, told.side, told.quantity, told.price, leverage)
    order = _order(desk, entry, told.report.venue_id, told.quantity, told.created_at)
    order = replace(order, order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC)
    order = replace(order, price=told.price, leverage=leverage)
    instrument = desk.instrument(told.symbol)
    held = entry_reservation(instrument, told.side, told.quantity, told.price, leverage)
    await desk.write(lambda tx: _begin(desk, tx, entry, [(order, held)]))
    await _book(desk, order, told.report)
    return True


async def take_in_position(desk: Desk, ours: Ours, held: VenuePosition) -> bool:
    """Book what a position has beyond ours; False when the venue's fills do not tell all of it."""
    mine = ours.positions[0] if ours.positions else None
    before = ZERO if mine is None else mine.quantity * mine.side.sign
    beyond = held.quantity * held.side.sign - before
    fills = explaining(await unknown_fills(desk, held.symbol, ours), beyond)
    if fills is None or before * beyond < ZERO:
        return False
    entry = _Entry(held.symbol, held.side, abs(beyond), held.entry_price, held.leverage)
    orders = _orders_of(desk, entry, fills)
    trade_id = None if mine is None else mine.trade_id
    await desk.write(lambda tx: _begin(desk, tx, entry, [(one, None) for one in orders], trade_id))
    for order in orders:
        await _book(
            desk, order, VenueOrder(str(order.venue_id), OrderStatus.FILLED, order.quantity)
        )
    return True


async def _book(desk: Desk, order: Order, report: VenueOrder) -> None:
    """Book a report onto the order as it was stored, with its trade."""
    stored = await desk.store.read(lambda transaction: transaction.orders.get(order.order_id))
    await book_report(desk, stored or order, report)


def _orders_of(desk: Desk, entry: _Entry, fills: list[Fill]) -> list[Order]:
    """Return an order for each that has filled, oldest first."""
    found: dict[str, Order] = {}
    for fill in fills:
        known = found.get(fill.order_venue_id)
        quantity = fill.quantity + (known.quantity if known else ZERO)
        order = known or _order(desk, entry, fill.order_venue_id, quantity, fill.at)
        purpose = Purpose.ENTRY if fill.side is entry.side else Purpose.CLOSE
        found[fill.order_venue_id] = replace(
            order, side=fill.side, purpose=purpose, quantity=quantity
        )
    return list(found.values())


def _order(desk: Desk, entry: _Entry, venue_id: str, quantity: Decimal, at: datetime) -> Order:
    return Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id="",
        symbol=entry.symbol,
        side=entry.side,
        order_type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=quantity,
        time_in_force=TimeInForce.IOC,
        created_at=at,
        expires_at=desk.wall_clock.now(),
        status=OrderStatus.OPEN,
        venue_id=venue_id,
        reason="adopted by a person",
    )


def _begin(
    desk: Desk,
    transaction: Transaction,
    entry: _Entry,
    orders: list[tuple[Order, Reservation | None]],
    trade_id: str | None = None,
) -> None:
    """Store the orders, with a trade and its exits where there is none yet."""
    if trade_id is None:
        trade_id = _add_trade(desk, transaction, entry).trade_id
    for order, held in orders:
        transaction.orders.add(replace(order, trade_id=trade_id), held)


def _add_trade(desk: Desk, transaction: Transaction, entry: _Entry) -> Trade:
    now, sign = desk.wall_clock.now(), entry.side.sign
    record = _record(entry, now)
    trade = Trade(
        trade_id=new_id(),
        signal_id=record.signal_id,
        symbol=entry.symbol,
        side=entry.side,
        strategy=STRATEGY,
        quantity=entry.quantity,
        entry_price=entry.price,
        stop_price=entry.price * (ONE - sign * desk.rules.stop_loss_percent / 100),
        target_price=entry.price * (ONE + sign * desk.rules.take_profit_percent / 100),
        leverage=entry.leverage,
        created_at=now,
    )
    transaction.signals.add(replace(record, trade_id=trade.trade_id))
    add_trade(transaction, trade, desk.instrument(entry.symbol))
    return trade


def _record(entry: _Entry, now: datetime) -> SignalRecord:
    """Return the record of a wish that nobody has signalled: a person has adopted its effect."""
    signal_id = new_id()
    signal = Signal(
        symbol=entry.symbol,
        side=entry.side,
        strategy=STRATEGY,
        confidence=ONE,
        created_at=now,
        entry_type=EntryType.MARKET,
        signal_id=signal_id,
        reason="adopted by a person",
    )
    return SignalRecord(
        signal_id=signal_id,
        external_id=signal_id,
        fingerprint=fingerprint(signal),
        symbol=entry.symbol,
        received_at=now,
        signal=signal,
        status=SignalStatus.TRADED,
    )
