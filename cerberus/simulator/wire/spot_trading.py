"""Private spot routes: accounts, orders and fills."""

from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce
from cerberus.simulator import spot
from cerberus.simulator.entities import SPOT, Fill, LedgerEntry, Order
from cerberus.simulator.refusals import Refused, invalid, order_not_found
from cerberus.simulator.requests import SpotOrderRequest
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.paging import page_of
from cerberus.simulator.wire.values import (
    Fields,
    choice_of,
    client_text,
    integer_of,
    plain,
    positive,
    refuse_if_set,
    rounded,
    text_of,
)

#: how long a finished order without any fill can still be read: the venue does not keep it
UNFILLED_LOOKUP_MS = 60_000

_STATUS = {"": "open", "filled": "closed"}


def accounts(venue: Venue, call: Call) -> object:
    """List balances; a currency that was never held is left out, as on the venue."""
    chosen = text_of(call.query, "currency", "")
    held = [c for account, c in venue.state.wallets if account == SPOT and chosen in ("", c)]
    return [
        {
            "currency": currency,
            "available": plain(spot.available(venue, currency)),
            "locked": plain(spot.locked(venue, currency)),
            "update_id": venue.state.next_id,
        }
        for currency in sorted(held)
    ]


def account_book(venue: Venue, call: Call) -> object:
    """List what has changed the wallets, newest first."""
    return [
        {
            "id": str(entry.id),
            "time": entry.created_ms,
            "currency": entry.currency,
            "change": plain(entry.change),
            "balance": plain(entry.balance),
            "type": entry.kind,
            "text": entry.text,
        }
        for entry in venue.store.find(LedgerEntry, page_of(call.query, Search(account=SPOT)))
    ]


def create_order(venue: Venue, call: Call) -> object:
    """Place an order."""
    return render_order(spot.place(venue, parse_order(venue, call.fields)))


def get_order(venue: Venue, call: Call) -> object:
    """Return one order by id, or by client text while it is open."""
    return render_order(_find(venue, call))


def cancel_order(venue: Venue, call: Call) -> object:
    """Cancel one order."""
    order = _find(venue, call)
    if not order.is_open:
        is_filled = order.finish_as == "filled"
        label = "ORDER_CLOSED" if is_filled else "ORDER_CANCELLED"
        raise Refused(
            label, f"Order {order.id} is already {'closed' if is_filled else 'cancelled'}"
        )
    return render_order(spot.cancel(venue, order))


def cancel_orders(venue: Venue, call: Call) -> object:
    """Cancel all open orders, of one pair and side when these are given."""
    side = text_of(call.query, "side", "")
    return [
        render_order(spot.cancel(venue, order))
        for order in open_orders_of(venue, _optional_pair(venue, call))
        if side in ("", order.side.value)
    ]


def cancel_batch(venue: Venue, call: Call) -> object:
    """Cancel a list of orders; each has its own outcome."""
    if len(call.items) > 20:
        raise invalid("orders", f"{len(call.items)} orders, the maximum is 20")
    return [_cancel_one(venue, item) for item in call.items]


def open_orders(venue: Venue, call: Call) -> object:
    """List open orders, grouped by pair."""
    chosen = _optional_pair(venue, call)
    groups: dict[str, list[Order]] = {}
    for order in open_orders_of(venue, chosen):
        groups.setdefault(order.market, []).append(order)
    return [
        {
            "currency_pair": market,
            "total": len(orders),
            "orders": [render_order(order) for order in reversed(orders)],
        }
        for market, orders in groups.items()
    ]


def list_orders(venue: Venue, call: Call) -> object:
    """List orders by status, newest first."""
    pair = venue.pair(text_of(call.query, "currency_pair"))
    status = choice_of(call.query, "status", ("open", "finished"), None)
    search = Search(account=SPOT, market=pair.id, open=int(status == "open"))
    side = text_of(call.query, "side", "")
    orders = venue.store.find(Order, page_of(call.query, search))
    return [
        render_order(order)
        for order in orders
        if side in ("", order.side.value) and not _is_hidden(venue, order)
    ]


def my_trades(venue: Venue, call: Call) -> object:
    """List fills, newest first."""
    market = _optional_pair(venue, call)
    parent = integer_of(call.query, "order_id", 0, 0, 1 << 60)
    search = page_of(call.query, Search(account=SPOT, market=market, parent=parent))
    return [_render_fill(fill) for fill in venue.store.find(Fill, search)]


def open_orders_of(venue: Venue, market: str) -> list[Order]:
    """Return the open spot orders of a pair, or of all, oldest first."""
    return [
        order
        for order in venue.state.orders.values()
        if order.account == SPOT and market in ("", order.market)
    ]


def parse_order(venue: Venue, fields: Fields) -> SpotOrderRequest:
    """Read an order's body."""
    market = venue.pair(text_of(fields, "currency_pair")).id
    choice_of(fields, "account", ("spot",), "spot")
    refuse_if_set(fields, "iceberg", "auto_borrow", "auto_repay", "stp_act")
    kind = choice_of(fields, "type", ("limit", "market"), "limit")
    side = Side(choice_of(fields, "side", ("buy", "sell"), None))
    default = "gtc" if kind == "limit" else "ioc"
    tif = TimeInForce(choice_of(fields, "time_in_force", ("gtc", "ioc", "poc", "fok"), default))
    if kind == "market" and tif not in (TimeInForce.IOC, TimeInForce.FOK):
        raise invalid("time_in_force", f"{tif.value} with a market order")
    limit = positive(fields, "price") if kind == "limit" else None
    amount = positive(fields, "amount")
    return SpotOrderRequest(market, side, amount, limit, tif, client_text(fields, "apiv4"))


def render_order(order: Order) -> dict[str, object]:
    """Write an order as the venue does."""
    return {
        "id": str(order.id),
        "text": order.text,
        "amend_text": "-",
        "create_time": str(order.created_ms // 1000),
        "update_time": str(order.updated_ms // 1000),
        "create_time_ms": order.created_ms,
        "update_time_ms": order.updated_ms,
        "status": _STATUS.get(order.finish_as, "cancelled"),
        "currency_pair": order.market,
        "type": order.kind,
        "account": "spot",
        "side": order.side.value,
        "amount": plain(order.quantity),
        "price": plain(order.price),
        "time_in_force": order.tif,
        "iceberg": "0",
        "left": plain(order.left),
        "filled_amount": plain(order.filled),
        "fill_price": plain(order.cost),
        "filled_total": plain(order.cost),
        "avg_deal_price": rounded(order.average),
        **_fees(order.fee, order.fee_currency, order.market, order.side),
        "gt_maker_fee": "0",
        "gt_taker_fee": "0",
        "gt_discount": False,
        "rebated_fee": "0",
        "rebated_fee_currency": "USDT",
        "stp_id": 0,
        "stp_act": "-",
        "finish_as": order.finish_as or "open",
    }


def _render_fill(fill: Fill) -> dict[str, object]:
    return {
        "id": str(fill.id),
        "create_time": str(fill.created_ms // 1000),
        "create_time_ms": f"{fill.created_ms}.000000",
        "currency_pair": fill.market,
        "side": fill.side.value,
        "role": fill.role,
        "amount": plain(fill.quantity),
        "price": plain(fill.price),
        "order_id": str(fill.order_id),
        **_fees(fill.fee, fill.fee_currency, fill.market, fill.side),
        "amend_text": "-",
        "sequence_id": str(fill.id),
        "text": fill.text,
    }


def _fees(fee: Decimal, currency: str, market: str, side: Side) -> dict[str, object]:
    """Return a fee with its place: the venue's own coin and its points have fields of their own."""
    base, _, quote = market.partition("_")
    is_apart = currency in ("GT", "POINT")
    return {
        "fee": "0" if is_apart else plain(fee),
        "fee_currency": (base if side is Side.BUY else quote) if is_apart else currency,
        "point_fee": plain(fee) if currency == "POINT" else "0",
        "gt_fee": plain(fee) if currency == "GT" else "0",
    }


def _find(venue: Venue, call: Call) -> Order:
    pair = venue.pair(text_of(call.query, "currency_pair"))
    order = _lookup(venue, call.path["order_id"])
    if order is None or order.market != pair.id:
        raise order_not_found(call.path["order_id"])
    return order


def _lookup(venue: Venue, order_id: str) -> Order | None:
    """Find by id for ever, by text only while the order is open; the newest of a text wins."""
    if order_id.startswith("t-"):
        matches = [order for order in open_orders_of(venue, "") if order.text == order_id]
        return matches[-1] if matches else None
    if not (order_id.isascii() and order_id.isdecimal() and len(order_id) < 19):
        return None
    order = venue.store.get(Order, int(order_id))
    if order is None or order.account != SPOT or _is_hidden(venue, order):
        return None
    return order


def _is_hidden(venue: Venue, order: Order) -> bool:
    is_old = venue.now_ms - order.updated_ms > UNFILLED_LOOKUP_MS
    return not order.is_open and not order.filled and is_old


def _cancel_one(venue: Venue, item: object) -> dict[str, object]:
    if not isinstance(item, dict):
        raise invalid("orders", item)
    order_id, market = text_of(item, "id"), text_of(item, "currency_pair")
    outcome: dict[str, object] = {"currency_pair": market, "id": order_id, "account": "spot"}
    order = _lookup(venue, order_id)
    if order is None or order.market != market or order.id not in venue.state.orders:
        return {
            **outcome,
            "succeeded": False,
            "label": "ORDER_NOT_FOUND",
            "message": "Order not found",
        }
    spot.cancel(venue, order)
    return {**outcome, "succeeded": True, "label": "", "message": "", "text": order.text}


def _optional_pair(venue: Venue, call: Call) -> str:
    name = text_of(call.query, "currency_pair", "")
    return venue.pair(name).id if name else ""
