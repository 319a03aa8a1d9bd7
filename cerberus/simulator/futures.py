"""Futures orders: placing, filling and cancelling in one-way mode."""

from dataclasses import replace
from decimal import Decimal

from cerberus.domain import margin as maths
from cerberus.domain.matching import Arrival, Fate, Level, Side, TimeInForce, arrive
from cerberus.simulator.entities import FUTURES, ZERO, Order, Position
from cerberus.simulator.futures_account import (
    SETTLE,
    available,
    order_margin,
    orders_of,
    position_of,
)
from cerberus.simulator.futures_fills import execute
from cerberus.simulator.markets import Contract
from cerberus.simulator.refusals import Refused
from cerberus.simulator.requests import FuturesOrderRequest
from cerberus.simulator.venue import Venue


def place(venue: Venue, request: FuturesOrderRequest) -> Order:
    """Take what the book offers within the limit, rest with the remainder, or refuse."""
    contract = venue.contract(request.market)
    position = position_of(venue, contract)
    request = _resolve_close(request, position)
    _check_form(venue, contract, request)
    _check_reduce_only(request, position)
    effective = _effective(request, position)
    arrival = arrive(
        venue.futures_book(contract), request.side, effective, request.limit, request.tif
    )
    if arrival.fate is Fate.WOULD_TAKE:
        raise Refused("ORDER_POC_IMMEDIATE", "poc order will be finished immediately")
    if arrival.fate is Fate.KILLED:
        raise Refused("ORDER_FOK", "killed for fok")
    order = _new_order(venue, contract, request)
    _check_margin(venue, contract, position, order, arrival)
    for execution in arrival.executions:
        order = execute(venue, contract, order, execution, "taker")
    order = replace(order, finish_as=_finish(arrival, order, request, effective))
    venue.state.put_order(order)
    if order.filled:
        cancel_useless(venue, contract)
    return order


def fill_resting(venue: Venue, order: Order) -> None:
    """Fill what is left of a resting order at its own price, as the maker."""
    contract = venue.markets.futures[order.market]
    size = position_of(venue, contract).size
    quantity = min(order.left, abs(size)) if order.reduce_only or order.close else order.left
    order = execute(venue, contract, order, Level(order.price, quantity), "maker")
    venue.state.put_order(replace(order, finish_as="reduce_only" if order.left else "filled"))
    cancel_useless(venue, contract)


def cancel(venue: Venue, order: Order, finish_as: str = "cancelled") -> Order:
    """Take an open order out of the book."""
    cancelled = replace(order, finish_as=finish_as, updated_ms=venue.now_ms)
    venue.state.put_order(cancelled)
    return cancelled


def cancel_useless(venue: Venue, contract: Contract) -> None:
    """Cancel reduce-only orders that the position, after a change, leaves nothing to reduce."""
    size = position_of(venue, contract).size
    for order in orders_of(venue, contract):
        if not (order.reduce_only or order.close):
            continue
        closing = Side.SELL if size > 0 else Side.BUY
        if size == 0:
            cancel(venue, order, "position_closed")
        elif order.side is not closing:
            cancel(venue, order, "reduce_only")


def _resolve_close(request: FuturesOrderRequest, position: Position) -> FuturesOrderRequest:
    if not request.close:
        return request
    if not position.size:
        raise Refused("POSITION_EMPTY", "position is empty")
    return replace(request, size=-position.size)


def _check_form(venue: Venue, contract: Contract, request: FuturesOrderRequest) -> None:
    size = abs(request.size)
    if size < contract.size_min:
        raise Refused("SIZE_TOO_SMALL", f"size {size} is below {contract.size_min}")
    if size > contract.size_max:
        raise Refused("SIZE_TOO_LARGE", f"size {size} exceeds {contract.size_max}")
    if len(orders_of(venue, contract)) >= contract.orders_limit:
        raise Refused("TOO_MANY_ORDERS", f"open orders reach {contract.orders_limit}")
    if request.limit is None:
        return
    check_price(contract, request.limit)
    mark = venue.last(contract.base)
    if abs(request.limit - mark) > mark * contract.max_deviation:
        message = f"price {request.limit} deviates more than {contract.max_deviation} from {mark}"
        raise Refused("PRICE_TOO_DEVIATED", message)


def check_price(contract: Contract, price: Decimal) -> None:
    """Refuse a price that is not on the tick."""
    if price % contract.price_tick:
        message = f"price {price} is not a multiple of {contract.price_tick}"
        raise Refused("INVALID_PARAM_VALUE", f"Invalid parameter `price`: {message}")


def _check_reduce_only(request: FuturesOrderRequest, position: Position) -> None:
    if not request.reduce_only:
        return
    if not position.size:
        raise Refused("POSITION_EMPTY", "position is empty")
    if position.size * request.size > 0:
        raise Refused("INCREASE_POSITION", "reduce-only order would increase the position")


def _effective(request: FuturesOrderRequest, position: Position) -> Decimal:
    quantity = abs(request.size)
    return min(quantity, abs(position.size)) if request.reduce_only else quantity


def _new_order(venue: Venue, contract: Contract, request: FuturesOrderRequest) -> Order:
    quantity = abs(request.size)
    return Order(
        id=venue.state.new_id(),
        account=FUTURES,
        market=contract.id,
        text=request.text,
        side=request.side,
        kind="market" if request.limit is None else "limit",
        tif=request.tif.value,
        price=request.limit or ZERO,
        quantity=quantity,
        left=quantity,
        created_ms=venue.now_ms,
        updated_ms=venue.now_ms,
        fee_currency=SETTLE,
        reduce_only=request.reduce_only,
        close=request.close,
    )


def _check_margin(
    venue: Venue, contract: Contract, position: Position, order: Order, arrival: Arrival
) -> None:
    """Refuse what the account cannot carry, as if the order rested at the worst price it pays."""
    prices = [execution.price for execution in arrival.executions]
    worst = max([order.price, *prices]) if order.price else max(prices, default=ZERO)
    as_resting = replace(order, price=worst)
    resting = orders_of(venue, contract)
    before = order_margin(contract, position, resting)
    after = order_margin(contract, position, [*resting, as_resting])
    if after == before:
        return
    free = available(venue)
    if after - before > free:
        message = f"margin {after - before:f} exceeds available {free:f}"
        raise Refused("INSUFFICIENT_AVAILABLE", message)
    _check_risk_limit(contract, position, as_resting)


def _check_risk_limit(contract: Contract, position: Position, order: Order) -> None:
    sign = 1 if order.side is Side.BUY else -1
    size = position.size + sign * order.quantity
    value = maths.notional(size, order.price, contract.multiplier)
    if value > contract.risk_limit:
        raise Refused("RISK_LIMIT_EXCEEDED", f"value {value} exceeds {contract.risk_limit}")


def _finish(
    arrival: Arrival, order: Order, request: FuturesOrderRequest, effective: Decimal
) -> str:
    if not order.left:
        return "filled"
    if request.reduce_only and order.filled == effective:
        return "reduce_only"
    if arrival.fate is Fate.RESTS:
        return ""
    return "ioc" if request.tif is TimeInForce.IOC else "cancelled"


def set_of_open(venue: Venue) -> list[Order]:
    """Return every open futures order, oldest first."""
    return [order for order in venue.state.orders.values() if order.account == FUTURES]
