"""The ccxt clients, and what is added to them: a pace, and an expiry on each placement."""

from contextvars import ContextVar
from typing import Any

import ccxt
from ccxt.async_support.gate import gate

from cerberus.adapters.exchange.clock_skew import Resynced
from cerberus.adapters.exchange.limits import gate_costs
from cerberus.adapters.exchange.pacing import Pacing, Spender, told_wait

#: milliseconds of wall time after which the venue must refuse the placement that is being sent
placement_expiry: ContextVar[int | None] = ContextVar("placement_expiry", default=None)


class ExpiringGate(Resynced, gate):  # type: ignore[misc]  # ccxt is untyped
    """Gate.io's client, paced by endpoint; `x-gate-exptime` goes with a placement that expires."""

    def __init__(self, config: dict[str, Any], spender: Spender | None = None) -> None:
        super().__init__(config)
        self._pacing = Pacing("gate", gate_costs, str(config.get("apiKey")), spender)

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", *rest: Any) -> Any:
        """Wait for the venue's window of this endpoint, then call."""
        await self._pacing.wait(path, api, method, {}, placement_expiry.get())
        return await super().fetch2(path, api, method, *rest)

    async def fetch_ohlcv(
        self,
        symbol: str,
        timeframe: str = "1m",
        since: int | None = None,
        limit: int | None = None,
        params: dict[str, Any] | None = None,
    ) -> Any:
        """Name where a range ends: ccxt ends it at our clock, which a fast replay runs ahead of."""
        asked = dict(params or {})
        if since is not None and limit is not None:
            asked["to"] = since // 1000 + (limit - 1) * self.parse_timeframe(timeframe)
        return await super().fetch_ohlcv(symbol, timeframe, since, limit, asked)

    def handle_errors(self, code: int, reason: str, url: str, *rest: Any) -> Any:
        """Keep away when told to; the venue counts each endpoint apart."""
        if code in (418, 429):
            told = told_wait(rest[1] or {})
            seconds = self._pacing.cool_off(told, everything=code == 418)
            limited = ccxt.RateLimitExceeded(f"{self.id} {code} {rest[2]}")
            limited.retry_after_seconds = seconds
            raise limited
        return super().handle_errors(code, reason, url, *rest)

    def sign(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        """Add the expiry to the signed request; the signature does not cover headers."""
        request: dict[str, Any] = super().sign(*arguments, **named)
        expiry = placement_expiry.get()
        if expiry is not None and request["method"] == "POST":
            request["headers"]["x-gate-exptime"] = str(expiry)
        return request


def open_gate(
    key: str,
    secret: str,
    *,
    url: str | None,
    timeout_seconds: float,
    testnet: bool = False,
    spender: Spender | None = None,
) -> ExpiringGate:
    """Return a client for Gate.io, its test network, or the simulator behind `url`."""
    client = ExpiringGate(
        {
            "apiKey": key,
            "secret": secret,
            "timeout": int(timeout_seconds * 1000),
            # ccxt's own pace is one for all endpoints; the venue counts each apart
            "enableRateLimit": False,
            "options": {"fetchMarkets": {"types": ["spot", "swap"]}},
        },
        spender,
    )
    client.number = str  # prices and sizes as the venue wrote them
    if testnet:
        client.set_sandbox_mode(True)
    if url is not None:
        client.urls["api"] = redirected(client.urls["api"], url)
    return client


def redirected(urls: Any, base: str) -> Any:
    """Return ccxt's table of URLs with another host, every path kept."""
    if isinstance(urls, dict):
        return {name: redirected(url, base) for name, url in urls.items()}
    return base + "/" + urls.split("://", 1)[1].partition("/")[2]
