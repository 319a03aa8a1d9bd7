"""Private futures routes: orders and fills; quantities in base units outside, contracts inside."""

from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce
from cerberus.simulator import futures
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.failures import Failed, missing, not_cancelled, unknown_order
from cerberus.simulator.binance.listing import FAR, listed
from cerberus.simulator.binance.spot_orders import order_status
from cerberus.simulator.binance.symbols import check_futures, contract_of, symbol_of
from cerberus.simulator.entities import FUTURES, Fill, Order
from cerberus.simulator.futures_account import orders_of, position_of
from cerberus.simulator.markets import Contract
from cerberus.simulator.requests import FuturesOrderRequest
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain

#: how long a cancelled order without any fill can be found
UNFILLED_LOOKUP_MS = 3 * 86_400_000

_CONDITIONAL = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_TIFS = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok", "GTX": "poc"}
_ALL = 1_000_000


def create_order(venue: Venue, call: Call) -> object:
    """Place an order."""
    one = contract_of(venue, call.required("symbol"))
    if call.get("type") in _CONDITIONAL:
        text = (
            "Order type not supported for this endpoint. Please use the Algo Order API"
            " endpoints instead."
        )
        raise Failed(-4120, text)
    call.refuse("closePosition", "priceMatch", "stopPrice", "goodTillDate")
    return render(venue, futures.place(venue, _parse(venue, one, call)))


def get_order(venue: Venue, call: Call) -> object:
    """Return one order by id or client id."""
    return render(venue, _find(venue, call, unknown_order()))


def get_open_order(venue: Venue, call: Call) -> object:
    """Return one order while it is open."""
    order = _find(venue, call, unknown_order())
    if not order.is_open:
        raise unknown_order()
    return render(venue, order)


def cancel_order(venue: Venue, call: Call) -> object:
    """Cancel one order."""
    order = _find(venue, call, not_cancelled())
    if order.id not in venue.state.orders:
        raise not_cancelled()
    return render(venue, futures.cancel(venue, order))


def cancel_all(venue: Venue, call: Call) -> object:
    """Cancel everything that is open of a contract."""
    for order in orders_of(venue, contract_of(venue, call.required("symbol"))):
        futures.cancel(venue, order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(venue: Venue, call: Call) -> object:
    """List what is open, of one contract or of all."""
    name = call.get("symbol")
    chosen = orders_of(venue, contract_of(venue, name)) if name else futures.set_of_open(venue)
    return [render(venue, order) for order in chosen]


def all_orders(venue: Venue, call: Call) -> object:
    """List orders, oldest first: from an id or a time on, else the newest."""
    one = contract_of(venue, call.required("symbol"))
    search = Search(account=FUTURES, market=one.id, limit=_ALL)
    found = reversed(venue.store.find(Order, search))
    shown = (order for order in found if not _is_hidden(venue, order))
    return [render(venue, order) for order in listed(call, "orderId", shown)]


def user_trades(venue: Venue, call: Call) -> object:
    """List fills, oldest first: of an order, from an id or a time on, else the newest."""
    one = contract_of(venue, call.required("symbol"))
    limit, first = call.integer("limit", 500, 1, 1000), call.integer("fromId", 0)
    search = Search(
        account=FUTURES,
        market=one.id,
        parent=call.integer("orderId", 0),
        since_ms=call.integer("startTime", 0),
        until_ms=call.integer("endTime", FAR),
        limit=_ALL,
    )
    found = [fill for fill in reversed(venue.store.find(Fill, search)) if fill.id >= first]
    kept = found[:limit] if first or call.get("startTime") else found[-limit:]
    return [_render_fill(one, fill) for fill in kept]


def side_of(call: Call) -> Side:
    """Return an order's side, in one-way mode."""
    if call.get("positionSide") not in ("", "BOTH"):
        raise Failed(-4061, "Order's position side does not match user's setting.")
    return Side(call.choice("side", ("BUY", "SELL"), Failed(-1117, "Invalid side.")).lower())


def tif_of(call: Call, default: str) -> TimeInForce:
    """Return an order's time in force."""
    if not call.get("timeInForce") and default:
        return TimeInForce(_TIFS[default])
    wrong = Failed(-1115, "Invalid timeInForce.")
    return TimeInForce(_TIFS[call.choice("timeInForce", tuple(_TIFS), wrong)])


def check_price(venue: Venue, one: Contract, price: Decimal) -> None:
    """Refuse a limit too far from the mark price."""
    mark = venue.last(one.base)
    highest, lowest = mark * (1 + one.max_deviation), mark * (1 - one.max_deviation)
    if price > highest:
        raise Failed(-4016, f"Limit price can't be higher than {plain(highest)}.")
    if price < lowest:
        raise Failed(-4024, f"Limit price can't be lower than {plain(lowest)}.")


def render(venue: Venue, order: Order) -> dict[str, object]:
    """Write an order as the venue does."""
    size = venue.markets.futures[order.market].multiplier
    is_market = order.kind == "market"
    kind = "LIQUIDATION" if order.liquidation else "MARKET" if is_market else "LIMIT"
    return {
        "orderId": order.id,
        "symbol": symbol_of(order.market),
        "status": order_status(order),
        "clientOrderId": order.text,
        "price": plain(order.price),
        "avgPrice": fixed(order.average),
        "origQty": plain(order.quantity * size),
        "executedQty": plain(order.filled * size),
        "cumQty": plain(order.filled * size),
        "cumQuote": fixed(order.cost * size),
        "timeInForce": "GTC" if is_market else "GTX" if order.tif == "poc" else order.tif.upper(),
        "type": kind,
        "origType": kind,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close,
        "side": order.side.value.upper(),
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def _parse(venue: Venue, one: Contract, call: Call) -> FuturesOrderRequest:
    kind = call.choice("type", ("LIMIT", "MARKET"), Failed(-1116, "Invalid orderType."))
    side, reduces = side_of(call), call.flag("reduceOnly")
    if kind == "MARKET":
        call.refuse("price", "timeInForce")
    price = call.number("price") if kind == "LIMIT" else None
    tif = tif_of(call, "") if kind == "LIMIT" else TimeInForce.IOC
    quantity = call.number("quantity")
    check_futures(one.id, quantity, price, venue.last(one.base), reduces=reduces)
    if price is not None:
        check_price(venue, one, price)
    client_id = call.client_id("newClientOrderId", f"web_{venue.state.next_id}")
    if any(order.text == client_id for order in orders_of(venue, one)):
        raise Failed(-4116, "ClientOrderId is duplicated.")
    if reduces:
        # the venue cuts a reduction down to the position
        held = abs(position_of(venue, one).size) * one.multiplier
        quantity = min(quantity, held) or quantity
    sign = 1 if side is Side.BUY else -1
    return FuturesOrderRequest(
        market=one.id,
        size=sign * quantity / one.multiplier,
        limit=price,
        tif=tif,
        text=client_id,
        reduce_only=reduces,
    )


def _find(venue: Venue, call: Call, failure: Failed) -> Order:
    one = contract_of(venue, call.required("symbol"))
    order_id, client_id = call.integer("orderId", 0), call.get("origClientOrderId")
    if not order_id and not client_id:
        raise missing("orderId")
    order = venue.store.get(Order, order_id) if order_id else None
    if not order_id:
        search = Search(account=FUTURES, market=one.id, text=client_id, limit=1)
        order = next(iter(venue.store.find(Order, search)), None)
    if order is None or (order.account, order.market) != (FUTURES, one.id):
        raise failure
    if _is_hidden(venue, order):
        raise failure
    return order


def _is_hidden(venue: Venue, order: Order) -> bool:
    is_old = venue.now_ms - order.created_ms > UNFILLED_LOOKUP_MS
    return not order.is_open and not order.filled and is_old


def _render_fill(one: Contract, fill: Fill) -> dict[str, object]:
    quantity = fill.quantity * one.multiplier
    return {
        "symbol": symbol_of(fill.market),
        "id": fill.id,
        "orderId": fill.order_id,
        "side": fill.side.value.upper(),
        "price": plain(fill.price),
        "qty": plain(quantity),
        "realizedPnl": fixed(fill.pnl),
        "quoteQty": fixed(quantity * fill.price),
        "commission": fixed(fill.fee, 12),
        "commissionAsset": fill.fee_currency,
        "time": fill.created_ms,
        "positionSide": "BOTH",
        "buyer": fill.side is Side.BUY,
        "maker": fill.role == "maker",
    }
