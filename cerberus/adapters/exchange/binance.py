"""Binance's ccxt client, spot and USDT-margined futures, brought to what the adapter asks for."""

from contextlib import suppress
from typing import Any, cast

import ccxt
from ccxt.async_support.binance import binance

from cerberus.adapters.exchange.binance_answers import (
    cool_off_seconds,
    is_refusal,
    is_stop,
    refusal_of,
    with_placed_order,
)
from cerberus.adapters.exchange.clients import placement_expiry, redirected
from cerberus.adapters.exchange.clock_skew import Resynced
from cerberus.adapters.exchange.limits import binance_costs
from cerberus.adapters.exchange.pacing import Pacing, Spender

Raw = dict[str, Any]

#: the longest that the venue lets a request be valid
RECV_WINDOW_MAX_MS = 60_000
#: futures take no other small depth
_DEPTH = 5
_CONDITIONAL = ("stop", "trigger", "conditional")


class PacedBinance(Resynced, binance):  # type: ignore[misc]  # ccxt is untyped
    """Paced by weight; asks by client id, lists what is over, tells leverage and wallets.

    ccxt's own methods differ here from those of its Gate.io client in what they leave out; each
    override says what.
    """

    def __init__(self, config: Raw, spender: Spender | None = None) -> None:
        super().__init__(config)
        self._pacing = Pacing("binance", binance_costs, str(config.get("apiKey")), spender)

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", *rest: Any) -> Any:
        """Wait for the venue's weights, then call; a placement is valid as long as it may be."""
        parameters: Raw = rest[0] if rest else {}
        await self._pacing.wait(path, api, method, parameters, placement_expiry.get())
        if method == "POST" and path == "order":
            parameters = parameters | self._validity()
        return await super().fetch2(path, api, method, parameters, *rest[1:])

    def get_exceptions_by_url(self, url: str | None, exactOrBroad: str) -> Raw:
        """Choose the table of errors by path: ccxt goes by host, which a redirection changes."""
        table = "linear" if url is not None and "/fapi/" in url else "spot"
        return cast(Raw, self.exceptions[table].get(exactOrBroad, {}))

    def handle_errors(self, code: int, reason: str, url: str, *rest: Any) -> Any:
        """Raise what was refused as such, and keep away when told to."""
        headers, body, response = rest[1], rest[2], rest[3]
        if code in (418, 429):
            seconds = cool_off_seconds(headers or {})
            self._pacing.cool_off(seconds, everything=True)
            limited = ccxt.DDoSProtection(f"{self.id} {code} {body}")
            limited.retry_after_seconds = seconds
            raise limited
        refusal = refusal_of(code, response, f"{self.id} {body}")
        if refusal is not None:
            raise refusal
        try:
            return super().handle_errors(code, reason, url, *rest)
        except ccxt.ExchangeError as error:
            if type(error) is ccxt.ExchangeError and is_refusal(code, response):
                raise ccxt.OperationRejected(str(error)) from error
            raise

    async def load_markets(self, reload: bool = False, params: Raw | None = None) -> Any:
        """Add the contracts' leverage and maintenance rate, which another route tells."""
        is_known = bool(self.markets) and not reload
        markets = await super().load_markets(reload, params or {})
        swaps = {market["id"]: market for market in markets.values() if market["swap"]}
        if is_known or not swaps:
            return markets
        for told in await self.fapiPrivateGetLeverageBracket():
            market = swaps.get(told["symbol"])
            if market is not None:
                first = told["brackets"][0]
                market["limits"]["leverage"]["max"] = str(first["initialLeverage"])
                market["info"]["maintenance_rate"] = str(first["maintMarginRatio"])
        return markets

    async def fetch_order_book(
        self, symbol: str, limit: int | None = None, params: Raw | None = None
    ) -> Any:
        """Ask for a depth that futures know."""
        return await super().fetch_order_book(symbol, max(limit or 0, _DEPTH), params or {})

    async def fetch_balance(self, params: Raw | None = None) -> Any:
        """Tell wallets without the profit that is not realised, which ccxt counts into `total`."""
        asked = params or {}
        if asked.get("type") != "swap":
            return await super().fetch_balance(asked)
        if not self._has_swaps():
            return {"total": {}}
        balance = await super().fetch_balance(asked)
        for asset in balance["info"]["assets"]:
            if asset["asset"] in balance["total"]:
                balance["total"][asset["asset"]] = asset["walletBalance"]
        return balance

    async def fetch_positions(self, symbols: Any = None, params: Raw | None = None) -> Any:
        """Add the leverage, which the venue no longer tells along with a position."""
        if not self._has_swaps():
            return []
        positions = await super().fetch_positions(symbols, params or {})
        leverages = await self.fetch_leverages() if positions else {}
        for position in positions:
            position["leverage"] = leverages[position["symbol"]]["longLeverage"]
            position["info"]["margin"] = position["info"]["isolatedWallet"]
        return positions

    async def fetch_position(self, symbol: str, params: Raw | None = None) -> Any:
        """Tell leverage and margin mode of a contract, whether a position is open or not."""
        told = await self.fetch_leverage(symbol, params or {})
        return {"symbol": symbol, "leverage": told["longLeverage"], **told}

    async def set_leverage(
        self, leverage: int, symbol: str | None = None, params: Raw | None = None
    ) -> Any:
        """Set the margin mode as well when it is named; Gate.io does both in one call."""
        rest = dict(params or {})
        mode = rest.pop("marginMode", None)
        if mode is not None:
            with suppress(ccxt.MarginModeAlreadySet):
                await self.set_margin_mode(mode, symbol)
        return await super().set_leverage(leverage, symbol, rest)

    async def create_order(
        self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Any = None
    ) -> Any:
        """Leave out the time in force of a market order that waits for a price."""
        asked = dict(params or {})
        if type == "market":
            asked.pop("timeInForce", None)
        return await super().create_order(symbol, type, side, amount, price, asked)

    async def fetch_order(
        self, id: str, symbol: str | None = None, params: Raw | None = None
    ) -> Any:
        """Ask by client id when the id is one."""
        return await super().fetch_order(id, symbol, _named(id, params))

    async def cancel_order(
        self, id: str, symbol: str | None = None, params: Raw | None = None
    ) -> Any:
        """Cancel by client id when the id is one."""
        return await super().cancel_order(id, symbol, _named(id, params))

    async def fetch_open_orders(
        self, symbol: str | None = None, since: Any = None, limit: Any = None, params: Any = None
    ) -> Any:
        """List triggers apart from orders; on spot the venue has them in one list."""
        asked = _unpaged(params)
        if asked.get("type") == "swap" and not self._has_swaps():
            return []
        found = await super().fetch_open_orders(symbol, since, limit, asked)
        return self._of_kind(found, symbol, asked)

    async def fetch_closed_orders(
        self, symbol: str | None = None, since: Any = None, limit: Any = None, params: Any = None
    ) -> Any:
        """List everything that is over, what was cancelled or expired too."""
        asked = params or {}
        found = await self.fetch_orders(symbol, since, None, asked)
        over = [order for order in found if order["status"] != "open"]
        kept = self._of_kind(over, symbol, asked)
        return kept[-limit:] if limit else kept

    async def fetch_my_trades(
        self, symbol: str | None = None, since: Any = None, limit: Any = None, params: Any = None
    ) -> Any:
        """Name the order as the venue does."""
        asked = _unpaged(params)
        named = [asked.pop(name) for name in ("order", "order_id") if name in asked]
        if named:
            asked["orderId"] = named[0]
        return await super().fetch_my_trades(symbol, since, limit, asked)

    async def fetch_funding_history(
        self, symbol: str | None = None, since: Any = None, limit: Any = None, params: Any = None
    ) -> Any:
        """Turn an offset into the venue's page."""
        asked = dict(params or {})
        offset = int(asked.pop("offset", 0))
        if offset and limit:
            asked["page"] = offset // limit + 1
        return await super().fetch_funding_history(symbol, since, limit, asked)

    def parse_order(self, order: Raw, market: Any = None) -> Any:
        """Name the order that a trigger has placed where the adapter looks for it."""
        return with_placed_order(super().parse_order(order, market))

    def _of_kind(self, found: list[Raw], symbol: str | None, asked: Raw) -> list[Raw]:
        is_spot = asked.get("type") == "spot" if symbol is None else ":" not in symbol
        if not is_spot:
            return found
        wants_stops = any(asked.get(name) for name in _CONDITIONAL)
        return [order for order in found if is_stop(order) is wants_stops]

    def _has_swaps(self) -> bool:
        return any(market["swap"] for market in (self.markets or {}).values())

    def _validity(self) -> Raw:
        expiry = placement_expiry.get()
        if expiry is None:
            return {}
        left = expiry - int(self.milliseconds())
        if left <= 0:
            raise ccxt.OperationRejected(f"{self.id} the placement expired {-left} ms ago")
        return {"recvWindow": min(left, RECV_WINDOW_MAX_MS)}


def open_binance(
    key: str,
    secret: str,
    *,
    url: str | None,
    timeout_seconds: float,
    testnet: bool = False,
    spot_only: bool = False,
    spender: Spender | None = None,
) -> PacedBinance:
    """Return a client for Binance, its test networks, or the simulator behind `url`.

    The test network of spot is the spot testnet, which has no futures; with futures it is demo
    trading, which has both behind one key.
    """
    client = PacedBinance(
        {
            "apiKey": key,
            "secret": secret,
            "timeout": int(timeout_seconds * 1000),
            # ccxt's own pace knows nothing of other calls' weights in the last minute
            "enableRateLimit": False,
            "options": {
                "fetchMarkets": {"types": ["spot"] if spot_only else ["spot", "linear"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
                "fetchOpenOrders": {"warnWithoutSymbol": False},
            },
        },
        spender,
    )
    client.number = str  # prices and sizes as the venue wrote them
    if testnet and spot_only:
        client.set_sandbox_mode(True)
    elif testnet:
        client.enable_demo_trading(True)
    if url is not None:
        client.urls["api"] = redirected(client.urls["api"], url)
    return client


def _unpaged(params: Raw | None) -> Raw:
    """Return the parameters without a page: the venue gives all at once, and knows no such one."""
    return {name: value for name, value in (params or {}).items() if name not in ("offset", "page")}


def _named(name: str, params: Raw | None) -> Raw:
    """Return the parameters with the client id, when the name is one of ours."""
    is_ours = not name.isdecimal()
    return {**(params or {}), **({"clientOrderId": name} if is_ours else {})}
