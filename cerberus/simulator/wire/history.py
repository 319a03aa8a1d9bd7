"""Past prices, shared by spot and futures: candles, the last day, the latest trades."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.matching import Bar
from cerberus.simulator.candles import INTERVAL_SECONDS
from cerberus.simulator.clock import MINUTE_MS
from cerberus.simulator.feed import STEP_MS
from cerberus.simulator.refusals import Refused
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.values import choice_of, integer_of

_FAR = 1 << 40
_POINTS_BACK = 10_000


@dataclass(frozen=True, slots=True)
class Candle:
    """A candle at its place in time; `start` is in seconds."""

    start: int
    bar: Bar
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Print:
    """A public trade."""

    ms: int
    price: Decimal
    quantity: Decimal
    side: str


def candles(venue: Venue, asset: str, query: Mapping[str, object], limit_max: int) -> list[Candle]:
    """Return the candles that a query asks for: the latest, or those of a range."""
    name = choice_of(query, "interval", tuple(INTERVAL_SECONDS), "30m")
    seconds = INTERVAL_SECONDS[name]
    starts = _starts(query, seconds, venue.now_ms // 1000, limit_max)
    found = []
    for start in starts:
        bar = venue.candles.at(asset, start, seconds, venue.now_ms)
        if bar is not None:
            found.append(Candle(start, bar, (start + seconds) * 1000 <= venue.now_ms))
    return found


def day(venue: Venue, asset: str) -> Bar:
    """Return the last 24 hours as one bar, less when there is less history."""
    minute = venue.now_ms // MINUTE_MS
    start = (minute - 24 * 60 + 1) * 60
    bar = venue.candles.at(asset, start, 86_400, venue.now_ms)
    return bar or venue.feed.minute(asset, minute, venue.now_ms)


def recent_points(venue: Venue, asset: str, limit: int) -> list[Print]:
    """Return the latest prices as trades, newest first."""
    prints: list[Print] = []
    moment = venue.now_ms - venue.now_ms % STEP_MS
    while len(prints) < limit and moment - STEP_MS >= venue.feed.start_ms:
        price = venue.feed.last(asset, moment).price
        before = venue.feed.last(asset, moment - STEP_MS).price
        volume = venue.feed.base_bar(asset, moment // MINUTE_MS).volume / 4
        prints.append(Print(moment, price, volume, "buy" if price >= before else "sell"))
        moment -= STEP_MS
    return prints


def _starts(query: Mapping[str, object], seconds: int, now: int, limit_max: int) -> range:
    has_range = query.get("from") is not None or query.get("to") is not None
    if has_range and query.get("limit") is not None:
        message = "limit conflicts with from and to"
        raise Refused("INVALID_PARAM_VALUE", message)
    limit = integer_of(query, "limit", 100, 1, limit_max)
    last = integer_of(query, "to", now, 0, _FAR)
    last = min(last, now) // seconds * seconds
    first = integer_of(query, "from", last - (limit - 1) * seconds, -_FAR, _FAR)
    first = -(-first // seconds) * seconds
    if first < now - _POINTS_BACK * seconds:
        message = f"Candlestick too long ago. Maximum {_POINTS_BACK} points ago are allowed"
        raise Refused("INVALID_PARAM_VALUE", message)
    if (last - first) // seconds >= limit_max:
        message = f"Too many points, the maximum is {limit_max}"
        raise Refused("INVALID_PARAM_VALUE", message)
    return range(first, last + 1, seconds)
