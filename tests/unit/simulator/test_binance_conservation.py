"""Whatever is sent over Binance's wire, no money appears, and no lock outlives its order."""

from decimal import Decimal

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.simulator.binance_in_process import BinanceInProcess

D = Decimal
SPOT, SWAP, ALGO = "/api/v3/order", "/fapi/v1/order", "/fapi/v1/algoOrder"
TYPES = {
    SPOT: ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT"],
    SWAP: ["LIMIT", "MARKET"],
    ALGO: ["STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
}

prices = st.integers(4300, 4700)
orders = st.tuples(
    st.sampled_from([(path, kind) for path, kinds in TYPES.items() for kind in kinds]),
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["0.03", "0.1", "0.7"]),
    prices,
    prices,
    st.sampled_from(["GTC", "IOC", "FOK"]),
)
steps = st.lists(st.one_of(orders, prices, st.just("cancel")), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_wallets_are_the_sum_of_the_fills_and_nothing_is_spent_twice(taken: list[object]) -> None:
    with BinanceInProcess() as venue:
        venue.gate.move("4500")
        for step in taken:
            _take(venue, step)
            _check_spot(venue)
        _cancel_everything(venue)
        balances = venue.call("GET", "/api/v3/account")["balances"]
        wallet = venue.call("GET", "/fapi/v3/account")

    assert {D(one["locked"]) for one in balances} == {D(0)}
    assert D(wallet["totalOpenOrderInitialMargin"]) == 0


def _take(venue: BinanceInProcess, step: object) -> None:
    if isinstance(step, int):
        venue.gate.move(str(step))
    elif step == "cancel":
        _cancel_everything(venue)
    elif isinstance(step, tuple):
        (path, kind), side, quantity, price, trigger, tif = step
        fields: dict[str, object] = {"symbol": "BTCUSDT", "side": side, "type": kind}
        fields["quantity"] = quantity
        if kind.startswith("LIMIT") or kind in ("STOP", "STOP_LOSS_LIMIT") or _is_limit(path, kind):
            fields["price"] = price
        if kind in ("LIMIT", "STOP_LOSS_LIMIT"):
            fields["timeInForce"] = tif
        if path == ALGO:
            fields |= {"algoType": "CONDITIONAL", "triggerPrice": trigger}
        elif kind.startswith(("STOP", "TAKE")):
            fields["stopPrice"] = trigger
        outgoing = venue.send("POST", path, **fields)
        assert outgoing.status in (200, 400), outgoing.body


def _is_limit(path: str, kind: str) -> bool:
    return path == ALGO and kind == "TAKE_PROFIT"


def _check_spot(venue: BinanceInProcess) -> None:
    wallet = {"BTC": D(0), "USDT": D(10_000)}
    for fill in venue.call("GET", "/api/v3/myTrades", symbol="BTCUSDT", limit=1000):
        sign = 1 if fill["isBuyer"] else -1
        wallet["BTC"] += sign * D(fill["qty"])
        wallet["USDT"] -= sign * D(fill["quoteQty"])
        wallet[fill["commissionAsset"]] -= D(fill["commission"])
    for one in venue.call("GET", "/api/v3/account")["balances"]:
        free, locked = D(one["free"]), D(one["locked"])
        assert free >= 0
        assert locked >= 0
        assert free + locked == wallet.get(one["asset"], D(0))


def _cancel_everything(venue: BinanceInProcess) -> None:
    told = venue.send("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert told.status == 200 or orjson.loads(told.body)["code"] == -2011
    venue.call("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    venue.call("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")
