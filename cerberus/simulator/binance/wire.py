"""Binance's wire: one request in, one committed answer out."""

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson

from cerberus.simulator.auth import Credentials
from cerberus.simulator.binance.auth import check_key, check_signature
from cerberus.simulator.binance.call import Call
from cerberus.simulator.binance.failures import Failed, failure_of
from cerberus.simulator.binance.routes import PATHS, ROUTES, Route
from cerberus.simulator.binance.streams import Streams
from cerberus.simulator.binance.weights import Weights
from cerberus.simulator.core import Core
from cerberus.simulator.entities import FUTURES, SPOT
from cerberus.simulator.messages import Incoming, Outgoing, clean
from cerberus.simulator.refusals import Refused

_log = logging.getLogger(__name__)

#: what tells this wire's requests from the other's
PREFIXES = ("/api/v3/", "/fapi/", "/sapi/", "/dapi/")


class BinanceWire:
    """Answers spot REST v3 and USDT-margined futures."""

    def __init__(self, core: Core, credentials: Credentials) -> None:
        self._core = core
        self._credentials = credentials
        self.streams = Streams(core, credentials)
        self._weights = {SPOT: Weights(SPOT), FUTURES: Weights(FUTURES)}

    def forget_limits(self) -> None:
        """Count from nothing again."""
        self._weights = {SPOT: Weights(SPOT), FUTURES: Weights(FUTURES)}

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request."""
        headers: dict[str, str] = {}
        try:
            return self._answer(incoming, headers)
        except Failed as failure:
            return _failure(failure, headers)
        except Exception:
            # the edge of the process: the state is as before the request, the log says why
            _log.exception("request failed: %s %s", incoming.method, incoming.path[:200])
            text = "Internal error; unable to process your request. Please try again."
            return _failure(Failed(-1001, text, 500), headers)

    def _answer(self, incoming: Incoming, headers: dict[str, str]) -> Outgoing:
        route = _route(incoming)
        call = Call(_parameters(incoming), self._core.wall_ms(), self.streams.key)
        weights, now = self._weights[route.account], self._core.wall()
        weights.take(incoming.peer, route.weight(call), now, headers)
        if route.access == "signed":
            check_signature(self._credentials, incoming, call.parameters, self._core.wall_ms())
        elif route.access == "key":
            check_key(self._credentials, incoming.headers)
        if route.is_placement:
            weights.take_order(now, headers)
        self._core.catch_up()
        try:
            payload = self._core.change(lambda venue: route.handler(venue, call))
        except Refused as refusal:
            raise failure_of(refusal, route.account) from refusal
        return Outgoing(200, orjson.dumps(payload), headers)


def _route(incoming: Incoming) -> Route:
    route = ROUTES.get(f"{incoming.method} {incoming.path}")
    if route is None and incoming.path in PATHS:
        raise Failed(-1000, "Method is not supported.", 405)
    if route is None:
        raise Failed(-5000, f"Path {clean(incoming.path)[:200]}, Method is invalid", 404)
    return route


def _parameters(incoming: Incoming) -> dict[str, str]:
    """Return the parameters of query and body; one that is sent twice is refused."""
    body = incoming.body.decode("utf-8", "replace")
    pairs = parse_qsl(clean(incoming.raw_query), keep_blank_values=True)
    pairs += parse_qsl(body, keep_blank_values=True)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Failed(-1101, "Duplicate values for a parameter detected.")
    return found


def _failure(failure: Failed, headers: Mapping[str, str]) -> Outgoing:
    told = dict(headers)
    if failure.retry_after is not None:
        told["Retry-After"] = str(failure.retry_after)
    body = orjson.dumps({"code": failure.code, "msg": clean(failure.message)})
    return Outgoing(failure.status, body, told)
