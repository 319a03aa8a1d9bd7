"""Spot orders as Binance shows them: a stop order and what it placed are one order, one id."""

from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.matching import Side
from cerberus.simulator.binance.call import fixed
from cerberus.simulator.binance.symbols import symbol_of
from cerberus.simulator.entities import SPOT, ZERO, Fill, Order, Trigger
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue

_ALL = 1_000_000
_ENDS = {"filled": "FILLED", "cancelled": "CANCELED"}
_TRIGGER_ENDS = {"": "NEW", "cancelled": "CANCELED", "failed": "REJECTED"}


@dataclass(frozen=True, slots=True)
class SpotView:
    """One order under the id that the client knows."""

    id: int
    client_id: str
    market: str
    side: Side
    type: str
    tif: str
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    executed: Decimal
    cost: Decimal
    status: str
    stop_price: Decimal
    created_ms: int
    updated_ms: int
    order_id: int

    @property
    def is_open(self) -> bool:
        """Whether it can still be cancelled."""
        return self.status in ("NEW", "PARTIALLY_FILLED")


def view_of(order: Order, trigger: Trigger | None = None) -> SpotView:
    """Return an order; with the stop order that placed it, when there is one."""
    origin = trigger if trigger is not None and trigger.venue_type else None
    kind, tif = _type_of(order)
    return SpotView(
        id=origin.id if origin else order.id,
        client_id=order.text,
        market=order.market,
        side=order.side,
        type=origin.venue_type if origin else kind,
        tif=tif,
        price=order.price,
        # what a budget was to buy is not known before it is spent
        quantity=order.filled if order.in_quote else order.quantity,
        quote_quantity=order.quantity if order.in_quote else ZERO,
        executed=order.filled,
        cost=order.cost,
        status=order_status(order),
        stop_price=origin.trigger_price if origin else ZERO,
        created_ms=origin.created_ms if origin else order.created_ms,
        updated_ms=order.updated_ms,
        order_id=order.id,
    )


def waiting_view(trigger: Trigger) -> SpotView:
    """Return a stop order that has not placed anything."""
    return SpotView(
        id=trigger.id,
        client_id=trigger.text,
        market=trigger.market,
        side=trigger.side,
        type=trigger.venue_type,
        tif="GTC" if trigger.kind == "market" else trigger.tif.upper(),
        price=trigger.price,
        quantity=trigger.quantity,
        quote_quantity=ZERO,
        executed=ZERO,
        cost=ZERO,
        status=_TRIGGER_ENDS.get(trigger.finish_as, "EXPIRED"),
        stop_price=trigger.trigger_price,
        created_ms=trigger.created_ms,
        updated_ms=trigger.finished_ms or trigger.created_ms,
        order_id=0,
    )


def order_status(order: Order) -> str:
    """Return the status of an order."""
    if order.is_open:
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    return _ENDS.get(order.finish_as, "EXPIRED")


def find_view(venue: Venue, market: str, order_id: int, client_id: str) -> SpotView | None:
    """Find an order by its id, else the newest of a client id."""
    if order_id:
        found = _by_id(venue, order_id)
    else:
        found = next(
            (v for v in _views(venue, market, client_id) if v.client_id == client_id), None
        )
    return found if found is not None and found.market == market else None


def open_views(venue: Venue, market: str) -> list[SpotView]:
    """Return what is open of a pair, or of all, oldest first."""
    orders = [
        view_of(one, _trigger_of(venue, one))
        for one in venue.state.orders.values()
        if one.account == SPOT and market in ("", one.market)
    ]
    waiting = [
        waiting_view(one)
        for one in venue.state.triggers.values()
        if one.holds_funds and market in ("", one.market)
    ]
    return sorted([*orders, *waiting], key=lambda view: view.id)


def all_views(venue: Venue, market: str) -> list[SpotView]:
    """Return every order of a pair that there ever was, oldest first."""
    return sorted(_views(venue, market, ""), key=lambda view: view.id)


def render(view: SpotView) -> dict[str, object]:
    """Write an order as the venue shows it on request."""
    return {
        "symbol": symbol_of(view.market),
        "orderId": view.id,
        "orderListId": -1,
        "clientOrderId": view.client_id,
        "price": fixed(view.price),
        "origQty": fixed(view.quantity),
        "executedQty": fixed(view.executed),
        "origQuoteOrderQty": fixed(view.quote_quantity),
        "cummulativeQuoteQty": fixed(view.cost),
        "status": view.status,
        "timeInForce": view.tif,
        "type": view.type,
        "side": view.side.value.upper(),
        "stopPrice": fixed(view.stop_price),
        "icebergQty": "0.00000000",
        "time": view.created_ms,
        "updateTime": view.updated_ms,
        "isWorking": view.stop_price == 0 or view.order_id > 0,
        "workingTime": view.created_ms,
        "selfTradePreventionMode": "NONE",
    }


def render_placed(view: SpotView, fills: list[Fill]) -> dict[str, object]:
    """Write the answer to a placement or a cancellation."""
    answer = render(view)
    for name in ("time", "updateTime", "isWorking", "icebergQty"):
        del answer[name]
    if not view.stop_price:
        del answer["stopPrice"]
    answer["transactTime"] = view.updated_ms
    answer["fills"] = [
        {
            "price": fixed(fill.price),
            "qty": fixed(fill.quantity),
            "commission": fixed(fill.fee),
            "commissionAsset": fill.fee_currency,
            "tradeId": fill.id,
        }
        for fill in fills
    ]
    return answer


def shown_id(venue: Venue, order_id: int) -> int:
    """Return the id under which the client knows an order of the core."""
    order = venue.store.get(Order, order_id)
    trigger = _trigger_of(venue, order) if order is not None else None
    return trigger.id if trigger is not None else order_id


def _type_of(order: Order) -> tuple[str, str]:
    if order.kind == "market":
        return "MARKET", "GTC"
    if order.tif == "poc":
        return "LIMIT_MAKER", "GTC"
    return "LIMIT", order.tif.upper()


def _trigger_of(venue: Venue, order: Order) -> Trigger | None:
    trigger = venue.store.get(Trigger, order.trigger_id) if order.trigger_id else None
    return trigger if trigger is not None and trigger.venue_type else None


def _by_id(venue: Venue, order_id: int) -> SpotView | None:
    trigger = venue.store.get(Trigger, order_id)
    if trigger is not None:
        return _of_trigger(venue, trigger) if trigger.holds_funds else None
    order = venue.store.get(Order, order_id)
    if order is None or order.account != SPOT:
        return None
    return view_of(order, _trigger_of(venue, order))


def _of_trigger(venue: Venue, trigger: Trigger) -> SpotView:
    order = venue.store.get(Order, trigger.order_id) if trigger.order_id else None
    return waiting_view(trigger) if order is None else view_of(order, trigger)


def _views(venue: Venue, market: str, client_id: str) -> list[SpotView]:
    """Return orders, newest first; with an id of the client's only those."""
    search = Search(account=SPOT, market=market, text=client_id, limit=_ALL)
    triggers = [one for one in venue.store.find(Trigger, search) if one.holds_funds]
    waiting = [_of_trigger(venue, trigger) for trigger in triggers]
    shown = {trigger.id for trigger in triggers}
    orders = [
        view_of(one, _trigger_of(venue, one))
        for one in venue.store.find(Order, search)
        if one.trigger_id not in shown
    ]
    return sorted([*orders, *waiting], key=lambda view: view.id, reverse=True)
