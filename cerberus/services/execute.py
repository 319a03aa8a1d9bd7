"""Turn an approved signal into an order: reserve and commit the intent first, then send."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from cerberus.domain.balances import entry_reservation
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.risk import Approved, Decision
from cerberus.domain.signals import EntryType, Side, Signal, TimeInForce
from cerberus.domain.sizing import Plan
from cerberus.domain.trades import SignalRecord, SignalStatus, Trade, TradeStatus
from cerberus.domain.validation import validate
from cerberus.errors import Invalid, NotFound, Transient
from cerberus.ids import new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.judge import Outlook, Wish, decide, look, verdict
from cerberus.services.leverage import is_prepared, prepare_leverage
from cerberus.services.planned import add_trade
from cerberus.services.send import send
from cerberus.services.snapshot import take


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a signal: a trade, or the record of its refusal."""

    record: SignalRecord
    trade: Trade | None = None
    is_duplicate: bool = False


async def execute(desk: Desk, signal_id: str, wish: Wish) -> Outcome:
    """Execute a signal that was taken in; the caller runs one at a time for the account."""
    record, trade = await desk.store.read(lambda transaction: _known(transaction, signal_id))
    if trade is not None and await _is_done(desk, record, trade):
        return Outcome(record, trade, is_duplicate=True)
    if record.status is SignalStatus.REFUSED:
        return Outcome(record, is_duplicate=True)
    async with desk.locks[record.symbol]:
        held = await desk.store.read(
            lambda transaction: transaction.positions.open_on(record.symbol)
        )
        if held is not None and held.side is not record.signal.side:
            closed = await close_position(desk, held, f"signal {record.signal_id}")
            return Outcome(await _traded(desk, record, closed.trade_id), closed)
        return await _enter(desk, record, wish)


async def _enter(desk: Desk, record: SignalRecord, wish: Wish) -> Outcome:
    outlook, snapshot = await asyncio.gather(look(desk, record.symbol), desk.store.read(take))
    _refuse_outdated(desk, record.signal, outlook)
    first = decide(desk, record.signal, wish, outlook, snapshot)
    if isinstance(first, Approved) and await prepare_leverage(desk, first.plan):
        # that may have had to wait for the venue: an old price would refuse the signal for good
        outlook = await look(desk, record.symbol)
    committed = await desk.write(
        lambda transaction: _commit_intent(desk, transaction, record, wish, outlook)
    )
    if isinstance(committed, SignalRecord):
        return Outcome(committed)
    order, kept = committed
    if order.is_armed:  # the follower sends it when its price is there
        return Outcome(kept, await desk.store.read(lambda tx: tx.trades.get(order.trade_id)))
    booked = await send(desk, order)
    return Outcome(kept, booked.trade)


async def _is_done(desk: Desk, record: SignalRecord, trade: Trade) -> bool:
    """Whether a signal has had its effect; one that never reached the venue may be resumed."""
    if trade.side is not record.signal.side:
        return trade.status.is_final  # it was to close this trade
    if trade.status is not TradeStatus.NOT_PLACED:
        return True
    orders = await desk.store.read(lambda transaction: transaction.orders.of_trade(trade.trade_id))
    # one that waited for a price has had its chance, sent or not
    return any(order.venue_id or order.trigger_price is not None for order in orders)


def _refuse_outdated(desk: Desk, signal: Signal, outlook: Outlook) -> None:
    """Validate again: a signal may have waited, and the price moved beyond its stop."""
    instrument, rules = desk.instrument(signal.symbol), desk.rules.signal_rules
    problems = validate(signal, instrument, outlook.quote, desk.today(), rules)
    if problems:
        raise Invalid(problems[0].field, problems[0].reason)


def _commit_intent(
    desk: Desk, transaction: Transaction, record: SignalRecord, wish: Wish, outlook: Outlook
) -> SignalRecord | tuple[Order, SignalRecord]:
    """Repeat every check inside the write, then reserve and store intent and exits."""
    decision = decide(desk, record.signal, wish, outlook, take(transaction))
    judged = _judged(record, decision)
    if not isinstance(decision, Approved):
        transaction.signals.save(judged)
        return judged
    plan, now = decision.plan, desk.wall_clock.now()
    if not is_prepared(desk, plan):
        raise Transient("what was decided has changed meanwhile, try again")
    trade = _trade(record, plan, now)
    order = _entry_order(desk, trade, plan, now)
    worst = max(plan.worst_price, plan.entry_price)
    instrument, quantity = plan.instrument, plan.quantity
    held = entry_reservation(instrument, order.side, quantity, worst, plan.leverage)
    judged = replace(judged, status=SignalStatus.TRADED, trade_id=trade.trade_id)
    add_trade(transaction, trade, instrument)
    transaction.orders.add(order, held)
    transaction.signals.save(judged)
    return order, judged


def _judged(record: SignalRecord, decision: Decision) -> SignalRecord:
    approved = isinstance(decision, Approved)
    status = SignalStatus.APPROVED if approved else SignalStatus.REFUSED
    return replace(record, status=status, verdict=verdict(decision))


def _trade(record: SignalRecord, plan: Plan, now: datetime) -> Trade:
    return Trade(
        trade_id=new_id(),
        signal_id=record.signal_id,
        symbol=record.symbol,
        side=record.signal.side,
        strategy=record.signal.strategy,
        quantity=plan.quantity,
        entry_price=plan.entry_price,
        stop_price=plan.stop_price,
        target_price=plan.target_price,
        leverage=plan.leverage,
        created_at=now,
        trailing_percent=record.signal.trailing_percent,
    )


def _entry_order(desk: Desk, trade: Trade, plan: Plan, now: datetime) -> Order:
    signal = plan.signal
    kind, tif = OrderType(str(signal.entry_type)), TimeInForce.IOC
    if signal.entry_type.has_limit:
        tif = signal.time_in_force or TimeInForce.GTC
    is_spot_buy = not plan.instrument.is_swap and signal.side is Side.BUY
    if signal.entry_type is EntryType.MARKET and is_spot_buy:
        # a market buy takes a quote cost there: an immediate limit at the band's edge instead
        kind = OrderType.LIMIT
    waits = signal.entry_type.is_triggered
    return Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id=trade.trade_id,
        symbol=trade.symbol,
        side=trade.side,
        order_type=kind,
        purpose=Purpose.ENTRY,
        quantity=plan.quantity,
        price=plan.worst_price,
        time_in_force=tif,
        leverage=plan.leverage,
        created_at=now,
        expires_at=now if waits else desk.placement_expiry(),
        status=OrderStatus.ARMED if waits else OrderStatus.INTENT,
        trigger_price=signal.trigger_price if waits else None,
    )


def _known(transaction: Transaction, signal_id: str) -> tuple[SignalRecord, Trade | None]:
    record = transaction.signals.get(signal_id)
    if record is None:
        raise NotFound(f"signal {signal_id} is not known")
    if record.trade_id is not None:
        return record, transaction.trades.get(record.trade_id)
    return record, None


async def _traded(desk: Desk, record: SignalRecord, trade_id: str) -> SignalRecord:
    traded = replace(record, status=SignalStatus.TRADED, trade_id=trade_id)
    await desk.write(lambda transaction: transaction.signals.save(traded))
    return traded
