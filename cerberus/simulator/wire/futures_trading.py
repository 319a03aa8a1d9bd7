"""Private futures routes: orders and fills."""

from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce
from cerberus.simulator import futures
from cerberus.simulator.entities import FUTURES, Fill, Order
from cerberus.simulator.futures_account import SETTLE, orders_of
from cerberus.simulator.refusals import Refused, invalid, order_not_found
from cerberus.simulator.requests import FuturesOrderRequest
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.futures_account import require_account
from cerberus.simulator.wire.futures_market import size
from cerberus.simulator.wire.paging import page_of
from cerberus.simulator.wire.values import (
    Fields,
    choice_of,
    client_text,
    decimal_of,
    flag_of,
    integer_of,
    plain,
    refuse_if_set,
    rounded,
    text_of,
)

#: how long a finished order can be found by its client text, as the venue documents it
TEXT_LOOKUP_MS = 60_000
#: how long a cancelled order without any fill can be found at all
UNFILLED_LOOKUP_MS = 600_000


def create_order(venue: Venue, call: Call) -> object:
    """Place an order."""
    require_account(call)
    return render_order(venue, call, futures.place(venue, parse_order(venue, call.fields)))


def get_order(venue: Venue, call: Call) -> object:
    """Return one order by id, or by client text for a while."""
    require_account(call)
    return render_order(venue, call, _find(venue, call.path["order_id"]))


def cancel_order(venue: Venue, call: Call) -> object:
    """Cancel one order."""
    require_account(call)
    order = _find(venue, call.path["order_id"])
    if order.id not in venue.state.orders:
        raise Refused("ORDER_FINISHED", f"order {order.id} is already finished")
    return render_order(venue, call, futures.cancel(venue, order))


def cancel_orders(venue: Venue, call: Call) -> object:
    """Cancel all open orders, of one contract and side when these are given."""
    require_account(call)
    name = text_of(call.query, "contract", "")
    side = text_of(call.query, "side", "")
    wanted = {"ask": Side.SELL, "bid": Side.BUY}.get(side)
    if side and wanted is None:
        raise invalid("side", side)
    chosen = orders_of(venue, venue.contract(name)) if name else futures.set_of_open(venue)
    return [
        render_order(venue, call, futures.cancel(venue, order))
        for order in chosen
        if wanted in (None, order.side)
    ]


def cancel_batch(venue: Venue, call: Call) -> object:
    """Cancel a list of order ids; each has its own outcome."""
    require_account(call)
    if len(call.items) > 20:
        raise invalid("orders", f"{len(call.items)} orders, the maximum is 20")
    return [_cancel_one(venue, str(item)) for item in call.items]


def list_orders(venue: Venue, call: Call) -> object:
    """List orders by status, newest first."""
    require_account(call)
    status = choice_of(call.query, "status", ("open", "finished"), None)
    search = Search(account=FUTURES, market=_market(venue, call), open=int(status == "open"))
    # only the page applies here: time ranges have a route of their own
    query = {name: value for name, value in call.query.items() if name not in ("from", "to")}
    orders = venue.store.find(Order, page_of(query, search))
    return [render_order(venue, call, order) for order in orders if not _is_hidden(venue, order)]


def list_orders_timerange(venue: Venue, call: Call) -> object:
    """List finished orders of a time range, newest first."""
    require_account(call)
    search = Search(account=FUTURES, market=_market(venue, call), open=0)
    orders = venue.store.find(Order, page_of(call.query, search))
    return [render_order(venue, call, order) for order in orders if not _is_hidden(venue, order)]


def my_trades(venue: Venue, call: Call) -> object:
    """List fills, newest first."""
    fills = _fills(venue, call)
    return [{"id": fill.id, **_render_fill(call, fill)} for fill in fills]


def my_trades_timerange(venue: Venue, call: Call) -> object:
    """List fills of a time range, newest first; the id has another name here."""
    fills = _fills(venue, call)
    return [{"trade_id": str(fill.id), **_render_fill(call, fill)} for fill in fills]


def parse_order(venue: Venue, fields: Fields) -> FuturesOrderRequest:
    """Read an order's body."""
    market = venue.contract(text_of(fields, "contract")).id
    refuse_if_set(fields, "iceberg", "auto_size", "stp_act")
    close = flag_of(fields, "close")
    contracts = whole_of(fields, "size")
    if close != (contracts == 0):
        raise invalid("size", f"{contracts} with close {str(close).lower()}")
    tif = TimeInForce(choice_of(fields, "tif", ("gtc", "ioc", "poc", "fok"), "gtc"))
    price = decimal_of({"price": fields.get("price") or "0"}, "price")
    if price < 0:
        raise invalid("price", price)
    if price == 0 and tif not in (TimeInForce.IOC, TimeInForce.FOK):
        raise invalid("tif", f"{tif.value} with a market order")
    return FuturesOrderRequest(
        market=market,
        size=contracts,
        limit=price or None,
        tif=tif,
        text=client_text(fields, "api"),
        reduce_only=flag_of(fields, "reduce_only"),
        close=close,
    )


def whole_of(fields: Fields, name: str) -> Decimal:
    """Return a required whole number of contracts, signed."""
    value = decimal_of(fields, name)
    if value % 1:
        raise invalid(name, value)
    return value


def render_order(venue: Venue, call: Call, order: Order) -> dict[str, object]:
    """Write an order as the venue does."""
    contract = venue.markets.futures[order.market]
    sign = 1 if order.side is Side.BUY else -1
    answer: dict[str, object] = {
        "id": order.id,
        "user": 1,
        "contract": order.market,
        "size": size(call, sign * order.quantity),
        "left": size(call, sign * order.left),
        "iceberg": size(call, Decimal(0)),
        "price": plain(order.price),
        "fill_price": rounded(order.average),
        "tif": order.tif,
        "text": order.text,
        "amend_text": "-",
        "status": "open" if order.is_open else "finished",
        "is_reduce_only": order.reduce_only,
        "is_close": order.close,
        "is_liq": order.liquidation,
        "tkfr": plain(contract.taker_rate),
        "mkfr": plain(contract.maker_rate),
        "refu": 0,
        "refr": "0",
        "stp_id": 0,
        "stp_act": "-",
        "biz_info": "-",
        "pnl": rounded(order.pnl),
        "pnl_margin": "0",
        "create_time": order.created_ms / 1000,
        "update_time": order.updated_ms / 1000,
    }
    if not order.is_open:
        answer["finish_time"] = order.updated_ms / 1000
        answer["finish_as"] = order.finish_as
    return answer


def _render_fill(call: Call, fill: Fill) -> dict[str, object]:
    sign = 1 if fill.side is Side.BUY else -1
    return {
        "create_time": fill.created_ms / 1000,
        "contract": fill.market,
        "order_id": str(fill.order_id),
        "size": size(call, sign * fill.quantity),
        "close_size": size(call, fill.close_size),
        "price": rounded(fill.price),
        "role": fill.role,
        "text": fill.text,
        # a contract's fee is told in its settlement coin or in points, in nothing else
        "fee": rounded(fill.fee, 12) if fill.fee_currency == SETTLE else "0",
        "point_fee": plain(fill.fee) if fill.fee_currency == "POINT" else "0",
    }


def _fills(venue: Venue, call: Call) -> list[Fill]:
    require_account(call)
    parent = integer_of(call.query, "order", 0, 0, 1 << 60)
    search = Search(account=FUTURES, market=_market(venue, call), parent=parent)
    return venue.store.find(Fill, page_of(call.query, search))


def _market(venue: Venue, call: Call) -> str:
    name = text_of(call.query, "contract", "")
    return venue.contract(name).id if name else ""


def _find(venue: Venue, order_id: str) -> Order:
    order = _by_text(venue, order_id) if order_id.startswith("t-") else _by_id(venue, order_id)
    if order is None or _is_hidden(venue, order):
        raise order_not_found(order_id)
    return order


def _by_id(venue: Venue, order_id: str) -> Order | None:
    if not (order_id.isascii() and order_id.isdecimal() and len(order_id) < 19):
        return None
    order = venue.store.get(Order, int(order_id))
    return order if order is not None and order.account == FUTURES else None


def _by_text(venue: Venue, text: str) -> Order | None:
    """Return the newest order of a text; the venue overrides the older one."""
    found = venue.store.find(Order, Search(account=FUTURES, text=text, limit=1))
    if not found:
        return None
    order = found[0]
    is_fresh = order.is_open or venue.now_ms - order.updated_ms <= TEXT_LOOKUP_MS
    return order if is_fresh else None


def _is_hidden(venue: Venue, order: Order) -> bool:
    is_old = venue.now_ms - order.updated_ms > UNFILLED_LOOKUP_MS
    return not order.is_open and not order.filled and is_old


def _cancel_one(venue: Venue, order_id: str) -> dict[str, object]:
    outcome: dict[str, object] = {"id": order_id, "user_id": 1}
    try:
        order = _find(venue, order_id)
    except Refused as refusal:
        return {**outcome, "succeeded": False, "message": refusal.label}
    if order.id not in venue.state.orders:
        return {**outcome, "succeeded": False, "message": "ORDER_FINISHED"}
    futures.cancel(venue, order)
    return {**outcome, "succeeded": True, "message": ""}
