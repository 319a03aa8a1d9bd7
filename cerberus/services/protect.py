"""Keep every position protected: place its exits, renew them, fit them to its size."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from cerberus.domain.exits import (
    Exit,
    ExitKind,
    ExitStatus,
    is_protected,
    trigger_tick,
    wanted_quantity,
)
from cerberus.domain.market import Instrument
from cerberus.domain.positions import Position
from cerberus.domain.trades import Trade
from cerberus.errors import Rejected, Transient, Unknown
from cerberus.ports import Transaction
from cerberus.services.cancel import cancel_exit, cancel_exits
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.fired import adopt, finish_fired, is_known
from cerberus.services.planned import planned_exit

#: how long a spot trigger lives at the venue, and how early it is renewed
SPOT_TRIGGER_LIFETIME = timedelta(seconds=86_400)
RENEW_BEFORE = timedelta(hours=1)
#: a trigger that was sent without an answer is looked for this long before it is sent again;
#: should it arrive later still, the follower cancels the twin
SENDING_PATIENCE = timedelta(seconds=3)


async def protect(desk: Desk, trade_id: str) -> bool:
    """Bring the exits of a trade to what its position needs; the caller holds the symbol's lock.

    Return whether the position is protected now.
    """
    await finish_fired(desk, trade_id)
    trade, position, exits = await desk.store.read(lambda transaction: _read(transaction, trade_id))
    if trade is None or position is None:
        return False
    if not position.is_open:
        for one in exits:
            if one.status is ExitStatus.SENDING:
                await _find_sent(desk, one)  # else it would rest at the venue for ever
        await cancel_exits(desk, trade_id, "position is closed")
        return True
    for one in await _complete(desk, trade, position, exits):
        await _advance(desk, one, trade, position)
    exits = await desk.store.read(lambda transaction: transaction.exits.of_trade(trade_id))
    await _drop_superseded(desk, exits, trade, position)
    return await _note_protection(desk, trade, position)


async def _complete(desk: Desk, trade: Trade, position: Position, exits: list[Exit]) -> list[Exit]:
    """Plan again what a partial stop, a refusal or a growing position has left open."""
    instrument, now = desk.instrument(trade.symbol), desk.wall_clock.now()
    live = [one for one in exits if not one.status.is_final]
    planned = []
    for kind, price in _prices(trade):
        fitting = [
            one
            for one in live
            if one.kind is kind
            and (
                one.status is not ExitStatus.RESTING
                or _is_as_wanted(one, trade, position, instrument)
            )
            and not _must_renew(one, now)
        ]
        if not fitting:
            planned.append(planned_exit(trade, kind, price, instrument, now))
    if planned:
        await desk.write(lambda transaction: _add_all(transaction, planned))
    return live + planned


async def _advance(desk: Desk, one: Exit, trade: Trade, position: Position) -> None:
    """Move one exit a step nearer to being in place."""
    if one.status is ExitStatus.SENDING:
        one = await _find_sent(desk, one)
    instrument = desk.instrument(one.symbol)
    wanted = wanted_quantity(position, instrument)
    if one.status is ExitStatus.WATCHED and one.quantity != wanted:
        await _save(desk, replace(one, quantity=wanted))  # the entry has filled further
    if one.status is not ExitStatus.PLANNED:
        return
    if one.kind is ExitKind.TARGET and not instrument.is_swap:
        # there is no linked pair on spot: the stop rests, the target is watched
        watched = replace(one, quantity=wanted)
        await _save(desk, watched.moved(ExitStatus.WATCHED))
        return
    present = replace(one, trigger_price=_trigger_price(one, trade, instrument))
    # one that has failed at the venue, or was lost, must not rest there again to no effect
    if one.reason and await _close_if_passed(desk, present, position):
        return
    await _place(desk, present, position, instrument)


async def _place(desk: Desk, one: Exit, position: Position, instrument: Instrument) -> None:
    now = desk.wall_clock.now()
    expires = None if instrument.is_swap else now + SPOT_TRIGGER_LIFETIME
    wanted = wanted_quantity(position, instrument)
    sending = replace(
        one.moved(ExitStatus.SENDING), quantity=wanted, sent_at=now, expires_at=expires
    )
    await _save(desk, sending)
    try:
        venue_id = await desk.exchange.place_trigger(sending)
    except Unknown:
        return  # looked for at the next step, never sent twice in doubt
    except Transient:
        await _save(desk, sending.moved(ExitStatus.PLANNED))
        return
    except Rejected as error:
        await _save(desk, sending.moved(ExitStatus.PLANNED, str(error)))
        await _close_if_passed(desk, sending, position)
        return
    await _save(desk, replace(sending.moved(ExitStatus.RESTING), venue_id=venue_id))


async def _close_if_passed(desk: Desk, one: Exit, position: Position) -> bool:
    """Close at the market when the price is beyond the exit, so that it cannot be placed."""
    quote = await desk.exchange.quote(one.symbol)
    price = quote.bid if position.side.sign > 0 else quote.ask
    if not one.is_hit_by(price):
        return False
    await close_position(desk, position, f"{one.kind} passed before it could be placed")
    return True


async def _find_sent(desk: Desk, one: Exit) -> Exit:
    """Look for a trigger that was sent without an answer, among open and finished ones."""
    for is_open in (True, False):
        for told in await desk.exchange.triggers(one.symbol, is_open=is_open):
            is_new = one.sent_at is None or told.created_at >= one.sent_at - SENDING_PATIENCE
            if not (is_new and told.fits(one)) or await is_known(desk, told):
                continue
            resting = replace(one.moved(ExitStatus.RESTING), venue_id=told.venue_id)
            await _save(desk, resting)
            if told.order_venue_id is not None:
                await adopt(desk, resting, told)
            return resting
    if one.sent_at is None or desk.wall_clock.now() - one.sent_at > SENDING_PATIENCE:
        one = one.moved(ExitStatus.PLANNED, "the venue never received it")
        await _save(desk, one)
    return one


async def _drop_superseded(desk: Desk, exits: list[Exit], trade: Trade, position: Position) -> None:
    """Cancel an exit of wrong size or price, or near its expiry, once its successor is there."""
    instrument, now = desk.instrument(position.symbol), desk.wall_clock.now()
    for kind in ExitKind:
        resting = [one for one in exits if one.kind is kind and one.status is ExitStatus.RESTING]
        good = [
            one
            for one in resting
            if _is_as_wanted(one, trade, position, instrument) and not _must_renew(one, now)
        ]
        for one in resting:
            if good and one not in good[:1]:
                await cancel_exit(desk, one, "replaced")


async def _note_protection(desk: Desk, trade: Trade, position: Position) -> bool:
    exits, now = await desk.store.read(lambda tx: tx.exits.of_trade(trade.trade_id)), desk.today()
    if not is_protected(position, exits, desk.instrument(trade.symbol)):
        return False

    def note(transaction: Transaction) -> None:
        present = transaction.trades.get(trade.trade_id) or trade
        transaction.trades.save(replace(present, protected_at=present.protected_at or now))

    if trade.protected_at is None:
        await desk.write(note)
    return True


def _prices(trade: Trade) -> tuple[tuple[ExitKind, Decimal], ...]:
    return (ExitKind.STOP, trade.present_stop), (ExitKind.TARGET, trade.target_price)


def _trigger_price(one: Exit, trade: Trade, instrument: Instrument) -> Decimal:
    return trigger_tick(dict(_prices(trade))[one.kind], one.side, one.kind, instrument)


def _is_as_wanted(one: Exit, trade: Trade, position: Position, instrument: Instrument) -> bool:
    fits = one.trigger_price == _trigger_price(one, trade, instrument)
    return fits and one.quantity == wanted_quantity(position, instrument)


def _must_renew(one: Exit, now: datetime) -> bool:
    return one.expires_at is not None and one.expires_at - now < RENEW_BEFORE


def _add_all(transaction: Transaction, planned: list[Exit]) -> None:
    for one in planned:
        transaction.exits.add(one)


async def _save(desk: Desk, one: Exit) -> None:
    await desk.write(lambda transaction: transaction.exits.save(one))


def _read(
    transaction: Transaction, trade_id: str
) -> tuple[Trade | None, Position | None, list[Exit]]:
    return (
        transaction.trades.get(trade_id),
        transaction.positions.of_trade(trade_id),
        transaction.exits.of_trade(trade_id),
    )
