"""The spot account: balances, placing, filling and cancelling."""

from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from cerberus.domain.matching import (
    Arrival,
    Fate,
    Level,
    Side,
    TimeInForce,
    arrive,
    take,
    take_budget,
)
from cerberus.domain.matching import cost as cost_of
from cerberus.simulator.entities import SPOT, ZERO, Fill, Order, Trigger
from cerberus.simulator.fee_coin import paid
from cerberus.simulator.markets import SpotMarket
from cerberus.simulator.refusals import Refused
from cerberus.simulator.requests import SpotOrderRequest
from cerberus.simulator.venue import Venue

_QUANTUM = Decimal("1e-8")


def locked(venue: Venue, currency: str) -> Decimal:
    """Return what open orders hold back of a currency."""
    total = ZERO
    for order in venue.state.orders.values():
        if order.account != SPOT:
            continue
        pair = venue.markets.spot[order.market]
        if order.side is Side.BUY and pair.quote == currency:
            total += order.left * order.price
        elif order.side is Side.SELL and pair.base == currency:
            total += order.left
    held = (one for one in venue.state.triggers.values() if one.holds_funds)
    return total + sum((_held(venue, trigger, currency) for trigger in held), ZERO)


def available(venue: Venue, currency: str) -> Decimal:
    """Return what may still be spent of a currency."""
    return venue.state.balance(SPOT, currency) - locked(venue, currency)


def place(venue: Venue, request: SpotOrderRequest) -> Order:
    """Take what the book offers within the limit, rest with the remainder, or refuse."""
    pair = venue.pair(request.market)
    _check_size(venue, pair, request)
    _check_price(venue, pair, request)
    _check_funds(venue, pair, request)
    arrival = _arrival(venue, pair, request)
    if arrival.fate is Fate.WOULD_TAKE:
        raise Refused("POC_FILL_IMMEDIATELY", "Order would match and take immediately")
    if arrival.fate is Fate.KILLED:
        raise Refused("FOK_NOT_FILL", "Order cannot be filled completely")
    order = _new_order(venue, request)
    for execution in arrival.executions:
        order = _execute(venue, pair, order, execution, "taker")
    finish_as = _finish(arrival, order, request.tif)
    order = replace(order, finish_as=finish_as)
    venue.state.put_order(order)
    return order


def expire(venue: Venue, request: SpotOrderRequest) -> Order:
    """Record an order that ends without a fill, where the venue answers it instead of refusing."""
    order = replace(_new_order(venue, request), finish_as=request.tif.value)
    venue.state.put_order(order)
    return order


def fill_resting(venue: Venue, order: Order) -> None:
    """Fill what is left of a resting order at its own price, as the maker."""
    pair = venue.markets.spot[order.market]
    order = _execute(venue, pair, order, Level(order.price, order.left), "maker")
    venue.state.put_order(replace(order, finish_as="filled"))


def cancel(venue: Venue, order: Order) -> Order:
    """Take an open order out of the book."""
    cancelled = replace(order, finish_as="cancelled", updated_ms=venue.now_ms)
    venue.state.put_order(cancelled)
    return cancelled


def _held(venue: Venue, trigger: Trigger, currency: str) -> Decimal:
    pair = venue.markets.spot[trigger.market]
    if trigger.side is Side.SELL:
        return trigger.quantity if pair.base == currency else ZERO
    if pair.quote != currency:
        return ZERO
    # a stop that buys at market locks its cost at the price that fires it
    return trigger.quantity * (trigger.price or trigger.trigger_price)


def _arrival(venue: Venue, pair: SpotMarket, request: SpotOrderRequest) -> Arrival:
    book = venue.spot_book(pair)
    if not request.is_budget:
        return arrive(book, request.side, request.quantity, request.limit, request.tif)
    executions = take_budget(book.asks, request.quantity, pair.amount_step)
    left = request.quantity - cost_of(executions)
    is_spent = bool(executions) and left < pair.amount_step * executions[-1].price
    if request.tif is TimeInForce.FOK and not is_spent:
        return Arrival((), request.quantity, Fate.KILLED)
    return Arrival(executions, left, Fate.FILLED if is_spent else Fate.CANCELLED)


def _finish(arrival: Arrival, order: Order, tif: TimeInForce) -> str:
    if arrival.fate is Fate.FILLED:
        return "filled"
    if arrival.fate is Fate.RESTS:
        return ""
    return tif.value if order.filled or tif is not TimeInForce.GTC else "cancelled"


def _new_order(venue: Venue, request: SpotOrderRequest) -> Order:
    pair = venue.markets.spot[request.market]
    return Order(
        id=venue.state.new_id(),
        account=SPOT,
        market=request.market,
        text=request.text,
        side=request.side,
        kind="market" if request.limit is None else "limit",
        tif=request.tif.value,
        price=request.limit or ZERO,
        quantity=request.quantity,
        left=request.quantity,
        created_ms=venue.now_ms,
        updated_ms=venue.now_ms,
        in_quote=request.is_budget,
        fee_currency=pair.base if request.side is Side.BUY else pair.quote,
        fee_rate=request.fee_rate,
        trigger_id=request.trigger_id,
    )


def _execute(venue: Venue, pair: SpotMarket, order: Order, execution: Level, role: str) -> Order:
    value = execution.price * execution.quantity
    is_buy = order.side is Side.BUY
    own = pair.base if is_buy else pair.quote
    fee = _fee(pair, order, execution.quantity if is_buy else value, role)
    worth = fee * execution.price if is_buy else fee
    currency, fee = paid(venue, SPOT, own, fee, worth)
    sign = 1 if is_buy else -1
    fill = Fill(
        id=venue.state.new_id(),
        account=SPOT,
        market=pair.id,
        order_id=order.id,
        text=order.text,
        side=order.side,
        price=execution.price,
        quantity=execution.quantity,
        role=role,
        fee=fee,
        fee_currency=currency,
        created_ms=venue.now_ms,
    )
    venue.state.put_record(fill)
    book = venue.state.book
    book(SPOT, pair.base, sign * execution.quantity, "trade", pair.id, str(fill.id))
    book(SPOT, pair.quote, -sign * value, "trade", pair.id, str(fill.id))
    book(SPOT, currency, -fee, "fee", pair.id, str(fill.id))
    return replace(
        order,
        left=order.left - (value if order.in_quote else execution.quantity),
        filled=order.filled + execution.quantity,
        cost=order.cost + value,
        fee=fee + (order.fee if currency == order.fee_currency else ZERO),
        fee_currency=currency,
        updated_ms=venue.now_ms,
    )


def _fee(pair: SpotMarket, order: Order, amount: Decimal, role: str) -> Decimal:
    if order.fee_rate >= 0:
        # that venue shows no more than 8 decimals of anything
        return (amount * order.fee_rate).quantize(_QUANTUM, ROUND_DOWN)
    return amount * (pair.taker_rate if role == "taker" else pair.maker_rate)


def _check_size(venue: Venue, pair: SpotMarket, request: SpotOrderRequest) -> None:
    if request.is_budget:
        _check_minimum(request.quantity, pair.min_quote, pair.quote)
        return
    if request.quantity % pair.amount_step:
        message = f"amount {request.quantity} exceeds the precision, step {pair.amount_step}"
        raise Refused("INVALID_PRECISION", message)
    _check_minimum(request.quantity, pair.min_base, pair.base)
    price = request.limit or venue.last(pair.base)
    _check_minimum(request.quantity * price, pair.min_quote, pair.quote)


def _check_minimum(value: Decimal, minimum: Decimal, currency: str) -> None:
    if value < minimum:
        message = (
            f"Your order size {value.normalize():f} {currency} is too small."
            f" The minimum is {minimum} {currency}"
        )
        raise Refused("INVALID_PARAM_VALUE", message)


def _check_price(venue: Venue, pair: SpotMarket, request: SpotOrderRequest) -> None:
    if request.limit is None:
        return
    if request.limit % pair.price_tick:
        message = f"price {request.limit} exceeds the precision, tick {pair.price_tick}"
        raise Refused("INVALID_PRECISION", message)
    last = venue.last(pair.base)
    if abs(request.limit - last) > last * pair.max_deviation:
        message = f"price {request.limit} deviates more than {pair.max_deviation} from {last}"
        raise Refused("PRICE_THRESHOLD_EXCEEDED", message)


def _check_funds(venue: Venue, pair: SpotMarket, request: SpotOrderRequest) -> None:
    if request.side is Side.SELL:
        currency, needed = pair.base, request.quantity
    elif request.is_budget:
        currency, needed = pair.quote, request.quantity
    elif request.limit is None:
        taken = take(venue.spot_book(pair).asks, request.side, request.quantity, None)
        currency, needed = pair.quote, cost_of(taken)
    else:
        currency, needed = pair.quote, request.quantity * request.limit
    free = available(venue, currency)
    if needed > free:
        raise Refused("BALANCE_NOT_ENOUGH", f"Not enough balance: {needed} > {free} {currency}")
