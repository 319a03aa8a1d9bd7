"""Public futures routes: symbols, prices, book, candles, funding."""

from decimal import Decimal

from cerberus.simulator.binance import history
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.failures import Failed
from cerberus.simulator.binance.listing import FAR
from cerberus.simulator.binance.symbols import contract_of, futures_filters, symbol_of
from cerberus.simulator.binance.weights import ORDER_LIMIT, WEIGHT_LIMIT
from cerberus.simulator.entities import FUTURES
from cerberus.simulator.markets import FUNDING_INTERVAL_SECONDS, Contract
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain

DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
_TYPES = [
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
]
#: the delivery date of what has none
_NEVER_MS = 4_133_404_800_000


def exchange_info(venue: Venue, call: Call) -> object:
    """List the symbols with their filters, and the limits."""
    weight = {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1}
    orders = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10}
    return {
        "timezone": "UTC",
        "serverTime": call.wall_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {**weight, "limit": WEIGHT_LIMIT[FUTURES]},
            {**orders, "limit": ORDER_LIMIT[FUTURES]},
        ],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "0"}],
        "symbols": [_symbol(venue, one) for one in venue.markets.futures.values()],
    }


def depth(venue: Venue, call: Call) -> object:
    """Return the book around the last price, quantities in base units."""
    one = contract_of(venue, call.required("symbol"))
    limit = call.integer("limit", 500)
    if limit not in DEPTHS:
        raise Failed(-4021, f"{limit} is not valid depth limit.")
    book = venue.futures_book(one)
    return {
        "lastUpdateId": venue.feed.last(one.base, venue.now_ms).ms,
        "E": venue.now_ms,
        "T": venue.now_ms,
        "bids": history.levels(book.bids, limit, one.multiplier),
        "asks": history.levels(book.asks, limit, one.multiplier),
    }


def klines(venue: Venue, call: Call) -> object:
    """Return candles, the open one included; mark and index equal the last price."""
    name = call.get("pair") or call.required("symbol")
    return history.klines(venue, contract_of(venue, name).base, call, 1500)


def trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as trades."""
    one = contract_of(venue, call.required("symbol"))
    return history.trades(venue, one.base, call.integer("limit", 500, 1, 1000))


def merged_trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as aggregate trades."""
    one = contract_of(venue, call.required("symbol"))
    return history.merged_trades(venue, one.base, call.integer("limit", 500, 1, 1000))


def ticker_day(venue: Venue, call: Call) -> object:
    """Return the last day of one symbol, or of all."""
    found = [history.ticker(venue, c.base, symbol_of(c.id)) for c in _chosen(venue, call)]
    return _one_or_all(call, found)


def ticker_price(venue: Venue, call: Call) -> object:
    """Return the last price of one symbol, or of all."""
    found: list[dict[str, object]] = [
        {"symbol": symbol_of(c.id), "price": plain(venue.last(c.base)), "time": venue.now_ms}
        for c in _chosen(venue, call)
    ]
    return _one_or_all(call, found)


def ticker_book(venue: Venue, call: Call) -> object:
    """Return the best prices of one symbol, or of all."""
    found = []
    for one in _chosen(venue, call):
        book = venue.futures_book(one)
        top = history.book_top({"bid": book.bids[0], "ask": book.asks[0]}, symbol_of(one.id))
        sizes = {
            "bidQty": plain(book.bids[0].quantity * one.multiplier),
            "askQty": plain(book.asks[0].quantity * one.multiplier),
        }
        found.append(top | sizes | {"time": venue.now_ms})
    return _one_or_all(call, found)


def premium_index(venue: Venue, call: Call) -> object:
    """Return mark price and the funding rate to come."""
    now = venue.now_ms // 1000
    following = (now // FUNDING_INTERVAL_SECONDS + 1) * FUNDING_INTERVAL_SECONDS * 1000
    found: list[dict[str, object]] = [
        {
            "symbol": symbol_of(one.id),
            "markPrice": fixed(venue.last(one.base)),
            "indexPrice": fixed(venue.last(one.base)),
            "estimatedSettlePrice": fixed(venue.last(one.base)),
            "lastFundingRate": fixed(venue.markets.funding_rate(one.id, now)),
            "interestRate": "0.00010000",
            "nextFundingTime": following,
            "time": venue.now_ms,
        }
        for one in _chosen(venue, call)
    ]
    return _one_or_all(call, found)


def funding_rates(venue: Venue, call: Call) -> object:
    """List the funding rates that were applied, oldest first."""
    limit = call.integer("limit", 100, 1, 1000)
    start, end = call.integer("startTime", 0), call.integer("endTime", FAR)
    step = FUNDING_INTERVAL_SECONDS * 1000
    newest = min(venue.now_ms, end) // step * step
    first = max(start, venue.feed.start_ms)
    moments = list(range(-(-first // step) * step, newest + 1, step))
    kept = moments[:limit] if call.get("startTime") else moments[-limit:]
    return [
        {
            "symbol": symbol_of(one.id),
            "fundingTime": moment,
            "fundingRate": fixed(venue.markets.funding_rate(one.id, moment // 1000 - 1)),
            "markPrice": fixed(venue.feed.last(one.base, moment).price),
        }
        for moment in kept
        for one in _chosen(venue, call)
    ]


def _one_or_all(call: Call, found: list[dict[str, object]]) -> object:
    return found[0] if call.get("symbol") else found


def _chosen(venue: Venue, call: Call) -> list[Contract]:
    name = call.get("symbol")
    return [contract_of(venue, name)] if name else list(venue.markets.futures.values())


def _symbol(venue: Venue, one: Contract) -> dict[str, object]:
    name = symbol_of(one.id)
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": venue.feed.start_ms,
        "status": "TRADING",
        "maintMarginPercent": plain(one.maintenance_rate * 100),
        "requiredMarginPercent": plain(Decimal(100) / one.leverage_max),
        "baseAsset": one.base,
        "quoteAsset": one.quote,
        "marginAsset": one.quote,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": _filters(one),
        "orderTypes": _TYPES,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }


def _filters(one: Contract) -> list[dict[str, object]]:
    filters = futures_filters(one.id)
    size = {"minQty": plain(filters.quantity_min), "stepSize": plain(filters.step)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(filters.tick),
            "maxPrice": "1000000",
            "tickSize": plain(filters.tick),
        },
        {"filterType": "LOT_SIZE", **size, "maxQty": plain(filters.quantity_max)},
        {"filterType": "MARKET_LOT_SIZE", **size, "maxQty": plain(filters.market_quantity_max)},
        {"filterType": "MAX_NUM_ORDERS", "limit": one.orders_limit},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
        {"filterType": "MIN_NOTIONAL", "notional": plain(filters.notional_min)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": plain(1 + one.max_deviation),
            "multiplierDown": plain(1 - one.max_deviation),
            "multiplierDecimal": "4",
        },
    ]
