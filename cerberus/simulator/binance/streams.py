"""User-data streams: listen keys for futures, signed subscriptions for spot."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from cerberus.simulator.auth import Credentials
from cerberus.simulator.binance.auth import check_key, check_time, sign
from cerberus.simulator.binance.events import Event, events_of
from cerberus.simulator.binance.failures import Failed
from cerberus.simulator.binance.listen_key import ListenKey
from cerberus.simulator.core import Core
from cerberus.simulator.entities import FUTURES, SPOT, Account
from cerberus.simulator.store import AnyRecord

_log = logging.getLogger(__name__)

#: a client that does not read is cut off after so many events
_BACKLOG = 10_000

_SUBSCRIBE = "userDataStream.subscribe.signature"


@dataclass(slots=True, eq=False)
class Subscription:
    """One stream: what it has still to send; None ends it."""

    account: Account
    #: the number under which a spot connection knows it, None on futures
    number: int | None = None
    waiting: "asyncio.Queue[bytes | None]" = field(
        default_factory=lambda: asyncio.Queue(maxsize=_BACKLOG)
    )

    def push(self, event: Event) -> None:
        """Hold an event ready, or end the stream of who does not read."""
        wrapped = event if self.number is None else _wrapped(self.number, event)
        try:
            self.waiting.put_nowait(orjson.dumps(wrapped))
        except asyncio.QueueFull:
            _log.warning("a user-data stream was not read and is ended")
            self.waiting.get_nowait()
            self.waiting.put_nowait(None)


class Streams:
    """Tells every stream of an account what each commit has changed."""

    def __init__(self, core: Core, credentials: Credentials) -> None:
        self.key = ListenKey()
        self._core = core
        self._credentials = credentials
        self._open: set[Subscription] = set()
        core.listeners.append(self._tell)

    @property
    def open_count(self) -> int:
        """How many streams are being told."""
        return len(self._open)

    def listen(self, key: str) -> Subscription | None:
        """Open a futures stream, None when the key is not good."""
        if not self.key.is_valid(key, self._core.wall_ms()):
            return None
        return self._add(Subscription(FUTURES))

    def ask(self, message: Mapping[str, object]) -> tuple[Subscription | None, Event]:
        """Answer one request of spot's websocket API."""
        told: Event = {"id": message.get("id"), "status": 200}
        method, fields = message.get("method"), message.get("params")
        if method == "ping":
            return None, told | {"result": {}}
        if method == "time":
            return None, told | {"result": {"serverTime": self._core.wall_ms()}}
        try:
            if method != _SUBSCRIBE or not isinstance(fields, dict):
                raise Failed(-1000, "Method is not supported.")
            self._check(fields)
        except Failed as failure:
            error = {"code": failure.code, "msg": failure.message}
            return None, told | {"status": failure.status, "error": error}
        return self._add(Subscription(SPOT, 0)), told | {"result": {"subscriptionId": 0}}

    def end(self, subscription: Subscription) -> None:
        """Forget a stream whose connection is closed."""
        self._open.discard(subscription)

    def _add(self, subscription: Subscription) -> Subscription:
        self._open.add(subscription)
        return subscription

    def _check(self, fields: dict[str, object]) -> None:
        told = {name: str(value) for name, value in fields.items()}
        check_key(self._credentials, {"x-mbx-apikey": told.get("apiKey", "")})
        check_time(told, self._core.wall_ms())
        rest = sorted(f"{name}={value}" for name, value in told.items() if name != "signature")
        if sign(self._credentials.secret, "&".join(rest)).decode() != told.get("signature"):
            raise Failed(-1022, "Signature for this request is not valid.")

    def _tell(self, records: tuple[AnyRecord, ...]) -> None:
        if not self._open:
            return
        for account, event in events_of(self._core.venue, records):
            for subscription in self._open:
                if subscription.account == account:
                    subscription.push(event)


def _wrapped(number: int, event: Event) -> Event:
    return {"subscriptionId": number, "event": event}
