"""Price-triggered futures orders."""

from decimal import Decimal

from cerberus.domain.matching import Side, TriggerRule
from cerberus.simulator import triggers
from cerberus.simulator.entities import FUTURES, Trigger
from cerberus.simulator.futures import check_price
from cerberus.simulator.futures_account import position_of
from cerberus.simulator.markets import Contract
from cerberus.simulator.refusals import Refused, auto_order_not_found, invalid, missing
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.futures_account import require_account
from cerberus.simulator.wire.futures_market import size
from cerberus.simulator.wire.futures_trading import whole_of
from cerberus.simulator.wire.paging import page_of
from cerberus.simulator.wire.spot_triggers import EXPIRATION_MAX, find_trigger
from cerberus.simulator.wire.values import (
    Fields,
    choice_of,
    client_text,
    decimal_of,
    flag_of,
    integer_of,
    plain,
    positive,
    section_of,
    text_of,
)

_RULES = {1: TriggerRule.AT_OR_ABOVE, 2: TriggerRule.AT_OR_BELOW}
_NUMBERS = {rule.value: number for number, rule in _RULES.items()}
_ORDER_TYPES = (
    "",
    "close-long-position",
    "close-short-position",
    "plan-close-long-position",
    "plan-close-short-position",
)


def create(venue: Venue, call: Call) -> object:
    """Let an order wait for a price; only its id is answered."""
    require_account(call)
    trigger = _parse(venue, call.fields)
    triggers.check_against_last(venue, trigger)
    venue.state.put_trigger(trigger)
    return {"id": trigger.id}


def get(venue: Venue, call: Call) -> object:
    """Return one trigger by id."""
    require_account(call)
    trigger = find_trigger(venue, call, FUTURES)
    if trigger is None:
        raise auto_order_not_found(call.path["order_id"])
    return render(call, trigger)


def cancel(venue: Venue, call: Call) -> object:
    """Cancel one trigger."""
    require_account(call)
    trigger = find_trigger(venue, call, FUTURES)
    if trigger is None or trigger.id not in venue.state.triggers:
        raise auto_order_not_found(call.path["order_id"])
    return render(call, triggers.cancel(venue, trigger))


def cancel_all(venue: Venue, call: Call) -> object:
    """Cancel all waiting triggers, of one contract when it is given."""
    require_account(call)
    market = _market(venue, call)
    chosen = [t for t in venue.state.triggers.values() if t.account == FUTURES]
    return [render(call, triggers.cancel(venue, t)) for t in chosen if market in ("", t.market)]


def list_all(venue: Venue, call: Call) -> object:
    """List triggers by status, newest first."""
    require_account(call)
    status = choice_of(call.query, "status", ("open", "finished"), None)
    search = Search(account=FUTURES, market=_market(venue, call), open=int(status == "open"))
    return [render(call, one) for one in venue.store.find(Trigger, page_of(call.query, search))]


def render(call: Call, one: Trigger) -> dict[str, object]:
    """Write a trigger as the venue does."""
    sign = 1 if one.side is Side.BUY else -1
    signed = Decimal(0) if one.close else sign * one.quantity
    return {
        "id": one.id,
        "id_string": str(one.id),
        "user": 1,
        "initial": {
            "contract": one.market,
            "size": size(call, signed),
            "price": plain(one.price),
            "tif": one.tif,
            "text": one.text,
            "iceberg": 0,
            "is_close": one.close,
            "is_reduce_only": one.reduce_only,
            "auto_size": "",
        },
        "trigger": {
            "strategy_type": 0,
            "price_type": one.price_type,
            "price": plain(one.trigger_price),
            "rule": _NUMBERS[one.rule],
            "expiration": one.expiration,
        },
        "create_time": one.created_ms // 1000,
        "finish_time": one.finished_ms // 1000,
        "trade_id": one.order_id,
        "me_order_id": 0,
        "order_type": one.order_type,
        "is_stop_order": False,
        "status": "open" if one.is_open else "finished",
        **({} if one.is_open else {"finish_as": one.finish_as}),
        "reason": one.reason,
    }


def _parse(venue: Venue, fields: Fields) -> Trigger:
    initial, trigger = section_of(fields, "initial"), section_of(fields, "trigger")
    contract = venue.contract(text_of(initial, "contract"))
    close = flag_of(initial, "close")
    signed = _signed(venue, contract, initial, close)
    price = decimal_of({"price": initial.get("price") or "0"}, "price")
    if price < 0:
        raise invalid("price", price)
    tif = choice_of(initial, "tif", ("gtc", "ioc"), "gtc")
    if price == 0 and tif != "ioc":
        raise invalid("tif", f"{tif} with a market order")
    trigger_price = positive(trigger, "price")
    check_price(contract, price)
    check_price(contract, trigger_price)
    integer_of(trigger, "strategy_type", 0, 0, 0)
    return Trigger(
        id=venue.state.new_id(),
        account=FUTURES,
        market=contract.id,
        side=Side.BUY if signed > 0 else Side.SELL,
        kind="limit" if price else "market",
        tif=tif,
        price=price,
        quantity=abs(signed),
        rule=_rule(trigger).value,
        trigger_price=trigger_price,
        price_type=integer_of(trigger, "price_type", 0, 0, 2),
        expiration=integer_of(trigger, "expiration", 0, 0, EXPIRATION_MAX),
        created_ms=venue.now_ms,
        text=client_text(initial, "api"),
        order_type=choice_of(fields, "order_type", _ORDER_TYPES, ""),
        reduce_only=flag_of(initial, "reduce_only"),
        close=close,
    )


def _signed(venue: Venue, contract: Contract, initial: Fields, close: bool) -> Decimal:
    signed = whole_of({"size": initial.get("size") or 0}, "size")
    if close != (signed == 0):
        raise invalid("size", f"{signed} with close {str(close).lower()}")
    if close:
        held = position_of(venue, contract).size
        if not held:
            raise Refused("POSITION_EMPTY", "position is empty")
        return -held
    if abs(signed) > contract.size_max:
        raise Refused("SIZE_TOO_LARGE", f"size {signed} exceeds {contract.size_max}")
    return signed


def _market(venue: Venue, call: Call) -> str:
    name = text_of(call.query, "contract", "")
    return venue.contract(name).id if name else ""


def _rule(trigger: Fields) -> TriggerRule:
    number = integer_of(trigger, "rule", 0, 1, 2)
    if number not in _RULES:
        raise missing("trigger.rule")
    return _RULES[number]
