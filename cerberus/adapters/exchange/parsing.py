"""ccxt's unified structures as domain objects; contracts become base quantities here."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cerberus.domain.exits import VenueTrigger
from cerberus.domain.fills import Fill, average_price
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import ONE, ZERO, Candle, Instrument, MarketType, Quote
from cerberus.domain.orders import ListedOrder, Order, OrderStatus, VenueOrder
from cerberus.domain.positions import VenuePosition
from cerberus.domain.signals import Side

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]

_STATUS = {
    "open": OrderStatus.OPEN,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}
_POSITION_SIDES = {"long": Side.BUY, "short": Side.SELL}


def number(value: object, default: Decimal = ZERO) -> Decimal:
    """Return a decimal from whatever number ccxt gives.

    Raises
    ------
    ArithmeticError
        It is no finite number.
    """
    found = default if value is None or value == "" else Decimal(str(value))
    if not found.is_finite():
        raise ArithmeticError(f"{value} is no finite number")
    return found


def identifier(raw: Raw, name: str = "id") -> str:
    """Return an id; ccxt gives None for a body that it could not read.

    Raises
    ------
    ValueError
        There is none.
    """
    value = raw.get(name)
    if not value:
        raise ValueError(f"{name} is missing")
    return str(value)


def moment(milliseconds: object) -> datetime:
    """Return an aware time from ccxt's milliseconds."""
    return datetime.fromtimestamp(float(str(milliseconds)) / 1000, UTC)


def instruments(markets: Mapping[str, Raw]) -> dict[str, Instrument]:
    """Return every spot market and linear perpetual; one without usable limits is left out."""
    found = {}
    for symbol, market in markets.items():
        if not (market["spot"] or (market["swap"] and market["linear"])):
            continue
        try:
            found[symbol] = instrument(market)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.warning("market_left_out symbol=%s reason=%s", symbol, error)
    return found


def instrument(market: Raw) -> Instrument:
    """Return an instrument from a ccxt market.

    Raises
    ------
    ValueError
        A step or a tick is missing: nothing could be rounded to it.
    """
    size = number(market.get("contractSize"), ONE) if market["swap"] else ONE
    limits = market["limits"]
    return Instrument(
        symbol=market["symbol"],
        base=market["base"],
        quote=market["settle"] if market["swap"] else market["quote"],
        market_type=MarketType.SWAP if market["swap"] else MarketType.SPOT,
        price_tick=number(market["precision"]["price"]),
        quantity_step=number(market["precision"]["amount"]) * size,
        quantity_min=number(limits["amount"]["min"]) * size,
        notional_min=number((limits.get("cost") or {}).get("min")),
        fee_rate_taker=number(market.get("taker")),
        fee_rate_maker=number(market.get("maker")),
        contract_size=size,
        leverage_max=number((limits.get("leverage") or {}).get("max"), ONE),
        maintenance_rate=number(market["info"].get("maintenance_rate")),
    )


def quote(symbol: str, book: Raw, received_at: datetime) -> Quote:
    """Return the best prices of a ccxt order book."""
    at = book.get("timestamp")
    return Quote(
        symbol=symbol,
        bid=number(book["bids"][0][0]),
        ask=number(book["asks"][0][0]),
        at=received_at if at is None else moment(at),
    )


def candle(row: list[Any]) -> Candle:
    """Return one bar of ccxt's OHLCV."""
    opened, *prices, volume = row
    opens, high, low, close = (number(price) for price in prices)
    return Candle(moment(opened), opens, high, low, close, number(volume))


def order(raw: Raw, market: Instrument) -> VenueOrder:
    """Return an order; its status follows from what is filled."""
    filled = number(raw.get("filled")) * market.contract_size
    status = _STATUS.get(str(raw.get("status")), OrderStatus.OPEN)
    whole = filled >= number(raw.get("amount")) * market.contract_size
    if status is OrderStatus.FILLED and not whole:
        # Gate.io finishes an immediate order with a rest as cancelled, some venues as closed
        status = OrderStatus.CANCELLED
    if status is OrderStatus.OPEN and filled > 0:
        status = OrderStatus.PARTLY_FILLED
    average = number(raw.get("average"))
    return VenueOrder(
        venue_id=identifier(raw),
        status=status,
        filled_quantity=filled,
        average_price=average if average > 0 else None,
        client_id=raw.get("clientOrderId"),
    )


def listed(raw: Raw, market: Instrument) -> ListedOrder:
    """Return an order of a list, whoever has sent it."""
    return ListedOrder(
        symbol=market.symbol,
        side=Side(raw["side"]),
        quantity=abs(number(raw.get("amount"))) * market.contract_size,
        reduce_only=bool(raw.get("reduceOnly")),
        created_at=moment(raw["timestamp"]),
        report=order(raw, market),
        price=number(raw.get("price")) or None,
    )


def fill(raw: Raw, market: Instrument) -> Fill:
    """Return a fill; a venue that names no fee currency charges in the quote."""
    fee = _fee(raw, market)
    return Fill(
        fill_id=identifier(raw),
        order_venue_id=identifier(raw, "order"),
        symbol=raw["symbol"],
        side=Side(raw["side"]),
        quantity=abs(number(raw["amount"])) * market.contract_size,
        price=number(raw["price"]),
        fee=number(fee.get("cost")),
        fee_currency=fee.get("currency") or market.quote,
        at=moment(raw["timestamp"]),
    )


def funding(raw: Raw, market: Instrument, venue: str) -> FundingPayment:
    """Return a payment of funding; ccxt leaves Gate.io's id in the raw answer.

    Raises
    ------
    ValueError
        The amount is missing, or is none of the quote currency.
    """
    if raw.get("amount") is None:
        raise ValueError("amount is missing")
    if raw.get("code") != market.quote:
        raise ValueError(f"funding is paid in {market.quote}, was {raw.get('code')}")
    return FundingPayment(
        venue=venue,
        symbol=market.symbol,
        at=moment(raw["timestamp"]),
        venue_id=str(raw.get("id") or raw["info"].get("id") or ""),
        amount=number(raw["amount"]),
        currency=market.quote,
    )


def order_from_fills(wanted: Order, fills: Sequence[Fill]) -> VenueOrder | None:
    """Return an order that the venue lists no more, by its fills; None when it has none."""
    if not fills:
        return None
    filled = sum((fill.quantity for fill in fills), ZERO)
    whole = filled >= wanted.quantity
    return VenueOrder(
        venue_id=fills[0].order_venue_id,
        status=OrderStatus.FILLED if whole else OrderStatus.CANCELLED,
        filled_quantity=filled,
        average_price=average_price(list(fills)),
        client_id=wanted.client_id,
    )


def position(raw: Raw, market: Instrument) -> VenuePosition:
    """Return a perpetual position."""
    liquidation = number(raw.get("liquidationPrice"))
    return VenuePosition(
        symbol=raw["symbol"],
        side=_POSITION_SIDES[raw["side"]],
        quantity=abs(number(raw.get("contracts"))) * market.contract_size,
        entry_price=number(raw.get("entryPrice")),
        margin=number(raw["info"].get("margin") or raw.get("initialMargin")),
        unrealised_pnl=number(raw.get("unrealizedPnl")),
        leverage=number(raw.get("leverage"), ONE),
        liquidation_price=liquidation if liquidation > 0 else None,
    )


def trigger(raw: Raw, market: Instrument) -> VenueTrigger:
    """Return a price-triggered order; the order that it placed stands in the raw answer only."""
    info = raw["info"]
    placed = str(info.get("trade_id") or info.get("fired_order_id") or "0")
    return VenueTrigger(
        venue_id=identifier(raw),
        symbol=market.symbol,
        side=Side(raw["side"]),
        quantity=abs(number(raw.get("amount"))) * market.contract_size,
        trigger_price=number(raw.get("triggerPrice")),
        is_open=raw.get("status") == "open",
        created_at=moment(raw["timestamp"]),
        order_venue_id=None if placed in ("0", "") else placed,
        outcome=str(info.get("finish_as") or info.get("status") or ""),
    )


def _fee(raw: Raw, market: Instrument) -> Raw:
    """Return the fee that changes what is held, else the one that was paid in another coin.

    ccxt leaves `fee` empty where a venue names several, Gate.io's own coin and points among them.
    """
    told = [*(raw.get("fees") or ()), raw.get("fee") or {}]
    paid = [fee for fee in told if number(fee.get("cost")) != 0]
    ours = [fee for fee in paid if fee.get("currency") in (market.base, market.quote)]
    return next(iter(ours or paid), {})
