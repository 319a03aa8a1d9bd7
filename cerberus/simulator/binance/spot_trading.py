"""Private spot routes: orders and fills."""

from dataclasses import replace
from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce, TriggerRule, is_triggered
from cerberus.simulator import spot, triggers
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.failures import (
    Failed,
    filter_failure,
    missing,
    not_cancelled,
    unknown_order,
)
from cerberus.simulator.binance.listing import FAR, listed
from cerberus.simulator.binance.spot_orders import (
    SpotView,
    all_views,
    find_view,
    open_views,
    render,
    render_placed,
    shown_id,
    view_of,
    waiting_view,
)
from cerberus.simulator.binance.symbols import (
    OPEN_MAX,
    SPOT_FEE_RATE,
    STOPS_MAX,
    check_budget,
    check_spot,
    check_tick,
    pair_of,
    symbol_of,
)
from cerberus.simulator.entities import SPOT, ZERO, Fill, Order, Trigger
from cerberus.simulator.markets import SpotMarket
from cerberus.simulator.refusals import Refused
from cerberus.simulator.requests import SpotOrderRequest
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue

_STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", *_STOPS)
_ALL = 1_000_000


def create_order(venue: Venue, call: Call) -> object:
    """Place an order, or let one wait for its stop price."""
    pair = pair_of(venue, call.required("symbol"))
    call.refuse("icebergQty", "trailingDelta", "strategyId", "pegPriceType")
    client_id = call.client_id("newClientOrderId", f"web_{venue.state.next_id}")
    there = open_views(venue, pair.id)
    if any(view.client_id == client_id for view in there):
        raise Failed(-2010, "Duplicate order sent.")
    if len(there) >= OPEN_MAX:
        raise filter_failure("MAX_NUM_ORDERS")
    kind = call.choice("type", _TYPES, Failed(-1116, "Invalid orderType."))
    if kind in _STOPS:
        return _create_stop(venue, pair, call, kind, client_id)
    order = _place(venue, _parse(venue, pair, call, kind, client_id))
    fills = [one for one in venue.state.unsaved() if isinstance(one, Fill)]
    mine = [fill for fill in fills if fill.order_id == order.id]
    return render_placed(view_of(order), mine)


def test_order(venue: Venue, call: Call) -> object:
    """Check an order's form without placing it."""
    pair = pair_of(venue, call.required("symbol"))
    kind = call.choice("type", _TYPES, Failed(-1116, "Invalid orderType."))
    if kind in _STOPS:
        _parse_stop(venue, pair, call, kind, "test")
    else:
        _parse(venue, pair, call, kind, "test")
    return {}


def get_order(venue: Venue, call: Call) -> object:
    """Return one order by id or client id."""
    return render(_find(venue, call, unknown_order()))


def cancel_order(venue: Venue, call: Call) -> object:
    """Cancel one order."""
    view = _find(venue, call, not_cancelled())
    if not view.is_open:
        raise not_cancelled()
    return _cancel(venue, view)


def cancel_all(venue: Venue, call: Call) -> object:
    """Cancel everything that is open of a pair."""
    pair = pair_of(venue, call.required("symbol"))
    views = open_views(venue, pair.id)
    if not views:
        raise not_cancelled()
    return [_cancel(venue, view) for view in views]


def open_orders(venue: Venue, call: Call) -> object:
    """List what is open, of one pair or of all."""
    name = call.get("symbol")
    return [render(view) for view in open_views(venue, pair_of(venue, name).id if name else "")]


def all_orders(venue: Venue, call: Call) -> object:
    """List orders, oldest first: from an id or a time on, else the newest."""
    pair = pair_of(venue, call.required("symbol"))
    return [render(view) for view in listed(call, "orderId", all_views(venue, pair.id))]


def my_trades(venue: Venue, call: Call) -> object:
    """List fills, oldest first: of an order, from an id or a time on, else the newest."""
    pair = pair_of(venue, call.required("symbol"))
    limit = call.integer("limit", 500, 1, 1000)
    order_id, first = call.integer("orderId", 0), call.integer("fromId", 0)
    parent = order_id
    if order_id:
        view = find_view(venue, pair.id, order_id, "")
        parent = view.order_id if view is not None else -1
        if parent < 1:
            return []
    search = Search(
        account=SPOT,
        market=pair.id,
        parent=parent,
        since_ms=call.integer("startTime", 0),
        until_ms=call.integer("endTime", FAR),
        limit=_ALL,
    )
    found = [fill for fill in reversed(venue.store.find(Fill, search)) if fill.id >= first]
    kept = found[:limit] if first or call.get("startTime") else found[-limit:]
    return [_render_fill(venue, fill) for fill in kept]


def _parse(
    venue: Venue, pair: SpotMarket, call: Call, kind: str, client_id: str
) -> SpotOrderRequest:
    side = _side(call)
    price = None if kind == "MARKET" else call.number("price")
    if kind == "MARKET":
        call.refuse("price", "timeInForce", "stopPrice")
    tif = _tif(call) if kind == "LIMIT" else TimeInForce.POC
    if kind == "MARKET":
        tif = TimeInForce.IOC
    in_quote = kind == "MARKET" and bool(call.get("quoteOrderQty"))
    if in_quote:
        if side is Side.SELL or call.get("quantity"):
            call.refuse("quoteOrderQty")
        quantity = call.number("quoteOrderQty")
        check_budget(pair.id, quantity)
    else:
        quantity = call.number("quantity")
        check_spot(pair.id, quantity, price, venue.last(pair.base))
    return SpotOrderRequest(
        market=pair.id,
        side=side,
        quantity=quantity,
        limit=price,
        tif=tif,
        text=client_id,
        in_base=not in_quote,
        fee_rate=SPOT_FEE_RATE,
    )


def _place(venue: Venue, request: SpotOrderRequest) -> Order:
    try:
        return spot.place(venue, request)
    except Refused as refusal:
        if refusal.label != "FOK_NOT_FILL":
            raise
        # the venue takes the order and ends it at once
        return spot.expire(venue, request)


def _create_stop(
    venue: Venue, pair: SpotMarket, call: Call, kind: str, client_id: str
) -> dict[str, object]:
    waiting = [one for one in open_views(venue, pair.id) if one.stop_price and not one.order_id]
    if len(waiting) >= STOPS_MAX:
        raise filter_failure("MAX_NUM_ALGO_ORDERS")
    trigger = _parse_stop(venue, pair, call, kind, client_id)
    last = venue.last(pair.base)
    if is_triggered(TriggerRule(trigger.rule), trigger.trigger_price, last):
        raise Failed(-2010, "Stop price would trigger immediately.")
    is_sale = trigger.side is Side.SELL
    price = trigger.price or trigger.trigger_price
    needed = trigger.quantity if is_sale else trigger.quantity * price
    if needed > spot.available(venue, pair.base if is_sale else pair.quote):
        raise Refused("BALANCE_NOT_ENOUGH", "not enough balance")
    venue.state.put_trigger(trigger)
    return render_placed(waiting_view(trigger), [])


def _parse_stop(venue: Venue, pair: SpotMarket, call: Call, kind: str, client_id: str) -> Trigger:
    side, is_limit = _side(call), kind.endswith("_LIMIT")
    if not is_limit:
        call.refuse("price", "timeInForce")
    quantity, stop_price = call.number("quantity"), call.number("stopPrice")
    price = call.number("price") if is_limit else None
    check_spot(pair.id, quantity, price, stop_price)
    check_tick(SPOT, pair.id, stop_price)
    falls = (side is Side.SELL) == kind.startswith("STOP")
    return Trigger(
        id=venue.state.new_id(),
        account=SPOT,
        market=pair.id,
        side=side,
        kind="limit" if is_limit else "market",
        tif=_tif(call).value if is_limit else TimeInForce.IOC.value,
        price=price or ZERO,
        quantity=quantity,
        rule=(TriggerRule.AT_OR_BELOW if falls else TriggerRule.AT_OR_ABOVE).value,
        trigger_price=stop_price,
        price_type=0,
        expiration=0,
        created_ms=venue.now_ms,
        text=client_id,
        venue_type=kind,
        fee_rate=SPOT_FEE_RATE,
    )


def _side(call: Call) -> Side:
    name = call.choice("side", ("BUY", "SELL"), Failed(-1117, "Invalid side."))
    return Side(name.lower())


def _tif(call: Call) -> TimeInForce:
    choices = ("GTC", "IOC", "FOK")
    return TimeInForce(
        call.choice("timeInForce", choices, Failed(-1115, "Invalid timeInForce.")).lower()
    )


def _find(venue: Venue, call: Call, failure: Failed) -> SpotView:
    pair = pair_of(venue, call.required("symbol"))
    order_id, client_id = call.integer("orderId", 0), call.get("origClientOrderId")
    if not order_id and not client_id:
        raise missing("orderId")
    view = find_view(venue, pair.id, order_id, client_id)
    if view is None:
        raise failure
    return view


def _cancel(venue: Venue, view: SpotView) -> dict[str, object]:
    if view.order_id:
        spot.cancel(venue, venue.state.orders[view.order_id])
    else:
        triggers.cancel(venue, venue.state.triggers[view.id])
    over = replace(view, status="CANCELED", updated_ms=venue.now_ms)
    return render_placed(over, []) | {"origClientOrderId": view.client_id}


def _render_fill(venue: Venue, fill: Fill) -> dict[str, object]:
    value: Decimal = fill.price * fill.quantity
    return {
        "symbol": symbol_of(fill.market),
        "id": fill.id,
        "orderId": shown_id(venue, fill.order_id),
        "orderListId": -1,
        "price": fixed(fill.price),
        "qty": fixed(fill.quantity),
        "quoteQty": fixed(value),
        "commission": fixed(fill.fee),
        "commissionAsset": fill.fee_currency,
        "time": fill.created_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.role == "maker",
        "isBestMatch": True,
    }
