"""The simulator's own routes below `/sim`: health, clock, status, and the controls of tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from cerberus.simulator.call_log import CallLog
from cerberus.simulator.clock import MINUTE_MS
from cerberus.simulator.codec import encode
from cerberus.simulator.engine import react
from cerberus.simulator.entities import FUTURES, SPOT, Account, Order, Trigger
from cerberus.simulator.exchange import Exchange
from cerberus.simulator.faults import Faults, parse_fault
from cerberus.simulator.fee_coin import UNLISTED
from cerberus.simulator.feed import Hold
from cerberus.simulator.messages import Incoming, Outgoing
from cerberus.simulator.refusals import Refused, invalid
from cerberus.simulator.store import Search
from cerberus.simulator.venue import Venue
from cerberus.simulator.wire.call import Call
from cerberus.simulator.wire.values import choice_of, decimal_of, integer_of, plain, positive

PREFIX = "/sim/"
_QUANTUM = Decimal("0.01")
_ALL = 1_000_000


class Control:
    """Answers `/sim` requests; what changes anything is refused unless tests are allowed to."""

    def __init__(self, exchange: Exchange, is_enabled: bool) -> None:
        self.faults = Faults()
        self._calls = CallLog()
        self._exchange = exchange
        self._is_enabled = is_enabled
        self._open: dict[tuple[str, str], Callable[[], object]] = {
            ("GET", "/sim/health"): lambda: {"status": "ok"},
            ("GET", "/sim/clock"): self._clock,
            ("GET", "/sim/status"): self._status,
        }
        self._guarded: dict[tuple[str, str], Callable[[Call], object]] = {
            ("GET", "/sim/orders"): self._orders,
            ("GET", "/sim/calls"): lambda _: {"calls": self._calls.told()},
            ("DELETE", "/sim/calls"): self._clear_calls,
            ("POST", "/sim/price"): self._price,
            ("POST", "/sim/fault"): self._fault,
            ("DELETE", "/sim/fault"): self._clear_faults,
            ("DELETE", "/sim/limits"): self._clear_limits,
            ("POST", "/sim/deposit"): self._deposit,
            ("POST", "/sim/fee"): self._fee,
        }

    def note(self, incoming: Incoming) -> None:
        """Remember that the venue was called, where tests may ask for it."""
        if self._is_enabled:
            self._calls.note(self._exchange.wall_ms(), incoming)

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request."""
        try:
            return Outgoing(200, orjson.dumps(self._answer(incoming)))
        except Refused as refusal:
            body = {"label": refusal.label, "message": refusal.message}
            return Outgoing(refusal.status, orjson.dumps(body))

    def _answer(self, incoming: Incoming) -> object:
        key = (incoming.method, incoming.target.partition("?")[0])
        if key in self._open:
            return self._open[key]()
        if key not in self._guarded:
            raise Refused("NOT_FOUND", "no such control", 404)
        if not self._is_enabled:
            message = "controls are off, they need CERBERUS_SIMULATOR_CONTROL=true"
            raise Refused("FORBIDDEN", message, 403)
        try:
            body = orjson.loads(incoming.body) if incoming.body else {}
        except orjson.JSONDecodeError as error:
            raise Refused("INVALID_REQUEST_BODY", "Invalid request body") from error
        return self._guarded[key](Call({}, {}, body, incoming.headers))

    def _clock(self) -> object:
        exchange = self._exchange
        wall_ms = exchange.wall_ms()
        anchor = exchange.venue.anchor
        market_ms = anchor.market_time(wall_ms)
        return {
            "market_time": _iso(market_ms),
            "wall_time": _iso(wall_ms),
            "market_time_ms": market_ms,
            "wall_time_ms": wall_ms,
            "speed": float(anchor.speed),
            "anchor_market_time_ms": anchor.market_ms,
            "anchor_wall_time_ms": anchor.wall_ms,
        }

    def _status(self) -> object:
        self._exchange.catch_up()
        venue = self._exchange.venue
        feed, now_ms = venue.feed, venue.now_ms
        return {
            "feed": "replay",
            "dataset": venue.anchor.dataset,
            "first_bar_time": _iso(feed.start_ms),
            "market_time": _iso(now_ms),
            "bar": feed.data_index(now_ms),
            "repetition": feed.repetition(now_ms),
            "is_scaled": feed.repetition(now_ms) > 0,
            "speed": float(venue.anchor.speed),
            "perpetuals": "replay the spot series; contract terms and funding rates are a table",
            "prices": {asset: plain(venue.last(asset)) for asset in feed.assets},
            "open_orders": len(venue.state.orders),
            "open_triggers": len(venue.state.triggers),
            "user_streams": self._exchange.streams.open_count,
            "controls": self._is_enabled,
        }

    def _price(self, call: Call) -> object:
        self._exchange.catch_up()
        asset = choice_of(call.fields, "asset", self._exchange.venue.feed.assets, None)
        price = positive(call.fields, "price")
        if price % _QUANTUM:
            raise invalid("price", price)
        seconds = integer_of(call.fields, "hold_seconds", 0, 0, 86_400)

        def move(venue: Venue) -> None:
            until_ms = venue.now_ms + seconds * 1000
            hold = Hold(asset, venue.now_ms, until_ms, price)
            venue.feed.hold(hold)
            for moment in range(venue.now_ms, until_ms + MINUTE_MS, MINUTE_MS):
                venue.candles.forget(asset, moment)
            venue.state.note("holds", encode(venue.feed.holds()).decode())
            react(venue, asset)

        self._exchange.change(move)
        return {"asset": asset, "price": plain(price)}

    def _fault(self, call: Call) -> object:
        self.faults.add(parse_fault(call.fields))
        return {"ordered": True}

    def _clear_faults(self, _: Call) -> object:
        self.faults.clear()
        return {"cleared": True}

    def _clear_calls(self, _: Call) -> object:
        self._calls.clear()
        return {"cleared": True}

    def _clear_limits(self, _: Call) -> object:
        self._exchange.forget_limits()
        return {"cleared": True}

    def _orders(self, _: Call) -> object:
        self._exchange.catch_up()
        store = self._exchange.venue.store
        orders = store.find(Order, Search(limit=_ALL))
        triggers = store.find(Trigger, Search(limit=_ALL))
        return {
            "orders": [_plain_record(one) for one in orders],
            "triggers": [_plain_record(one) for one in triggers],
        }

    def _deposit(self, call: Call) -> object:
        self._exchange.catch_up()
        account = _account(call)
        known = (*self._exchange.venue.markets.currencies(), *UNLISTED)
        currency = choice_of(call.fields, "currency", known, "USDT")
        amount = decimal_of(call.fields, "amount")

        def pay(venue: Venue) -> None:
            if venue.state.balance(account, currency) + amount < 0:
                raise invalid("amount", amount)
            venue.state.book(account, currency, amount, "dnw", "", "test")

        self._exchange.change(pay)
        return {"account": account, "currency": currency, "amount": plain(amount)}

    def _fee(self, call: Call) -> object:
        venue, account = self._exchange.venue, _account(call)
        coin = choice_of(call.fields, "currency", ("own", *venue.feed.assets, *UNLISTED), "own")
        venue.fee_coins[account] = "" if coin == "own" else coin
        return {"account": account, "currency": coin}


def _account(call: Call) -> Account:
    name = choice_of(call.fields, "account", (SPOT, FUTURES), None)
    return SPOT if name == SPOT else FUTURES


def _iso(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds")


def _plain_record(record: Order | Trigger) -> object:
    return orjson.loads(encode(record))
