"""Every route of the wire: path, handler, who may call it and what it weighs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cerberus.simulator.binance import (
    futures_account,
    futures_algo,
    futures_market,
    futures_settings,
    futures_trading,
    spot_account,
    spot_market,
    spot_trading,
)
from cerberus.simulator.binance.call import Call, Handler
from cerberus.simulator.entities import FUTURES, SPOT, Account

Access = Literal["public", "signed", "key"]
Weight = Callable[[Call], int]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `Weight` depends on what is asked."""

    handler: Handler
    access: Access
    account: Account
    weight: Weight
    is_placement: bool = False


def _flat(weight: int) -> Weight:
    return lambda _: weight


def _by_symbol(one: int, every: int) -> Weight:
    return lambda call: one if call.get("symbol") else every


def _by_limit(default: int, *steps: tuple[int, int]) -> Weight:
    def weigh(call: Call) -> int:
        text = call.get("limit")
        limit = int(text) if text.isdecimal() and len(text) < 9 else default
        return next((weight for most, weight in steps if limit <= most), steps[-1][1])

    return weigh


def _my_trades(call: Call) -> int:
    return 5 if call.get("orderId") else 20


def _public(account: Account, handler: Handler, weight: Weight) -> Route:
    return Route(handler, "public", account, weight)


def _signed(account: Account, handler: Handler, weight: int | Weight) -> Route:
    return Route(handler, "signed", account, _flat(weight) if isinstance(weight, int) else weight)


_SPOT_DEPTH = _by_limit(100, (100, 5), (500, 25), (1000, 50), (5000, 250))
_FUTURES_DEPTH = _by_limit(500, (50, 2), (100, 5), (500, 10), (1000, 20))
_FUTURES_KLINES = _by_limit(500, (99, 1), (499, 2), (1000, 5), (1500, 10))
_PLACE_SPOT = Route(spot_trading.create_order, "signed", SPOT, _flat(1), is_placement=True)
_PLACE = Route(futures_trading.create_order, "signed", FUTURES, _flat(0), is_placement=True)
_PLACE_ALGO = Route(futures_algo.create, "signed", FUTURES, _flat(0), is_placement=True)


def _with_key(handler: Handler) -> Route:
    return Route(handler, "key", FUTURES, _flat(1))


_SPOT_ROUTES = {
    "GET /api/v3/ping": _public(SPOT, spot_market.ping, _flat(1)),
    "GET /api/v3/time": _public(SPOT, spot_market.time, _flat(1)),
    "GET /api/v3/exchangeInfo": _public(SPOT, spot_market.exchange_info, _flat(20)),
    "GET /api/v3/depth": _public(SPOT, spot_market.depth, _SPOT_DEPTH),
    "GET /api/v3/trades": _public(SPOT, spot_market.trades, _flat(25)),
    "GET /api/v3/aggTrades": _public(SPOT, spot_market.merged_trades, _flat(4)),
    "GET /api/v3/klines": _public(SPOT, spot_market.klines, _flat(2)),
    "GET /api/v3/ticker/24hr": _public(SPOT, spot_market.ticker_day, _by_symbol(2, 80)),
    "GET /api/v3/ticker/price": _public(SPOT, spot_market.ticker_price, _by_symbol(2, 4)),
    "GET /api/v3/ticker/bookTicker": _public(SPOT, spot_market.ticker_book, _by_symbol(2, 4)),
    "GET /api/v3/account": _signed(SPOT, spot_account.account, 20),
    "POST /api/v3/order": _PLACE_SPOT,
    "POST /api/v3/order/test": _signed(SPOT, spot_trading.test_order, 1),
    "GET /api/v3/order": _signed(SPOT, spot_trading.get_order, 4),
    "DELETE /api/v3/order": _signed(SPOT, spot_trading.cancel_order, 1),
    "GET /api/v3/openOrders": _signed(SPOT, spot_trading.open_orders, _by_symbol(6, 80)),
    "DELETE /api/v3/openOrders": _signed(SPOT, spot_trading.cancel_all, 1),
    "GET /api/v3/allOrders": _signed(SPOT, spot_trading.all_orders, 20),
    "GET /api/v3/myTrades": _signed(SPOT, spot_trading.my_trades, _my_trades),
    "GET /dapi/v1/exchangeInfo": _public(SPOT, spot_account.no_symbols, _flat(1)),
    "GET /sapi/v1/system/status": _public(SPOT, spot_account.system_status, _flat(1)),
    "GET /sapi/v1/capital/config/getall": _signed(SPOT, spot_account.coins, 10),
    "GET /sapi/v1/margin/allPairs": _signed(SPOT, spot_account.nothing, 1),
    "GET /sapi/v1/margin/isolated/allPairs": _signed(SPOT, spot_account.nothing, 10),
}
_FUTURES_ROUTES = {
    "GET /fapi/v1/ping": _public(FUTURES, spot_market.ping, _flat(1)),
    "GET /fapi/v1/time": _public(FUTURES, spot_market.time, _flat(1)),
    "GET /fapi/v1/exchangeInfo": _public(FUTURES, futures_market.exchange_info, _flat(1)),
    "GET /fapi/v1/depth": _public(FUTURES, futures_market.depth, _FUTURES_DEPTH),
    "GET /fapi/v1/trades": _public(FUTURES, futures_market.trades, _flat(5)),
    "GET /fapi/v1/aggTrades": _public(FUTURES, futures_market.merged_trades, _flat(20)),
    "GET /fapi/v1/klines": _public(FUTURES, futures_market.klines, _FUTURES_KLINES),
    "GET /fapi/v1/markPriceKlines": _public(FUTURES, futures_market.klines, _FUTURES_KLINES),
    "GET /fapi/v1/indexPriceKlines": _public(FUTURES, futures_market.klines, _FUTURES_KLINES),
    "GET /fapi/v1/ticker/24hr": _public(FUTURES, futures_market.ticker_day, _by_symbol(1, 40)),
    "GET /fapi/v1/ticker/price": _public(FUTURES, futures_market.ticker_price, _by_symbol(1, 2)),
    "GET /fapi/v2/ticker/price": _public(FUTURES, futures_market.ticker_price, _by_symbol(1, 2)),
    "GET /fapi/v1/ticker/bookTicker": _public(
        FUTURES, futures_market.ticker_book, _by_symbol(2, 5)
    ),
    "GET /fapi/v1/premiumIndex": _public(FUTURES, futures_market.premium_index, _by_symbol(1, 10)),
    "GET /fapi/v1/fundingRate": _public(FUTURES, futures_market.funding_rates, _flat(0)),
    "GET /fapi/v1/fundingInfo": _public(FUTURES, spot_account.nothing, _flat(0)),
    "GET /fapi/v2/account": _signed(FUTURES, futures_account.account, 5),
    "GET /fapi/v3/account": _signed(FUTURES, futures_account.account, 5),
    "GET /fapi/v2/balance": _signed(FUTURES, futures_account.balances, 5),
    "GET /fapi/v3/balance": _signed(FUTURES, futures_account.balances, 5),
    "GET /fapi/v2/positionRisk": _signed(FUTURES, futures_account.position_risk, 5),
    "GET /fapi/v3/positionRisk": _signed(FUTURES, futures_account.position_risk, 5),
    "GET /fapi/v1/leverageBracket": _signed(FUTURES, futures_settings.leverage_brackets, 1),
    "GET /fapi/v1/symbolConfig": _signed(FUTURES, futures_settings.symbol_config, 5),
    "GET /fapi/v1/commissionRate": _signed(FUTURES, futures_settings.commission_rate, 20),
    "POST /fapi/v1/leverage": _signed(FUTURES, futures_settings.set_leverage, 1),
    "POST /fapi/v1/marginType": _signed(FUTURES, futures_settings.set_margin_type, 1),
    "POST /fapi/v1/positionMargin": _signed(FUTURES, futures_account.change_margin, 1),
    "GET /fapi/v1/positionSide/dual": _signed(FUTURES, futures_settings.position_mode, 30),
    "POST /fapi/v1/positionSide/dual": _signed(FUTURES, futures_settings.set_position_mode, 1),
    "POST /fapi/v1/listenKey": _with_key(futures_settings.open_listen_key),
    "PUT /fapi/v1/listenKey": _with_key(futures_settings.keep_listen_key),
    "DELETE /fapi/v1/listenKey": _with_key(futures_settings.close_listen_key),
    "GET /fapi/v1/income": _signed(FUTURES, futures_account.income, 30),
    "POST /fapi/v1/order": _PLACE,
    "GET /fapi/v1/order": _signed(FUTURES, futures_trading.get_order, 1),
    "DELETE /fapi/v1/order": _signed(FUTURES, futures_trading.cancel_order, 1),
    "GET /fapi/v1/openOrder": _signed(FUTURES, futures_trading.get_open_order, 1),
    "GET /fapi/v1/openOrders": _signed(FUTURES, futures_trading.open_orders, _by_symbol(1, 40)),
    "DELETE /fapi/v1/allOpenOrders": _signed(FUTURES, futures_trading.cancel_all, 1),
    "GET /fapi/v1/allOrders": _signed(FUTURES, futures_trading.all_orders, 5),
    "GET /fapi/v1/userTrades": _signed(FUTURES, futures_trading.user_trades, 5),
    "POST /fapi/v1/algoOrder": _PLACE_ALGO,
    "GET /fapi/v1/algoOrder": _signed(FUTURES, futures_algo.get, 1),
    "DELETE /fapi/v1/algoOrder": _signed(FUTURES, futures_algo.cancel, 1),
    "GET /fapi/v1/openAlgoOrders": _signed(FUTURES, futures_algo.open_orders, _by_symbol(1, 40)),
    "DELETE /fapi/v1/algoOpenOrders": _signed(FUTURES, futures_algo.cancel_all, 1),
    "GET /fapi/v1/allAlgoOrders": _signed(FUTURES, futures_algo.all_orders, 5),
}

#: by method and path
ROUTES = _SPOT_ROUTES | _FUTURES_ROUTES
PATHS = frozenset(key.partition(" ")[2] for key in ROUTES)
