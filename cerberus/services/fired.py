"""Adopt what the venue did when a trigger fired: its order becomes one of ours."""

from dataclasses import replace

from cerberus.domain.exits import Exit, ExitKind, ExitStatus, VenueTrigger
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.signals import TimeInForce
from cerberus.ids import new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.send import resolve


async def look_at_finished(desk: Desk, one: Exit) -> None:
    """Book why a resting exit rests no more.

    A trigger that somebody else cancelled, or that failed, is planned again: the position must
    not stay without it.
    """
    finished = await desk.exchange.triggers(one.symbol, is_open=False)
    trigger = next((told for told in finished if told.venue_id == one.venue_id), None)
    if trigger is not None and trigger.order_venue_id is not None:
        await adopt(desk, one, trigger)
        return
    outcome = "gone from the venue" if trigger is None else f"ended as {trigger.outcome}"
    again = replace(one.moved(ExitStatus.PLANNED, outcome), venue_id=None)
    await desk.write(lambda transaction: transaction.exits.save(again))


async def is_known(desk: Desk, told: VenueTrigger) -> bool:
    """Return whether one of our exits is, or was, this trigger."""
    found = await desk.store.read(
        lambda transaction: transaction.exits.at_venue(told.symbol, told.venue_id)
    )
    return found is not None


async def adopt(desk: Desk, one: Exit, trigger: VenueTrigger) -> None:
    """Store the order that a trigger has placed, and book its fills."""
    now = desk.wall_clock.now()
    order = Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id=one.trade_id,
        symbol=one.symbol,
        side=one.side,
        order_type=OrderType.MARKET,
        purpose=Purpose.STOP if one.kind is ExitKind.STOP else Purpose.TARGET,
        quantity=one.quantity,
        time_in_force=TimeInForce.IOC,
        created_at=now,
        expires_at=now,
        status=OrderStatus.OPEN,
        venue_id=trigger.order_venue_id,
        reason=str(one.kind),
    )

    def add(transaction: Transaction) -> Order:
        known = transaction.orders.get(str(trigger.order_venue_id))
        if known is not None:
            return known
        transaction.exits.save(one.moved(ExitStatus.TRIGGERED))
        transaction.orders.add(order, None)
        return order

    await resolve(desk, await desk.write(add))


async def finish_fired(desk: Desk, trade_id: str) -> None:
    """End the triggered exits whose order is over, so that what is left can be planned again."""

    def over(transaction: Transaction) -> list[Exit]:
        live = {str(one.purpose) for one in transaction.orders.live() if one.trade_id == trade_id}
        return [
            one
            for one in transaction.exits.of_trade(trade_id)
            if one.status is ExitStatus.TRIGGERED and not live & {str(one.kind), "close"}
        ]

    def finish(transaction: Transaction) -> None:
        for one in over(transaction):
            transaction.exits.save(one.moved(ExitStatus.DONE))

    if await desk.store.read(over):
        await desk.write(finish)
