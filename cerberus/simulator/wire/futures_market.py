"""Public futures routes: contracts, tickers, book, candles, trades, funding."""

from decimal import Decimal

from cerberus.simulator.markets import FUNDING_INTERVAL_SECONDS, Contract
from cerberus.simulator.refusals import invalid
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.history import Candle, candles, day, recent_points
from cerberus.simulator.wire.values import integer_of, plain, rounded, text_of

SETTLES = ("usdt", "btc")


def is_served(call: Call) -> bool:
    """Whether the settle currency has contracts; `btc` is known and empty."""
    settle = call.path["settle"]
    if settle not in SETTLES:
        raise invalid("settle", settle)
    return settle == "usdt"


def contracts(venue: Venue, call: Call) -> object:
    """List the contracts."""
    if not is_served(call):
        return []
    return [_contract(venue, one) for one in venue.markets.futures.values()]


def contract(venue: Venue, call: Call) -> object:
    """Describe one contract."""
    name = call.path["contract"] if is_served(call) else None
    return _contract(venue, venue.contract(name))


def tickers(venue: Venue, call: Call) -> object:
    """Return the last day of one contract, or of all."""
    if not is_served(call):
        return []
    name = text_of(call.query, "contract", "")
    chosen = [venue.contract(name)] if name else list(venue.markets.futures.values())
    return [_ticker(venue, one) for one in chosen]


def order_book(venue: Venue, call: Call) -> object:
    """Return the book around the last price, sizes in contracts."""
    one = _of_query(venue, call)
    limit = integer_of(call.query, "limit", 10, 1, 300)
    book = venue.futures_book(one)
    point = venue.feed.last(one.base, venue.now_ms)
    sides = {
        name: [{"p": plain(level.price), "s": size(call, level.quantity)} for level in side[:limit]]
        for name, side in (("asks", book.asks), ("bids", book.bids))
    }
    answer = {"current": venue.now_ms / 1000, "update": point.ms / 1000, **sides}
    if str(call.query.get("with_id")).lower() == "true":
        answer["id"] = point.ms
    return answer


def candlesticks(venue: Venue, call: Call) -> object:
    """Return candles, oldest first, the open one included; mark and index equal the last price."""
    name = text_of(call.query, "contract").removeprefix("mark_").removeprefix("index_")
    one = venue.contract(name if is_served(call) else None)
    rows = candles(venue, one.base, call.query, limit_max=2000)
    return [_candle_row(call, one, row) for row in rows]


def trades(venue: Venue, call: Call) -> object:
    """Return the latest prices as trades."""
    one = _of_query(venue, call)
    limit = integer_of(call.query, "limit", 100, 1, 1000)
    return [
        {
            "id": print_.ms // 1000,
            "create_time": print_.ms / 1000,
            "create_time_ms": print_.ms / 1000,
            "contract": one.id,
            "size": size(
                call,
                (print_.quantity / one.multiplier).to_integral_value()
                * (1 if print_.side == "buy" else -1),
            ),
            "price": plain(print_.price),
        }
        for print_ in recent_points(venue, one.base, limit)
    ]


def funding_rates(venue: Venue, call: Call) -> object:
    """List the funding rates that were applied, newest first."""
    one = _of_query(venue, call)
    limit = integer_of(call.query, "limit", 100, 1, 1000)
    now = venue.now_ms // 1000
    newest = now - now % FUNDING_INTERVAL_SECONDS
    moments = [newest - n * FUNDING_INTERVAL_SECONDS for n in range(limit)]
    return [
        {"t": moment, "r": plain(venue.markets.funding_rate(one.id, moment - 1))}
        for moment in moments
        if moment * 1000 >= venue.feed.start_ms
    ]


def risk_limit_tiers(venue: Venue, call: Call) -> object:
    """Return the only tier of each contract."""
    if not is_served(call):
        return []
    name = text_of(call.query, "contract", "")
    chosen = [venue.contract(name)] if name else list(venue.markets.futures.values())
    return [
        {
            "contract": one.id,
            "tier": 1,
            "risk_limit": plain(one.risk_limit),
            "initial_rate": rounded(1 / one.leverage_max),
            "maintenance_rate": plain(one.maintenance_rate),
            "leverage_max": plain(one.leverage_max),
            "deduction": "0",
        }
        for one in chosen
    ]


def size(call: Call, value: Decimal) -> int | str:
    """Write a number of contracts, as text when the client asks for it."""
    return plain(value) if call.wants_text_sizes else int(value)


def _of_query(venue: Venue, call: Call) -> Contract:
    return venue.contract(call.query.get("contract") if is_served(call) else None)


def _candle_row(call: Call, one: Contract, candle: Candle) -> dict[str, object]:
    bar = candle.bar
    contracts_ = (bar.volume / one.multiplier).to_integral_value()
    typical = (bar.open + bar.high + bar.low + bar.close) / 4
    return {
        "t": candle.start,
        "v": size(call, contracts_),
        "c": plain(bar.close),
        "h": plain(bar.high),
        "l": plain(bar.low),
        "o": plain(bar.open),
        "sum": rounded(bar.volume * typical),
    }


def _contract(venue: Venue, one: Contract) -> dict[str, object]:
    risk_limit = plain(one.risk_limit)
    return {
        "name": one.id,
        "type": "direct",
        "status": "trading",
        "quanto_multiplier": plain(one.multiplier),
        "leverage_min": plain(one.leverage_min),
        "leverage_max": plain(one.leverage_max),
        "cross_leverage_default": plain(one.leverage_default),
        "maintenance_rate": plain(one.maintenance_rate),
        "maker_fee_rate": plain(one.maker_rate),
        "taker_fee_rate": plain(one.taker_rate),
        "order_price_round": plain(one.price_tick),
        "mark_price_round": plain(one.price_tick),
        "risk_limit_base": risk_limit,
        "risk_limit_step": risk_limit,
        "risk_limit_max": risk_limit,
        "order_size_min": int(one.size_min),
        "order_size_max": int(one.size_max),
        "order_price_deviate": plain(one.max_deviation),
        "orders_limit": one.orders_limit,
        "ref_discount_rate": "0",
        "ref_rebate_rate": "0",
        "in_delisting": False,
        "enable_bonus": False,
        "enable_credit": False,
        "enable_decimal": False,
        "funding_cap_ratio": "0.75",
        **_present(venue, one),
    }


def _present(venue: Venue, one: Contract) -> dict[str, object]:
    last = plain(venue.last(one.base))
    now = venue.now_ms // 1000
    rate = plain(venue.markets.funding_rate(one.id, now))
    return {
        "mark_type": "index",
        "mark_price": last,
        "index_price": last,
        "last_price": last,
        "funding_rate": rate,
        "funding_rate_indicative": rate,
        "funding_interval": FUNDING_INTERVAL_SECONDS,
        "funding_next_apply": now // FUNDING_INTERVAL_SECONDS * FUNDING_INTERVAL_SECONDS
        + FUNDING_INTERVAL_SECONDS,
        "orderbook_id": venue.now_ms,
        "trade_id": now,
        "trade_size": 0,
        "position_size": 0,
        "config_change_time": venue.feed.start_ms // 1000,
        "create_time": venue.feed.start_ms // 1000,
    }


def _ticker(venue: Venue, one: Contract) -> dict[str, object]:
    book = venue.futures_book(one)
    past = day(venue, one.base)
    last = plain(venue.last(one.base))
    turnover = rounded(past.volume * past.close)
    rate = plain(venue.markets.funding_rate(one.id, venue.now_ms // 1000))
    return {
        "contract": one.id,
        "last": last,
        "mark_price": last,
        "index_price": last,
        "low_24h": plain(past.low),
        "high_24h": plain(past.high),
        "change_percentage": rounded((past.close / past.open - 1) * 100, 4),
        "total_size": "0",
        "volume_24h": plain((past.volume / one.multiplier).to_integral_value()),
        "volume_24h_base": rounded(past.volume),
        "volume_24h_quote": turnover,
        "volume_24h_settle": turnover,
        "funding_rate": rate,
        "funding_rate_indicative": rate,
        "quanto_base_rate": "",
        "lowest_ask": plain(book.asks[0].price),
        "lowest_size": plain(book.asks[0].quantity),
        "highest_bid": plain(book.bids[0].price),
        "highest_size": plain(book.bids[0].quantity),
    }
