"""Gate.io's wire: one request in, one committed answer out."""

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

import orjson

from cerberus.simulator.auth import Credentials, Signed, check_expiry
from cerberus.simulator.core import Core
from cerberus.simulator.limits import Limit, RateLimits
from cerberus.simulator.messages import Incoming, Outgoing, clean
from cerberus.simulator.refusals import Refused
from cerberus.simulator.routes import Route, Table
from cerberus.simulator.wire.call import Call

_log = logging.getLogger(__name__)


class GateWire:
    """Answers API v4."""

    def __init__(self, core: Core, credentials: Credentials) -> None:
        self._core = core
        self._credentials = credentials
        self._limits = RateLimits()
        self._table = Table()

    def forget_limits(self) -> None:
        """Count from nothing again."""
        self._limits = RateLimits()

    def answer(self, incoming: Incoming) -> Outgoing:
        """Answer one request of the venue's own wire."""
        headers: dict[str, str] = {}
        try:
            return self._answer(incoming, headers)
        except Refused as refusal:
            return _failure(refusal, headers)
        except Exception:
            # the edge of the process: the state is as before the request, the log says why
            _log.exception("request failed: %s %s", incoming.method, incoming.target[:200])
            return _failure(Refused("INTERNAL", "Internal server error", 500), headers)

    def _answer(self, incoming: Incoming, headers: dict[str, str]) -> Outgoing:
        route, parameters = self._route(incoming.method, incoming.path)
        body = _parse_body(incoming.body)
        self._count(route, incoming, body, headers)
        if route.access == "private":
            signed = Signed(incoming.method, incoming.path, incoming.raw_query, incoming.body)
            self._credentials.check(signed, incoming.headers, self._core.wall())
        if route.is_placement:
            check_expiry(incoming.headers, self._core.wall_ms())
        if body is _MALFORMED:
            raise Refused("INVALID_REQUEST_BODY", "Invalid request body")
        call = Call(
            path={name: unquote(clean(value)) for name, value in parameters.items()},
            query=dict(parse_qsl(clean(incoming.raw_query), keep_blank_values=True)),
            body=body,
            headers=incoming.headers,
            wall_ms=self._core.wall_ms(),
        )
        self._core.catch_up()
        payload = self._core.change(lambda venue: route.handler(venue, call))
        return Outgoing(route.status, orjson.dumps(payload), headers)

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        route, parameters, is_known = self._table.match(method, path)
        if route is not None:
            return route, parameters
        if is_known:
            raise Refused("METHOD_NOT_ALLOWED", f"Method {method[:10]} is not allowed", 405)
        raise Refused("NOT_FOUND", "Request URL does not exist", 404)

    def _count(
        self, route: Route, incoming: Incoming, body: object, headers: dict[str, str]
    ) -> None:
        group = route.group or f"{route.method} {route.path}"
        owner = incoming.headers.get("key", "") if route.access == "private" else incoming.peer
        limit: Limit = route.limit
        market = _market_of(body) if route.is_placement and route.path == "/spot/orders" else ""
        allowance = self._limits.take(f"{group} {owner[:80]} {market}", limit, self._core.wall())
        headers.update(allowance.headers)
        if not allowance.is_allowed:
            raise Refused("TOO_MANY_REQUESTS", "Request Rate limit Exceeded", 429)


_MALFORMED = object()


def _parse_body(body: bytes) -> object:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _MALFORMED


def _market_of(body: object) -> str:
    # spot placements are counted per user and market
    return str(body.get("currency_pair"))[:40] if isinstance(body, dict) else ""


def _failure(refusal: Refused, headers: Mapping[str, str]) -> Outgoing:
    message = clean(refusal.message)
    body = orjson.dumps({"label": refusal.label, "message": message})
    return Outgoing(refusal.status, body, headers)
