"""Conditional futures orders, which Binance keeps apart as algo orders."""

from decimal import Decimal

from cerberus.domain.matching import Side, TriggerRule, is_triggered
from cerberus.simulator import triggers
from cerberus.simulator.binance.call import Call
from cerberus.simulator.binance.failures import Failed, missing, not_cancelled, unknown_order
from cerberus.simulator.binance.futures_trading import check_price, side_of, tif_of
from cerberus.simulator.binance.listing import listed
from cerberus.simulator.binance.symbols import check_futures, check_tick, contract_of, symbol_of
from cerberus.simulator.entities import FUTURES, ZERO, Order, Trigger
from cerberus.simulator.futures_account import position_of
from cerberus.simulator.markets import Contract
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain

_TYPES = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET")
_STATUS = {
    "": "NEW",
    "succeeded": "FINISHED",
    "cancelled": "CANCELED",
    "failed": "REJECTED",
    "expired": "EXPIRED",
}
_OPEN_MAX = 200
_ALL = 1_000_000


def create(venue: Venue, call: Call) -> object:
    """Let an order wait for a price."""
    one = contract_of(venue, call.required("symbol"))
    call.choice("algoType", ("CONDITIONAL",), Failed(-4500, "Invalid algoType."))
    call.refuse("callbackRate", "activatePrice", "priceMatch", "goodTillDate")
    waiting = _open(venue, one.id)
    if len(waiting) >= _OPEN_MAX:
        raise Failed(-4045, "Reach max stop order limit.")
    trigger = _parse(venue, one, call)
    if any(other.text == trigger.text for other in waiting):
        raise Failed(-4116, "ClientOrderId is duplicated.")
    if is_triggered(TriggerRule(trigger.rule), trigger.trigger_price, venue.last(one.base)):
        raise Failed(-2021, "Order would immediately trigger.")
    venue.state.put_trigger(trigger)
    return render(venue, trigger)


def get(venue: Venue, call: Call) -> object:
    """Return one algo order by id or client id."""
    return render(venue, _find(venue, call, unknown_order()))


def cancel(venue: Venue, call: Call) -> object:
    """Cancel one algo order."""
    trigger = _find(venue, call, not_cancelled())
    if trigger.id not in venue.state.triggers:
        raise not_cancelled()
    triggers.cancel(venue, trigger)
    return {
        "algoId": trigger.id,
        "clientAlgoId": trigger.text,
        "code": "200",
        "msg": "success",
    }


def cancel_all(venue: Venue, call: Call) -> object:
    """Cancel every algo order of a contract that waits."""
    for trigger in _open(venue, contract_of(venue, call.required("symbol")).id):
        triggers.cancel(venue, trigger)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(venue: Venue, call: Call) -> object:
    """List what waits, of one contract or of all, oldest first."""
    name = call.get("symbol")
    market = contract_of(venue, name).id if name else ""
    return [render(venue, trigger) for trigger in _open(venue, market)]


def all_orders(venue: Venue, call: Call) -> object:
    """List algo orders, oldest first: from an id or a time on, else the newest."""
    one = contract_of(venue, call.required("symbol"))
    search = Search(account=FUTURES, market=one.id, limit=_ALL)
    found = reversed(venue.store.find(Trigger, search))
    return [render(venue, trigger) for trigger in listed(call, "algoId", found)]


def render(venue: Venue, one: Trigger) -> dict[str, object]:
    """Write an algo order as the venue does."""
    size = venue.markets.futures[one.market].multiplier
    order = venue.store.get(Order, one.order_id) if one.order_id else None
    is_market = one.kind == "market"
    return {
        "algoId": one.id,
        "clientAlgoId": one.text,
        "algoType": "CONDITIONAL",
        "orderType": one.venue_type or _gates_type(one),
        "symbol": symbol_of(one.market),
        "side": one.side.value.upper(),
        "positionSide": "BOTH",
        "timeInForce": "GTC" if is_market or one.tif != "ioc" else "IOC",
        "quantity": plain(one.quantity * size),
        "algoStatus": _STATUS[one.finish_as],
        "actualOrderId": str(one.order_id) if one.order_id else "",
        "actualPrice": plain(order.average) if order is not None else "0",
        "triggerPrice": plain(one.trigger_price),
        "price": plain(one.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": "NONE",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "closePosition": one.close,
        "priceProtect": False,
        "reduceOnly": one.reduce_only or one.close,
        "createTime": one.created_ms,
        "updateTime": one.finished_ms or one.created_ms,
        "triggerTime": one.finished_ms if one.finish_as == "succeeded" else 0,
        "goodTillDate": 0,
    }


def _parse(venue: Venue, one: Contract, call: Call) -> Trigger:
    kind = call.choice("type", _TYPES, Failed(-1116, "Invalid orderType."))
    side, closes = side_of(call), call.flag("closePosition")
    is_market = kind.endswith("_MARKET")
    price = ZERO if is_market else call.number("price")
    trigger_price = call.number("triggerPrice")
    check_tick(FUTURES, one.id, trigger_price)
    reduces = call.flag("reduceOnly")
    if closes:
        call.refuse("quantity", "reduceOnly")
        quantity = abs(position_of(venue, one).size)
    else:
        base = call.number("quantity")
        check_futures(one.id, base, price or None, trigger_price, reduces=reduces)
        quantity = base / one.multiplier
    if price:
        check_price(venue, one, price)
    falls = (side is Side.SELL) == kind.startswith("STOP")
    trigger_id = venue.state.new_id()
    return Trigger(
        id=trigger_id,
        account=FUTURES,
        market=one.id,
        side=side,
        kind="market" if is_market else "limit",
        tif="ioc" if is_market else tif_of(call, "GTC").value,
        price=price,
        quantity=Decimal(quantity),
        rule=(TriggerRule.AT_OR_BELOW if falls else TriggerRule.AT_OR_ABOVE).value,
        trigger_price=trigger_price,
        price_type=0,
        expiration=0,
        created_ms=venue.now_ms,
        text=call.client_id("clientAlgoId", f"algo_{trigger_id}"),
        reduce_only=reduces,
        close=closes,
        venue_type=kind,
    )


def _gates_type(one: Trigger) -> str:
    is_stop = (one.side is Side.SELL) == (one.rule == TriggerRule.AT_OR_BELOW.value)
    name = "STOP" if is_stop else "TAKE_PROFIT"
    return f"{name}_MARKET" if one.kind == "market" else name


def _open(venue: Venue, market: str) -> list[Trigger]:
    return [
        one
        for one in venue.state.triggers.values()
        if one.account == FUTURES and market in ("", one.market)
    ]


def _find(venue: Venue, call: Call, failure: Failed) -> Trigger:
    algo_id, client_id = call.integer("algoId", 0), call.get("clientAlgoId")
    if not algo_id and not client_id:
        raise missing("algoId")
    found = venue.store.get(Trigger, algo_id) if algo_id else None
    if not algo_id:
        search = Search(account=FUTURES, text=client_id, limit=1)
        found = next(iter(venue.store.find(Trigger, search)), None)
    if found is None or found.account != FUTURES:
        raise failure
    return found
