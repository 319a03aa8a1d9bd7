"""Price-triggered spot orders."""

from cerberus.domain.matching import Side, TriggerRule
from cerberus.simulator import triggers
from cerberus.simulator.entities import SPOT, ZERO, Trigger
from cerberus.simulator.refusals import Refused, invalid, missing, order_not_found
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.paging import page_of
from cerberus.simulator.wire.values import (
    Fields,
    choice_of,
    integer_of,
    plain,
    positive,
    section_of,
    text_of,
)

EXPIRATION_MAX = 30 * 86_400
_RULES = (">=", "<=")
_STATUS = {"": "open", "succeeded": "finish"}


def create(venue: Venue, call: Call) -> object:
    """Let an order wait for a price; only its id is answered."""
    trigger = _parse(venue, call.fields)
    venue.state.put_trigger(trigger)
    triggers.evaluate(venue, trigger, venue.last(triggers.base_of(venue, trigger)))
    return {"id": trigger.id}


def get(venue: Venue, call: Call) -> object:
    """Return one trigger by id."""
    return render(_find(venue, call))


def cancel(venue: Venue, call: Call) -> object:
    """Cancel one trigger."""
    trigger = _find(venue, call)
    if trigger.id not in venue.state.triggers:
        raise Refused("ORDER_CLOSED", f"Order {trigger.id} is already finished")
    return render(triggers.cancel(venue, trigger))


def cancel_all(venue: Venue, call: Call) -> object:
    """Cancel all waiting triggers, of one market when it is given."""
    market = _market(venue, call)
    chosen = [t for t in venue.state.triggers.values() if t.account == SPOT]
    return [render(triggers.cancel(venue, t)) for t in chosen if market in ("", t.market)]


def list_all(venue: Venue, call: Call) -> object:
    """List triggers by status, newest first."""
    status = choice_of(call.query, "status", ("open", "finished"), None)
    search = Search(account=SPOT, market=_market(venue, call), open=int(status == "open"))
    return [render(one) for one in venue.store.find(Trigger, page_of(call.query, search))]


def find_trigger(venue: Venue, call: Call, account: str) -> Trigger | None:
    """Return the trigger that the path names, of the right account."""
    order_id = call.path["order_id"]
    is_id = order_id.isascii() and order_id.isdecimal() and len(order_id) < 19
    trigger = venue.store.get(Trigger, int(order_id)) if is_id else None
    return trigger if trigger is not None and trigger.account == account else None


def render(one: Trigger) -> dict[str, object]:
    """Write a trigger as the venue does."""
    return {
        "id": one.id,
        "user": 1,
        "market": one.market,
        "trigger": {
            "price": plain(one.trigger_price),
            "rule": one.rule,
            "expiration": one.expiration,
        },
        "put": {
            "type": one.kind,
            "side": one.side.value,
            "price": plain(one.price),
            "amount": plain(one.quantity),
            "account": "normal",
            "time_in_force": one.tif,
            "text": one.text,
        },
        "ctime": one.created_ms // 1000,
        "ftime": one.finished_ms // 1000,
        "fired_order_id": one.order_id,
        "status": _STATUS.get(one.finish_as, one.finish_as),
        "reason": one.reason,
    }


def _parse(venue: Venue, fields: Fields) -> Trigger:
    put, trigger = section_of(fields, "put"), section_of(fields, "trigger")
    pair = venue.pair(text_of(fields, "market"))
    kind = choice_of(put, "type", ("limit", "market"), "limit")
    choice_of(put, "account", ("normal",), "normal")
    price = positive(put, "price") if kind == "limit" else ZERO
    trigger_price = positive(trigger, "price")
    for name, value in (("put.price", price), ("trigger.price", trigger_price)):
        if value % pair.price_tick:
            raise Refused("INVALID_PRECISION", f"{name} {value} exceeds tick {pair.price_tick}")
    amount = positive(put, "amount")
    side = Side(choice_of(put, "side", ("buy", "sell"), None))
    if (kind == "limit" or side is Side.SELL) and amount % pair.amount_step:
        raise Refused("INVALID_PRECISION", f"amount {amount} exceeds step {pair.amount_step}")
    if trigger.get("expiration") is None:
        raise missing("trigger.expiration")
    tif = choice_of(put, "time_in_force", ("gtc", "ioc"), "gtc")
    if kind == "market" and tif != "ioc":
        raise invalid("time_in_force", f"{tif} with a market order")
    return Trigger(
        id=venue.state.new_id(),
        account=SPOT,
        market=pair.id,
        side=side,
        kind=kind,
        tif=tif,
        price=price,
        quantity=amount,
        rule=TriggerRule(choice_of(trigger, "rule", _RULES, None)).value,
        trigger_price=trigger_price,
        price_type=0,
        expiration=integer_of(trigger, "expiration", 0, 1, EXPIRATION_MAX),
        created_ms=venue.now_ms,
        text="apiv4",
    )


def _market(venue: Venue, call: Call) -> str:
    name = text_of(call.query, "market", "") or text_of(call.query, "currency_pair", "")
    return venue.pair(name).id if name else ""


def _find(venue: Venue, call: Call) -> Trigger:
    trigger = find_trigger(venue, call, SPOT)
    if trigger is None:
        raise order_not_found(call.path["order_id"])
    return trigger
