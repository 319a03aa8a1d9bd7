"""A venue without a process: one call in, one answer out, on a clock that tests move."""

import hashlib
import hmac
from decimal import Decimal
from typing import Any, Self
from urllib.parse import unquote_plus

import orjson

from cerberus.settings import SimulatorSettings
from cerberus.simulator.auth import Credentials
from cerberus.simulator.build import build_venue
from cerberus.simulator.control import Control
from cerberus.simulator.exchange import Exchange
from cerberus.simulator.messages import Incoming, Outgoing

#: a Sunday noon, on the grid of 15 minutes
START_SECONDS = 1_790_510_400
KEY, SECRET = "key", "secret"


class Wall:
    """A clock that stands still until it is moved."""

    def __init__(self, seconds: float = START_SECONDS) -> None:
        self.seconds = float(seconds)

    def __call__(self) -> float:
        return self.seconds


class InProcess:
    """An exchange and its controls, called directly; `with` closes its file."""

    def __init__(self, path: str = ":memory:", wall: Wall | None = None, **settings: Any) -> None:
        self.wall = wall or Wall()
        chosen = SimulatorSettings(control=True, **settings)
        venue = build_venue(chosen, path, int(self.wall.seconds * 1000))
        self.exchange = Exchange(venue, Credentials(KEY, SECRET), self.wall)
        self.control = Control(self.exchange, is_enabled=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.exchange.venue.store.close()

    def send(self, method: str, path: str, query: str = "", body: bytes = b"") -> Outgoing:
        stamp = str(int(self.wall.seconds))
        digest = hashlib.sha512(body).hexdigest()
        text = "\n".join((method, path, unquote_plus(query), digest, stamp))
        sign = hmac.new(
            SECRET.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha512
        ).hexdigest()
        headers = {"key": KEY, "timestamp": stamp, "sign": sign}
        target = f"{path}?{query}" if query else path
        incoming = Incoming(method, target, headers, body, "test")
        if path.startswith("/sim/"):
            return self.control.answer(incoming)
        return self.exchange.answer(incoming)

    def call(self, method: str, path: str, query: str = "", body: object = None) -> Any:
        """Return the answer's body; what is not a success fails the test."""
        sent = b"" if body is None else orjson.dumps(body)
        outgoing = self.send(method, path, query, sent)
        assert outgoing.status < 300, outgoing.body
        return orjson.loads(outgoing.body)

    def refused(self, method: str, path: str, query: str = "", body: object = None) -> str:
        """Return the label of a refusal."""
        sent = b"" if body is None else orjson.dumps(body)
        outgoing = self.send(method, path, query, sent)
        assert 400 <= outgoing.status < 500, outgoing.body
        return str(orjson.loads(outgoing.body)["label"])

    def futures_order(self, size: int, **fields: object) -> Any:
        body = {"contract": "BTC_USDT", "size": size, "price": "0", "tif": "ioc"} | fields
        return self.call("POST", "/api/v4/futures/usdt/orders", body=body)

    def spot_order(self, side: str, amount: str, **fields: object) -> Any:
        body = {"currency_pair": "BTC_USDT", "side": side, "amount": amount} | fields
        return self.call("POST", "/api/v4/spot/orders", body=body)

    def move(self, price: str, asset: str = "BTC", hold_seconds: int = 86_400) -> None:
        body = {"asset": asset, "price": price, "hold_seconds": hold_seconds}
        self.call("POST", "/sim/price", body=body)

    def position(self) -> Any:
        return self.call("GET", "/api/v4/futures/usdt/positions/BTC_USDT")

    def account(self) -> Any:
        return self.call("GET", "/api/v4/futures/usdt/accounts")

    def total(self) -> Decimal:
        return Decimal(self.account()["total"])
