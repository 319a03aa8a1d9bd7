"""Past and present prices, alike on both APIs: candles, the last day, the book, trades."""

from collections.abc import Mapping
from decimal import Decimal

from cerberus.domain.matching import Bar, Level
from cerberus.simulator.binance.call import Call, fixed
from cerberus.simulator.binance.failures import Failed
from cerberus.simulator.binance.listing import FAR
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.history import day, recent_points
from cerberus.simulator.wire.values import plain

INTERVALS = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14_400,
    "6h": 21_600,
    "8h": 28_800,
    "12h": 43_200,
    "1d": 86_400,
}


def klines(venue: Venue, asset: str, call: Call, limit_max: int) -> list[list[object]]:
    """Return candles, oldest first: the newest, or those of a range."""
    seconds = INTERVALS.get(call.required("interval"))
    if seconds is None:
        raise Failed(-1120, "Invalid interval.")
    limit = min(call.integer("limit", 500, 1, 1 << 30), limit_max)
    now = venue.now_ms // 1000
    last = min(call.integer("endTime", FAR) // 1000, now) // seconds * seconds
    first = last - (limit - 1) * seconds
    if call.get("startTime"):
        begin = -(-call.integer("startTime", 0) // (seconds * 1000)) * seconds
        # what lies before the data needs no search
        begin = max(begin, venue.feed.start_ms // 1000 // seconds * seconds)
        first, last = begin, min(last, begin + (limit - 1) * seconds)
    rows = []
    for start in range(first, last + 1, seconds):
        bar = venue.candles.at(asset, start, seconds, venue.now_ms)
        if bar is not None:
            rows.append(_row(start, seconds, bar))
    return rows


def ticker(venue: Venue, asset: str, symbol: str) -> dict[str, object]:
    """Return the last day of a symbol."""
    past = day(venue, asset)
    mean = (past.open + past.high + past.low + past.close) / 4
    return {
        "symbol": symbol,
        "priceChange": plain(past.close - past.open),
        "priceChangePercent": fixed((past.close / past.open - 1) * 100, 3),
        "weightedAvgPrice": fixed(mean),
        "lastPrice": plain(venue.last(asset)),
        "lastQty": "0",
        "openPrice": plain(past.open),
        "highPrice": plain(past.high),
        "lowPrice": plain(past.low),
        "volume": fixed(past.volume),
        "quoteVolume": fixed(past.volume * mean),
        "openTime": venue.now_ms - 86_400_000,
        "closeTime": venue.now_ms,
        "firstId": 0,
        "lastId": venue.now_ms // 15_000,
        "count": 5760,
    }


def book_top(best: Mapping[str, Level], symbol: str) -> dict[str, object]:
    """Return the best prices of a symbol."""
    return {
        "symbol": symbol,
        "bidPrice": plain(best["bid"].price),
        "bidQty": fixed(best["bid"].quantity),
        "askPrice": plain(best["ask"].price),
        "askQty": fixed(best["ask"].quantity),
    }


def levels(side: tuple[Level, ...], limit: int, size: Decimal = Decimal(1)) -> list[list[str]]:
    """Return one side of a book, its quantities in base units."""
    return [[plain(level.price), plain(level.quantity * size)] for level in side[:limit]]


def trades(venue: Venue, asset: str, limit: int) -> list[dict[str, object]]:
    """Return the latest prices as trades, oldest first."""
    return [
        {
            "id": one.ms // 15_000,
            "price": plain(one.price),
            "qty": fixed(one.quantity),
            "quoteQty": fixed(one.quantity * one.price),
            "time": one.ms,
            "isBuyerMaker": one.side == "sell",
            "isBestMatch": True,
        }
        for one in reversed(recent_points(venue, asset, limit))
    ]


def merged_trades(venue: Venue, asset: str, limit: int) -> list[dict[str, object]]:
    """Return the latest prices as aggregate trades, oldest first."""
    return [
        {
            "a": one.ms // 15_000,
            "p": plain(one.price),
            "q": fixed(one.quantity),
            "f": one.ms // 15_000,
            "l": one.ms // 15_000,
            "T": one.ms,
            "m": one.side == "sell",
            "M": True,
        }
        for one in reversed(recent_points(venue, asset, limit))
    ]


def _row(start: int, seconds: int, bar: Bar) -> list[object]:
    mean = (bar.open + bar.high + bar.low + bar.close) / 4
    turnover = bar.volume * mean
    prices = [plain(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    return [
        start * 1000,
        *prices,
        fixed(bar.volume),
        (start + seconds) * 1000 - 1,
        fixed(turnover),
        seconds // 15,
        fixed(bar.volume / 2),
        fixed(turnover / 2),
        "0",
    ]
