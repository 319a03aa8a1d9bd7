"""What a user-data stream tells: orders and fills, in the venue's short names."""

from decimal import Decimal

from cerberus.simulator.binance import futures_algo, futures_trading
from cerberus.simulator.binance.call import fixed
from cerberus.simulator.binance.spot_account import balances
from cerberus.simulator.binance.spot_orders import SpotView, view_of, waiting_view
from cerberus.simulator.binance.symbols import symbol_of
from cerberus.simulator.entities import SPOT, ZERO, Account, Fill, Order, Trigger
from cerberus.simulator.store import AnyRecord
from cerberus.simulator.venue import Venue

Event = dict[str, object]

_EXECUTIONS = {"NEW": "NEW", "CANCELED": "CANCELED", "REJECTED": "REJECTED"}


def events_of(venue: Venue, records: tuple[AnyRecord, ...]) -> list[tuple[Account, Event]]:
    """Return the events of one commit, by the account whose stream they belong to."""
    orders = {one.id: one for one in records if isinstance(one, Order)}
    fills = [one for one in records if isinstance(one, Fill) and one.order_id in orders]
    told: list[tuple[Account, Event]] = []
    for fill in fills:
        order = orders[fill.order_id]
        event = _spot_fill if fill.account == SPOT else _futures_fill
        told.append((fill.account, event(venue, order, fill)))
    filled = {fill.order_id for fill in fills}
    for order in orders.values():
        # the last fill of an order has told its end already, unless something was left
        if order.id in filled and order.finish_as in ("", "filled"):
            continue
        event_of = _spot_order if order.account == SPOT else _futures_order
        told.append((order.account, event_of(venue, order)))
    for trigger in (one for one in records if isinstance(one, Trigger)):
        told += _trigger_events(venue, trigger)
    if any(account == SPOT for account, _ in told):
        told.append((SPOT, _balances(venue)))
    return told


def _spot_order(venue: Venue, order: Order) -> Event:
    return _report(venue, view_of(order, _origin(venue, order)), None)


def _spot_fill(venue: Venue, order: Order, fill: Fill) -> Event:
    return _report(venue, view_of(order, _origin(venue, order)), fill)


def _report(venue: Venue, view: SpotView, fill: Fill | None) -> Event:
    execution = "TRADE" if fill is not None else _EXECUTIONS.get(view.status, "EXPIRED")
    return {
        "e": "executionReport",
        "E": venue.now_ms,
        "s": symbol_of(view.market),
        "c": view.client_id,
        "S": view.side.value.upper(),
        "o": view.type,
        "f": view.tif,
        "q": fixed(view.quantity),
        "p": fixed(view.price),
        "P": fixed(view.stop_price),
        "F": "0.00000000",
        "g": -1,
        "C": "",
        "x": execution,
        "X": view.status,
        "r": "NONE",
        "i": view.id,
        "l": fixed(fill.quantity if fill else ZERO),
        "z": fixed(view.executed),
        "L": fixed(fill.price if fill else ZERO),
        "n": fixed(fill.fee) if fill else "0",
        "N": fill.fee_currency if fill else None,
        "T": view.updated_ms,
        "t": fill.id if fill else -1,
        "w": view.is_open and bool(view.order_id),
        "m": fill is not None and fill.role == "maker",
        "O": view.created_ms,
        "Z": fixed(view.cost),
        "Y": fixed(fill.price * fill.quantity if fill else ZERO),
        "Q": fixed(view.quote_quantity),
        "V": "NONE",
    }


def _futures_order(venue: Venue, order: Order) -> Event:
    return _update(venue, order, None)


def _futures_fill(venue: Venue, order: Order, fill: Fill) -> Event:
    return _update(venue, order, fill)


def _update(venue: Venue, order: Order, fill: Fill | None) -> Event:
    shown = futures_trading.render(venue, order)
    size: Decimal = venue.markets.futures[order.market].multiplier
    execution = "TRADE" if fill else _EXECUTIONS.get(str(shown["status"]), "EXPIRED")
    return {
        "e": "ORDER_TRADE_UPDATE",
        "E": venue.now_ms,
        "T": order.updated_ms,
        "o": {
            "s": shown["symbol"],
            "c": shown["clientOrderId"],
            "S": shown["side"],
            "o": shown["type"],
            "f": shown["timeInForce"],
            "q": shown["origQty"],
            "p": shown["price"],
            "ap": shown["avgPrice"],
            "sp": "0",
            "x": execution,
            "X": shown["status"],
            "i": order.id,
            "l": fixed(fill.quantity * size if fill else ZERO),
            "z": shown["executedQty"],
            "L": fixed(fill.price if fill else ZERO),
            "N": order.fee_currency,
            "n": fixed(fill.fee if fill else ZERO),
            "T": order.updated_ms,
            "t": fill.id if fill else 0,
            "m": fill is not None and fill.role == "maker",
            "R": order.reduce_only,
            "wt": "CONTRACT_PRICE",
            "ot": shown["origType"],
            "ps": "BOTH",
            "cp": order.close,
            "rp": fixed(fill.pnl if fill else ZERO),
        },
    }


def _trigger_events(venue: Venue, trigger: Trigger) -> list[tuple[Account, Event]]:
    if trigger.account == SPOT:
        # once it has placed an order, the order's own events tell of it
        if not trigger.venue_type or trigger.order_id:
            return []
        return [(SPOT, _report(venue, waiting_view(trigger), None))]
    shown = futures_algo.render(venue, trigger)
    body = {
        "caid": trigger.text,
        "aid": trigger.id,
        "at": "CONDITIONAL",
        "o": shown["orderType"],
        "s": shown["symbol"],
        "S": shown["side"],
        "ps": "BOTH",
        "f": shown["timeInForce"],
        "q": shown["quantity"],
        "X": shown["algoStatus"],
        "ai": shown["actualOrderId"],
        "tp": shown["triggerPrice"],
        "p": shown["price"],
        "wt": "CONTRACT_PRICE",
        "R": shown["reduceOnly"],
        "cp": trigger.close,
    }
    event = {"e": "ALGO_UPDATE", "T": shown["updateTime"], "E": venue.now_ms, "o": body}
    return [(trigger.account, event)]


def _balances(venue: Venue) -> Event:
    return {
        "e": "outboundAccountPosition",
        "E": venue.now_ms,
        "u": venue.now_ms,
        "B": [{"a": b["asset"], "f": b["free"], "l": b["locked"]} for b in balances(venue)],
    }


def _origin(venue: Venue, order: Order) -> Trigger | None:
    return venue.store.get(Trigger, order.trigger_id) if order.trigger_id else None
