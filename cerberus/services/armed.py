"""Entries that wait for a price: watched here, fired once, or ended where they have missed it.

No venue knows of them, so that they work alike on each, and one that is missed while nobody
watches costs nothing.
"""

import logging
from dataclasses import replace

from cerberus.domain.alerts.alert import Level
from cerberus.domain.market import Quote
from cerberus.domain.orders import Order, OrderStatus
from cerberus.domain.risk import Refused
from cerberus.domain.signals import Signal
from cerberus.domain.sizing import Plan
from cerberus.domain.trades import SignalRecord, Trade
from cerberus.domain.triggers import is_hit, missed
from cerberus.errors import Transient
from cerberus.ports import Transaction
from cerberus.services.alerts.raising import raise_alert
from cerberus.services.book import book_disarmed, disarm
from cerberus.services.desk import Desk
from cerberus.services.judge import Outlook, decide_again, look
from cerberus.services.leverage import is_prepared, prepare_leverage
from cerberus.services.protect import protect
from cerberus.services.send import send
from cerberus.services.snapshot import take

log = logging.getLogger(__name__)

ENTRY_REFUSED = "entry_refused"


async def watch_armed(desk: Desk, order: Order) -> None:
    """Fire or end an entry that waits for a price; the caller holds the lock of its symbol.

    Raises
    ------
    Transient
        The venue tells no price, or took nothing; it is told why in the order.
    """
    trade, record = await desk.store.read(lambda transaction: _of(transaction, order))
    signal = record.signal
    if signal.expires_at is not None and signal.expires_at <= desk.today():
        reason = f"it waited until its signal expired at {signal.expires_at.isoformat()}"
        await disarm(desk, order, OrderStatus.EXPIRED, reason)
        return
    # a stop that the store does not know of yet cancels the order as soon as it does
    if not desk.recovered or desk.stopping or desk.halt is not None:
        return
    quote = await desk.quote(order.symbol)
    if not (is_hit(order, quote) and _is_sound(desk, quote)):
        return
    plan = _plan(desk, order, trade, signal)
    if late := missed(order, plan, quote):
        await disarm(desk, order, OrderStatus.EXPIRED, late)
        return
    await _fire(desk, order, plan, _was_forced(record))


def _is_sound(desk: Desk, quote: Quote) -> bool:
    """Whether a price may trigger: none does at which no entry is let through, old or far apart."""
    is_new = abs(desk.today() - quote.at) <= desk.limits.quote_age
    return is_new and quote.spread_rate <= desk.limits.spread_rate


async def _fire(desk: Desk, order: Order, plan: Plan, is_forced: bool) -> None:
    outlook = await look(desk, order.symbol)
    if await prepare_leverage(desk, plan):
        outlook = await look(desk, order.symbol)  # that may have had to wait for the venue
    fired = await desk.write(
        lambda transaction: _commit_intent(desk, transaction, order, plan, outlook, is_forced)
    )
    if fired is None:
        return
    log.info("fired client_id=%s trigger=%s", fired.client_id, fired.trigger_price)
    try:
        booked = await send(desk, fired)
    except Transient as error:
        refused = str(error)
        await desk.write(lambda transaction: _tell(desk, transaction, fired, refused))
        raise
    if booked.order.status is OrderStatus.REJECTED:
        await desk.write(lambda tx: _tell(desk, tx, fired, booked.order.reason))
    await protect(desk, booked.trade.trade_id)


def _commit_intent(
    desk: Desk,
    transaction: Transaction,
    order: Order,
    plan: Plan,
    outlook: Outlook,
    is_forced: bool,
) -> Order | None:
    """Repeat every check inside the write; then it is an intent like any other."""
    present = transaction.orders.get(order.order_id)
    if present is None or not present.is_armed:
        return None  # cancelled meanwhile, by a stop that waits for no lock
    if late := missed(order, plan, outlook.quote):
        book_disarmed(desk, transaction, present, OrderStatus.EXPIRED, late)
        return None
    snapshot = take(transaction, without=order.order_id)
    decision = decide_again(desk, plan, outlook, snapshot, force=is_forced)
    if isinstance(decision, Refused):
        reason = f"not sent at its trigger, {decision.check}: {decision.reason}"
        book_disarmed(desk, transaction, present, OrderStatus.REJECTED, reason)
        _tell(desk, transaction, present, reason)
        return None
    if not is_prepared(desk, plan):
        raise Transient("what was decided has changed meanwhile, try again")
    fired = replace(present.moved(OrderStatus.INTENT), expires_at=desk.placement_expiry())
    transaction.orders.save(fired)
    return fired


def _tell(desk: Desk, transaction: Transaction, order: Order, reason: str) -> None:
    """Alert that an entry had its price and was not let through: nobody waits for its answer."""
    title = f"{order.symbol} {order.side} was refused at its trigger {order.trigger_price}"
    raise_alert(
        transaction,
        ENTRY_REFUSED,
        Level.WARNING,
        title,
        reason,
        at=desk.wall_clock.now(),
        subject=order.client_id,
    )


def _plan(desk: Desk, order: Order, trade: Trade, signal: Signal) -> Plan:
    """Return the plan that was approved when the order was armed."""
    return Plan(
        signal=signal,
        instrument=desk.instrument(order.symbol),
        entry_price=trade.entry_price,
        worst_price=trade.entry_price if order.price is None else order.price,
        stop_price=trade.stop_price,
        target_price=trade.target_price,
        quantity=order.quantity,
        leverage=trade.leverage,
    )


def _was_forced(record: SignalRecord) -> bool:
    """Whether a soft check was passed over when it was approved: the same wish holds now."""
    return record.verdict is not None and not all(one.passed for one in record.verdict.checks)


def _of(transaction: Transaction, order: Order) -> tuple[Trade, SignalRecord]:
    trade = transaction.trades.get(order.trade_id)
    record = None if trade is None else transaction.signals.get(trade.signal_id)
    if trade is None or record is None:
        raise LookupError(f"order {order.order_id} belongs to no trade of a signal")
    return trade, record
