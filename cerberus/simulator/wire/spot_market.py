"""Public spot routes: time, currencies, pairs, tickers, book, candles, trades."""

from decimal import Decimal

from cerberus.domain.matching import Bar
from cerberus.simulator.markets import SpotMarket
from cerberus.simulator.refusals import Refused
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.history import Candle, candles, day, recent_points
from cerberus.simulator.wire.values import integer_of, plain, rounded, text_of

#: any other coin is a token on Ethereum
_CHAINS = {"BTC": "BTC"}


def time(_: Venue, call: Call) -> object:
    """Return wall time, against which signatures and expiry times are checked."""
    return {"server_time": call.wall_ms}


def currencies(venue: Venue, _: Call) -> object:
    """List what may be held."""
    return [_currency(code, name) for code, name in sorted(venue.markets.currencies().items())]


def currency(venue: Venue, call: Call) -> object:
    """Describe one currency."""
    code = call.path["currency"].upper()
    names = venue.markets.currencies()
    if code not in names:
        raise Refused("INVALID_CURRENCY", f"Invalid currency {code[:40]}")
    return _currency(code, names[code])


def pairs(venue: Venue, _: Call) -> object:
    """List the currency pairs."""
    return [_pair(pair) for pair in venue.markets.spot.values()]


def pair(venue: Venue, call: Call) -> object:
    """Describe one currency pair."""
    return _pair(venue.pair(call.path["currency_pair"]))


def tickers(venue: Venue, call: Call) -> object:
    """Return the last day of one pair, or of all."""
    name = text_of(call.query, "currency_pair", "")
    chosen = [venue.pair(name)] if name else list(venue.markets.spot.values())
    return [_ticker(venue, one) for one in chosen]


def order_book(venue: Venue, call: Call) -> object:
    """Return the book around the last price."""
    one = venue.pair(call.query.get("currency_pair"))
    limit = integer_of(call.query, "limit", 10, 1, 1000)
    book = venue.spot_book(one)
    point = venue.feed.last(one.base, venue.now_ms)
    answer: dict[str, object] = {
        "current": venue.now_ms,
        "update": point.ms,
        "asks": [[plain(level.price), plain(level.quantity)] for level in book.asks[:limit]],
        "bids": [[plain(level.price), plain(level.quantity)] for level in book.bids[:limit]],
    }
    if str(call.query.get("with_id")).lower() == "true":
        answer["id"] = point.ms
    return answer


def candlesticks(venue: Venue, call: Call) -> object:
    """Return candles, oldest first, the open one included."""
    one = venue.pair(call.query.get("currency_pair"))
    rows = candles(venue, one.base, call.query, limit_max=1000)
    return [_candle_row(row) for row in rows]


def trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as trades; each holds a quarter of its minute's volume."""
    one = venue.pair(call.query.get("currency_pair"))
    limit = integer_of(call.query, "limit", 100, 1, 1000)
    return [
        {
            "id": str(print_.ms // 1000),
            "create_time": str(print_.ms // 1000),
            "create_time_ms": f"{print_.ms}.000000",
            "currency_pair": one.id,
            "side": print_.side,
            "amount": rounded(print_.quantity),
            "price": plain(print_.price),
            "sequence_id": str(print_.ms // 15_000),
        }
        for print_ in recent_points(venue, one.base, limit)
    ]


def _candle_row(candle: Candle) -> list[str]:
    bar = candle.bar
    prices = [plain(price) for price in (bar.close, bar.high, bar.low, bar.open)]
    closed = "true" if candle.is_closed else "false"
    return [str(candle.start), rounded(_turnover(bar)), *prices, rounded(bar.volume), closed]


def _turnover(bar: Bar) -> Decimal:
    return bar.volume * (bar.open + bar.high + bar.low + bar.close) / 4


def _currency(code: str, name: str) -> dict[str, object]:
    flags = {
        "withdraw_disabled": True,
        "withdraw_delayed": False,
        "deposit_disabled": True,
    }
    chain = {"name": _CHAINS.get(code, "ETH"), "addr": "", **flags}
    return {
        "currency": code,
        "name": name,
        "delisted": False,
        "trade_disabled": False,
        "fixed_rate": "",
        "chain": _CHAINS.get(code, "ETH"),
        "chains": [chain],
        **flags,
    }


def _pair(one: SpotMarket) -> dict[str, object]:
    return {
        "id": one.id,
        "base": one.base,
        "base_name": one.base_name,
        "quote": one.quote,
        "quote_name": one.quote_name,
        "fee": plain(one.taker_rate * 100),
        "min_base_amount": plain(one.min_base),
        "min_quote_amount": plain(one.min_quote),
        "max_quote_amount": "5000000",
        "amount_precision": _places(one.amount_step),
        "precision": _places(one.price_tick),
        "trade_status": "tradable",
        "sell_start": 0,
        "buy_start": 0,
        "type": "normal",
    }


def _places(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _ticker(venue: Venue, one: SpotMarket) -> dict[str, object]:
    book = venue.spot_book(one)
    past = day(venue, one.base)
    return {
        "currency_pair": one.id,
        "last": plain(venue.last(one.base)),
        "lowest_ask": plain(book.asks[0].price),
        "lowest_size": plain(book.asks[0].quantity),
        "highest_bid": plain(book.bids[0].price),
        "highest_size": plain(book.bids[0].quantity),
        "change_percentage": rounded((past.close / past.open - 1) * 100, 4),
        "base_volume": rounded(past.volume),
        "quote_volume": rounded(_turnover(past)),
        "high_24h": plain(past.high),
        "low_24h": plain(past.low),
    }
