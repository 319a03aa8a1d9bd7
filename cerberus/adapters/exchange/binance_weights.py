"""What Binance counts for each call: weight per minute and address, orders per 10 seconds."""

from collections.abc import Callable, Mapping, Sequence

Parameters = Mapping[str, object]
Weight = Callable[[Parameters], int]

#: weight per minute: what the user's documents give; the venue allows 6000 on spot, 2400 on futures
WEIGHT_PER_MINUTE = {"spot": 1200, "futures": 1200}
#: new orders in 10 seconds
ORDERS_PER_10_SECONDS = {"spot": 100, "futures": 300}


def _flat(weight: int) -> Weight:
    return lambda _: weight


def _by_symbol(one: int, every: int) -> Weight:
    return lambda parameters: one if parameters.get("symbol") else every


def _by_limit(default: int, *steps: tuple[int, int]) -> Weight:
    def weigh(parameters: Parameters) -> int:
        limit = int(str(parameters.get("limit") or default))
        return next((weight for most, weight in steps if limit <= most), steps[-1][1])

    return weigh


def _my_trades(parameters: Parameters) -> int:
    return 5 if parameters.get("orderId") else 20


_SPOT: dict[str, Weight] = {
    "GET exchangeInfo": _flat(20),
    "GET depth": _by_limit(100, (100, 5), (500, 25), (1000, 50), (5000, 250)),
    "GET klines": _flat(2),
    "GET ticker/24hr": _by_symbol(2, 80),
    "GET ticker/price": _by_symbol(2, 4),
    "GET ticker/bookTicker": _by_symbol(2, 4),
    "GET account": _flat(20),
    "GET order": _flat(4),
    "GET openOrders": _by_symbol(6, 80),
    "GET allOrders": _flat(20),
    "GET myTrades": _my_trades,
    "GET capital/config/getall": _flat(10),
    "GET margin/isolated/allPairs": _flat(10),
}
_FUTURES: dict[str, Weight] = {
    "POST order": _flat(0),
    "POST algoOrder": _flat(0),
    "GET depth": _by_limit(500, (50, 2), (100, 5), (500, 10), (1000, 20)),
    "GET klines": _by_limit(500, (99, 1), (499, 2), (1000, 5), (1500, 10)),
    "GET ticker/24hr": _by_symbol(1, 40),
    "GET account": _flat(5),
    "GET balance": _flat(5),
    "GET positionRisk": _flat(5),
    "GET symbolConfig": _flat(5),
    "GET commissionRate": _flat(20),
    "GET positionSide/dual": _flat(30),
    "GET income": _flat(30),
    "GET openOrders": _by_symbol(1, 40),
    "GET openAlgoOrders": _by_symbol(1, 40),
    "GET allOrders": _flat(5),
    "GET allAlgoOrders": _flat(5),
    "GET userTrades": _flat(5),
}


def api_of(api: Sequence[str]) -> str:
    """Return which of the two APIs a ccxt section belongs to; each counts on its own."""
    return "futures" if any(name.startswith("fapi") for name in api) else "spot"


def weight_of(path: str, api: Sequence[str], method: str, parameters: Parameters) -> int:
    """Return the request weight of a call; what is not listed weighs 1."""
    table = _FUTURES if api_of(api) == "futures" else _SPOT
    weigh = table.get(f"{method} {path}")
    return 1 if weigh is None else weigh(parameters)


def is_order(path: str, method: str) -> bool:
    """Return whether a call counts as a new order."""
    return method == "POST" and path in ("order", "algoOrder")
