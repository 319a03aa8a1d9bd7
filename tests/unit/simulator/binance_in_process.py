"""Binance's wire without a process: signed calls on a clock that tests move."""

from typing import Any, Self
from urllib.parse import urlencode

import orjson

from cerberus.simulator.binance.auth import sign
from cerberus.simulator.messages import Incoming, Outgoing
from tests.unit.simulator.in_process import KEY, SECRET, InProcess


class BinanceInProcess:
    """The same venue as `InProcess`, asked the other way; `with` closes its file."""

    def __init__(self, path: str = ":memory:", **settings: Any) -> None:
        self.gate = InProcess(path, **settings)
        self.exchange = self.gate.exchange

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.exchange.venue.store.close()

    def stamp(self) -> int:
        return int(self.gate.wall.seconds * 1000)

    def send(self, method: str, path: str, **parameters: object) -> Outgoing:
        """Send a signed call; parameters go where the real client puts them."""
        told = {"timestamp": self.stamp(), **parameters}
        text = urlencode({name: str(value) for name, value in told.items()})
        return self.send_raw(method, path, f"{text}&signature={sign(SECRET, text).decode()}")

    def send_raw(self, method: str, path: str, text: str, key: str = KEY) -> Outgoing:
        in_body = method in ("POST", "PUT")
        target = path if in_body else f"{path}?{text}"
        body = text.encode("utf-8", "surrogateescape") if in_body else b""
        return self.exchange.answer(Incoming(method, target, {"x-mbx-apikey": key}, body, "test"))

    def call(self, method: str, path: str, **parameters: object) -> Any:
        """Return the answer's body; what is not a success fails the test."""
        outgoing = self.send(method, path, **parameters)
        assert outgoing.status == 200, outgoing.body
        return orjson.loads(outgoing.body)

    def refused(self, method: str, path: str, **parameters: object) -> tuple[int, str]:
        """Return code and text of a refusal."""
        outgoing = self.send(method, path, **parameters)
        assert 400 <= outgoing.status < 500, outgoing.body
        told = orjson.loads(outgoing.body)
        return told["code"], told["msg"]

    def order(self, path: str, **fields: object) -> dict[str, object]:
        """Return the parameters of an order that is good as it stands."""
        plain: dict[str, object] = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.1",
            "price": "4400",
        }
        if path.endswith("algoOrder"):
            plain |= {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": "4600"}
        return {name: value for name, value in (plain | fields).items() if value is not None}
