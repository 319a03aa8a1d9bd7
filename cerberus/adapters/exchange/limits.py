"""The venues' request limits as tables: what each call costs of which budget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cerberus.adapters.exchange.binance_weights import (
    ORDERS_PER_10_SECONDS,
    WEIGHT_PER_MINUTE,
    Parameters,
    api_of,
    is_order,
    weight_of,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call costs of one of the venue's limits, counted by key or by address."""

    name: str
    limit: int
    seconds: float
    weight: int = 1
    by_key: bool = True


#: what the calls of a venue cost, by path, section, method and parameters
Table = Callable[[str, Sequence[str], str, Parameters], Sequence[Cost]]

#: Gate.io: of all that places and cancels no order together, as the user's documents give it; the
#: venue itself counts each endpoint alone, and orders by the second
_GATE_TOTAL = (300, 10.0)
#: Gate.io API v4, "Rate limits": requests and seconds for each endpoint of a group
_GATE_PLACE_SPOT = (10, 1.0)
_GATE_PLACE_SWAP = (100, 1.0)
_GATE_CANCEL = (200, 1.0)
_GATE_OTHER = (200, 10.0)

#: Binance futures count new orders by the minute too
_BINANCE_ORDERS_PER_MINUTE = {"futures": 1200}

#: Bybit: of all endpoints together, as the user's documents give it
_BYBIT_TOTAL = (120, 60.0)
#: Bybit v5, "Rate Limit Rules": of an address, then of an account by path and second
_BYBIT_ADDRESS = (600, 5.0)
_BYBIT_SECOND = {
    "v5/order/create": 10,
    "v5/order/amend": 10,
    "v5/order/cancel": 10,
    "v5/order/cancel-all": 10,
    "v5/position/set-leverage": 10,
    "v5/position/trading-stop": 10,
    "v5/order/realtime": 50,
    "v5/order/history": 50,
    "v5/execution/list": 50,
    "v5/position/list": 50,
    "v5/account/wallet-balance": 50,
}


def gate_costs(
    path: str, api: Sequence[str], method: str, parameters: Parameters
) -> Sequence[Cost]:
    """Return one request of its endpoint and, but for orders, one of all."""
    del parameters  # Gate.io counts requests, whatever they ask for
    by_key = "private" in api
    requests, seconds = _gate_endpoint(path, api, method)
    endpoint = Cost(f"{method} {'/'.join(api)}/{path}", requests, seconds, by_key=by_key)
    if by_key and path.partition("/{order_id}")[0].endswith("orders") and method != "GET":
        return (endpoint,)
    return (endpoint, Cost("all", *_GATE_TOTAL, by_key=by_key))


def binance_costs(
    path: str, api: Sequence[str], method: str, parameters: Parameters
) -> Sequence[Cost]:
    """Return the weight by address, and for a new order the orders by account."""
    part = api_of(api)
    weight = weight_of(path, api, method, parameters)
    limit = WEIGHT_PER_MINUTE[part]
    found = [Cost(f"{part} weight", limit, 60.0, weight, by_key=False)] if weight else []
    if is_order(path, method):
        found.append(Cost(f"{part} orders 10 s", ORDERS_PER_10_SECONDS[part], 10.0))
        if part in _BINANCE_ORDERS_PER_MINUTE:
            found.append(Cost(f"{part} orders 60 s", _BINANCE_ORDERS_PER_MINUTE[part], 60.0))
    return found


def bybit_costs(
    path: str, api: Sequence[str], method: str, parameters: Parameters
) -> Sequence[Cost]:
    """Return one request of the address, one of the account, and one of its path."""
    del method, parameters  # Bybit counts requests, by path
    found = [Cost("address", *_BYBIT_ADDRESS, by_key=False)]
    found.append(Cost("all", *_BYBIT_TOTAL, by_key="private" in api))
    if path in _BYBIT_SECOND:
        found.append(Cost(path, _BYBIT_SECOND[path], 1.0))
    return found


def _gate_endpoint(path: str, api: Sequence[str], method: str) -> tuple[int, float]:
    # price-triggered orders, `price_orders`, count among the others
    trades = f"/{path}".endswith(("/orders", "/orders/{order_id}"))
    if method == "DELETE" and trades:
        return _GATE_CANCEL
    if method == "POST" and trades:
        return _GATE_PLACE_SPOT if "spot" in api else _GATE_PLACE_SWAP
    return _GATE_OTHER
