"""Public spot routes: time, symbols, prices, book, candles, trades."""

from cerberus.simulator.binance import history
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.failures import bad_symbol
from cerberus.simulator.binance.symbols import (
    OPEN_MAX,
    STOPS_MAX,
    pair_of,
    spot_filters,
    symbol_of,
)
from cerberus.simulator.binance.weights import ORDER_LIMIT, WEIGHT_LIMIT
from cerberus.simulator.entities import SPOT
from cerberus.simulator.markets import SpotMarket
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import plain

_TYPES = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]


def ping(_: Venue, __: Call) -> object:
    """Answer."""
    return {}


def time(_: Venue, call: Call) -> object:
    """Return wall time, against which timestamps are checked."""
    return {"serverTime": call.wall_ms}


def exchange_info(venue: Venue, call: Call) -> object:
    """List the symbols with their filters, and the limits."""
    return {
        "timezone": "UTC",
        "serverTime": call.wall_ms,
        "rateLimits": [
            _limit("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_LIMIT[SPOT]),
            _limit("ORDERS", "SECOND", 10, ORDER_LIMIT[SPOT]),
        ],
        "exchangeFilters": [],
        "symbols": [_symbol(pair) for pair in _chosen(venue, call)],
    }


def depth(venue: Venue, call: Call) -> object:
    """Return the book around the last price."""
    pair = pair_of(venue, call.required("symbol"))
    limit = call.integer("limit", 100, 1, 5000)
    book = venue.spot_book(pair)
    return {
        "lastUpdateId": venue.feed.last(pair.base, venue.now_ms).ms,
        "bids": history.levels(book.bids, limit),
        "asks": history.levels(book.asks, limit),
    }


def klines(venue: Venue, call: Call) -> object:
    """Return candles, the open one included."""
    pair = pair_of(venue, call.required("symbol"))
    return history.klines(venue, pair.base, call, 1000)


def trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as trades."""
    pair = pair_of(venue, call.required("symbol"))
    return history.trades(venue, pair.base, call.integer("limit", 500, 1, 1000))


def merged_trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as aggregate trades."""
    pair = pair_of(venue, call.required("symbol"))
    return history.merged_trades(venue, pair.base, call.integer("limit", 500, 1, 1000))


def ticker_day(venue: Venue, call: Call) -> object:
    """Return the last day of one symbol, or of all."""
    return _one_or_all(call, [_day(venue, pair) for pair in _chosen(venue, call)])


def ticker_price(venue: Venue, call: Call) -> object:
    """Return the last price of one symbol, or of all."""
    found: list[dict[str, object]] = [
        {"symbol": symbol_of(pair.id), "price": fixed(venue.last(pair.base))}
        for pair in _chosen(venue, call)
    ]
    return _one_or_all(call, found)


def ticker_book(venue: Venue, call: Call) -> object:
    """Return the best prices of one symbol, or of all."""
    return _one_or_all(call, [_top(venue, pair) for pair in _chosen(venue, call)])


def _one_or_all(call: Call, found: list[dict[str, object]]) -> object:
    return found[0] if call.get("symbol") else found


def _chosen(venue: Venue, call: Call) -> list[SpotMarket]:
    name = call.get("symbol")
    if call.get("symbols"):
        names = call.get("symbols").strip("[]").replace('"', "").split(",")
        return [pair_of(venue, one) for one in names]
    if name:
        return [pair_of(venue, name)]
    if "symbol" in call.parameters:
        raise bad_symbol()
    return list(venue.markets.spot.values())


def _top(venue: Venue, pair: SpotMarket) -> dict[str, object]:
    book = venue.spot_book(pair)
    return history.book_top({"bid": book.bids[0], "ask": book.asks[0]}, symbol_of(pair.id))


def _day(venue: Venue, pair: SpotMarket) -> dict[str, object]:
    return history.ticker(venue, pair.base, symbol_of(pair.id)) | _top(venue, pair)


def _limit(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }


def _symbol(pair: SpotMarket) -> dict[str, object]:
    return {
        "symbol": symbol_of(pair.id),
        "status": "TRADING",
        "baseAsset": pair.base,
        "baseAssetPrecision": 8,
        "quoteAsset": pair.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": _TYPES,
        "icebergAllowed": False,
        "ocoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(pair),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _filters(pair: SpotMarket) -> list[dict[str, object]]:
    filters = spot_filters(pair.id)
    up, down = plain(1 + pair.max_deviation), plain(1 - pair.max_deviation)
    size = {"minQty": fixed(filters.quantity_min), "stepSize": fixed(filters.step)}
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": fixed(filters.tick),
            "maxPrice": "1000000.00000000",
            "tickSize": fixed(filters.tick),
        },
        {"filterType": "LOT_SIZE", **size, "maxQty": fixed(filters.quantity_max)},
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": fixed(filters.market_quantity_max),
            "stepSize": "0.00000000",
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": up,
            "bidMultiplierDown": down,
            "askMultiplierUp": up,
            "askMultiplierDown": down,
            "avgPriceMins": 0,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": fixed(filters.notional_min),
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 0,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": OPEN_MAX},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": STOPS_MAX},
    ]
