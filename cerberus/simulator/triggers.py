"""Price-triggered orders of both accounts: waiting, firing, expiring."""

from dataclasses import replace
from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce, TriggerRule, is_triggered
from cerberus.simulator import futures, spot
from cerberus.simulator.entities import SPOT, Order, Trigger
from cerberus.simulator.futures_account import position_of
from cerberus.simulator.refusals import Refused
from cerberus.simulator.requests import FuturesOrderRequest, SpotOrderRequest
from cerberus.simulator.venue import Venue


def base_of(venue: Venue, trigger: Trigger) -> str:
    """Return the asset whose price a trigger watches."""
    if trigger.account == SPOT:
        return venue.markets.spot[trigger.market].base
    return venue.markets.futures[trigger.market].base


def check_against_last(venue: Venue, trigger: Trigger) -> None:
    """Refuse a futures trigger on the wrong side of the last price, as the venue does."""
    last = venue.last(base_of(venue, trigger))
    if trigger.rule == TriggerRule.AT_OR_ABOVE and trigger.trigger_price <= last:
        message = f"invalid argument: Trigger.Price must > last_price {last}"
        raise Refused("AUTO_TRIGGER_PRICE_GREATE_LAST", message)
    if trigger.rule == TriggerRule.AT_OR_BELOW and trigger.trigger_price >= last:
        message = f"invalid argument: Trigger.Price must < last_price {last}"
        raise Refused("AUTO_TRIGGER_PRICE_LESS_LAST", message)


def evaluate(venue: Venue, trigger: Trigger, last: Decimal) -> None:
    """Expire a trigger, fire it, or let it wait on."""
    if trigger.expires_ms and venue.now_ms >= trigger.expires_ms:
        _finish(venue, trigger, "expired")
    elif is_triggered(TriggerRule(trigger.rule), trigger.trigger_price, last):
        _fire(venue, trigger)


def cancel(venue: Venue, trigger: Trigger, reason: str = "") -> Trigger:
    """Give up a waiting trigger."""
    return _finish(venue, trigger, "cancelled", reason)


def cancel_of_closed_positions(venue: Venue) -> None:
    """Cancel the take-profits and stop-losses that belong to a position which no longer exists."""
    for trigger in list(venue.state.triggers.values()):
        if not trigger.order_type:
            continue
        size = position_of(venue, venue.markets.futures[trigger.market]).size
        is_long = "long" in trigger.order_type
        if size == 0 or (size > 0) != is_long:
            cancel(venue, trigger, "position closed")


def _fire(venue: Venue, trigger: Trigger) -> None:
    if trigger.holds_funds:
        # what it has locked is what its order spends
        venue.state.put_trigger(replace(trigger, finish_as="succeeded"))
    try:
        order = _place(venue, trigger)
    except Refused as refusal:
        _finish(venue, trigger, "failed", refusal.label)
        return
    _finish(venue, trigger, "succeeded", order_id=order.id)


def _place(venue: Venue, trigger: Trigger) -> Order:
    tif = TimeInForce(trigger.tif)
    limit = None if trigger.kind == "market" else trigger.price
    if trigger.account == SPOT:
        text = trigger.text or "apiv4"
        return spot.place(
            venue,
            SpotOrderRequest(
                trigger.market,
                trigger.side,
                trigger.quantity,
                limit,
                tif,
                text,
                in_base=trigger.holds_funds,
                fee_rate=trigger.fee_rate,
                trigger_id=trigger.id,
            ),
        )
    sign = 1 if trigger.side is Side.BUY else -1
    return futures.place(
        venue,
        FuturesOrderRequest(
            trigger.market,
            sign * trigger.quantity,
            limit,
            tif,
            f"ao-{trigger.id}",
            trigger.reduce_only,
            trigger.close,
        ),
    )


def _finish(
    venue: Venue, trigger: Trigger, finish_as: str, reason: str = "", order_id: int = 0
) -> Trigger:
    finished = replace(
        trigger,
        finish_as=finish_as,
        reason=reason,
        order_id=order_id,
        finished_ms=venue.now_ms,
    )
    venue.state.put_trigger(finished)
    return finished
