"""Every route of the wire: path, handler, who may call it and which limit counts."""

from dataclasses import dataclass
from typing import Literal

from cerberus.simulator import limits
from cerberus.simulator.limits import Limit
from cerberus.simulator.wire import (
    account,
    futures_account,
    futures_market,
    futures_trading,
    futures_triggers,
    spot_market,
    spot_trading,
    spot_triggers,
)
from cerberus.simulator.wire.call import Handler

PREFIX = "/api/v4"

Access = Literal["public", "private"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `group` names a limit that several routes share."""

    method: str
    path: str
    handler: Handler
    access: Access = "private"
    limit: Limit = limits.PRIVATE
    group: str = ""
    is_placement: bool = False
    status: int = 200

    @property
    def parts(self) -> tuple[str, ...]:
        """The path in segments."""
        return tuple(self.path.strip("/").split("/"))


def _public(path: str, handler: Handler) -> Route:
    return Route("GET", path, handler, "public", limits.PUBLIC)


def _read(path: str, handler: Handler) -> Route:
    return Route("GET", path, handler)


def _place(path: str, handler: Handler) -> Route:
    is_spot = path.startswith("/spot")
    limit = limits.SPOT_PLACE if is_spot else limits.FUTURES_PLACE
    return Route("POST", path, handler, "private", limit, is_placement=True, status=201)


def _wait(path: str, handler: Handler) -> Route:
    return Route("POST", path, handler, is_placement=True, status=201)


def _cancel(path: str, handler: Handler, method: str = "DELETE") -> Route:
    is_spot = path.startswith("/spot")
    limit = limits.SPOT_CANCEL if is_spot else limits.FUTURES_CANCEL
    return Route(method, path, handler, "private", limit, f"{path.split('/')[1]} cancel")


def _change(path: str, handler: Handler) -> Route:
    return Route("POST", path, handler)


_FUTURES = "/futures/{settle}"

ROUTES = (
    _public("/spot/time", spot_market.time),
    _public("/spot/currencies", spot_market.currencies),
    _public("/spot/currencies/{currency}", spot_market.currency),
    _public("/spot/currency_pairs", spot_market.pairs),
    _public("/spot/currency_pairs/{currency_pair}", spot_market.pair),
    _public("/spot/tickers", spot_market.tickers),
    _public("/spot/order_book", spot_market.order_book),
    _public("/spot/candlesticks", spot_market.candlesticks),
    _public("/spot/trades", spot_market.trades),
    _public("/margin/currency_pairs", account.nothing),
    _public("/margin/uni/currency_pairs", account.nothing),
    _public("/delivery/{settle}/contracts", account.nothing),
    _public("/delivery/{settle}/tickers", account.nothing),
    _public("/options/underlyings", account.nothing),
    _public("/options/contracts", account.nothing),
    _public("/options/expirations", account.nothing),
    _public(f"{_FUTURES}/contracts", futures_market.contracts),
    _public(f"{_FUTURES}/contracts/{{contract}}", futures_market.contract),
    _public(f"{_FUTURES}/tickers", futures_market.tickers),
    _public(f"{_FUTURES}/order_book", futures_market.order_book),
    _public(f"{_FUTURES}/candlesticks", futures_market.candlesticks),
    _public(f"{_FUTURES}/trades", futures_market.trades),
    _public(f"{_FUTURES}/funding_rate", futures_market.funding_rates),
    _public(f"{_FUTURES}/risk_limit_tiers", futures_market.risk_limit_tiers),
    _read("/account/detail", account.detail),
    _read("/unified/unified_mode", account.unified_mode),
    _read("/unified/accounts", account.unified_accounts),
    _read("/wallet/fee", account.fee_rates),
    _read("/spot/fee", account.fee_rates),
    _read("/spot/accounts", spot_trading.accounts),
    _read("/spot/account_book", spot_trading.account_book),
    _read("/spot/open_orders", spot_trading.open_orders),
    _read("/spot/orders", spot_trading.list_orders),
    _place("/spot/orders", spot_trading.create_order),
    _cancel("/spot/orders", spot_trading.cancel_orders),
    _read("/spot/orders/{order_id}", spot_trading.get_order),
    _cancel("/spot/orders/{order_id}", spot_trading.cancel_order),
    _cancel("/spot/cancel_batch_orders", spot_trading.cancel_batch, "POST"),
    _read("/spot/my_trades", spot_trading.my_trades),
    _read("/spot/price_orders", spot_triggers.list_all),
    _wait("/spot/price_orders", spot_triggers.create),
    _cancel("/spot/price_orders", spot_triggers.cancel_all),
    _read("/spot/price_orders/{order_id}", spot_triggers.get),
    _cancel("/spot/price_orders/{order_id}", spot_triggers.cancel),
    _read(f"{_FUTURES}/accounts", futures_account.account),
    _read(f"{_FUTURES}/account_book", futures_account.account_book),
    _read(f"{_FUTURES}/positions", futures_account.positions),
    _read(f"{_FUTURES}/positions/{{contract}}", futures_account.position),
    _change(f"{_FUTURES}/positions/{{contract}}/leverage", futures_account.set_leverage),
    _change(f"{_FUTURES}/positions/{{contract}}/margin", futures_account.change_margin),
    _change(f"{_FUTURES}/dual_mode", futures_account.set_dual_mode),
    _read(f"{_FUTURES}/position_close", futures_account.closed_positions),
    _read(f"{_FUTURES}/liquidates", futures_account.liquidations),
    _read(f"{_FUTURES}/orders", futures_trading.list_orders),
    _read(f"{_FUTURES}/orders_timerange", futures_trading.list_orders_timerange),
    _place(f"{_FUTURES}/orders", futures_trading.create_order),
    _cancel(f"{_FUTURES}/orders", futures_trading.cancel_orders),
    _read(f"{_FUTURES}/orders/{{order_id}}", futures_trading.get_order),
    _cancel(f"{_FUTURES}/orders/{{order_id}}", futures_trading.cancel_order),
    _cancel(f"{_FUTURES}/batch_cancel_orders", futures_trading.cancel_batch, "POST"),
    _read(f"{_FUTURES}/my_trades", futures_trading.my_trades),
    _read(f"{_FUTURES}/my_trades_timerange", futures_trading.my_trades_timerange),
    _read(f"{_FUTURES}/price_orders", futures_triggers.list_all),
    _wait(f"{_FUTURES}/price_orders", futures_triggers.create),
    _cancel(f"{_FUTURES}/price_orders", futures_triggers.cancel_all),
    _read(f"{_FUTURES}/price_orders/{{order_id}}", futures_triggers.get),
    _cancel(f"{_FUTURES}/price_orders/{{order_id}}", futures_triggers.cancel),
)


class Table:
    """Finds a route by method and path."""

    def __init__(self, routes: tuple[Route, ...] = ROUTES) -> None:
        self._by_length: dict[int, list[Route]] = {}
        for route in routes:
            self._by_length.setdefault(len(route.parts), []).append(route)

    def match(self, method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
        """Return the route, its path parameters, and whether the path exists at all."""
        parts = tuple(path.removeprefix(PREFIX).strip("/").split("/"))
        is_known = False
        for route in self._by_length.get(len(parts), []):
            parameters = _parameters(route.parts, parts)
            if parameters is None:
                continue
            is_known = True
            if route.method == method:
                return route, parameters, True
        return None, {}, is_known


def _parameters(template: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    parameters = {}
    for expected, part in zip(template, parts, strict=True):
        if expected.startswith("{"):
            parameters[expected[1:-1]] = part
        elif expected != part:
            return None
    return parameters
