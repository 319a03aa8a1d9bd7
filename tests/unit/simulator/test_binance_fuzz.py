"""No input on Binance's wire gives a 500, and a refusal leaves everything as it was."""

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cerberus.simulator.binance.routes import ROUTES
from tests.unit.simulator.binance_in_process import BinanceInProcess

NAMES = [
    "symbol",
    "side",
    "type",
    "quantity",
    "quoteOrderQty",
    "price",
    "stopPrice",
    "triggerPrice",
    "timeInForce",
    "orderId",
    "origClientOrderId",
    "newClientOrderId",
    "clientAlgoId",
    "algoId",
    "algoType",
    "reduceOnly",
    "closePosition",
    "leverage",
    "marginType",
    "amount",
    "limit",
    "startTime",
    "endTime",
    "fromId",
    "interval",
    "incomeType",
    "page",
    "symbols",
    "pair",
    "recvWindow",
    "dualSidePosition",
    "positionSide",
    "workingType",
]
WORDS = [
    "BTCUSDT",
    "ETHUSDT",
    "BUY",
    "SELL",
    "LIMIT",
    "MARKET",
    "LIMIT_MAKER",
    "STOP",
    "STOP_MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
    "TAKE_PROFIT_MARKET",
    "GTC",
    "IOC",
    "FOK",
    "GTX",
    "CONDITIONAL",
    "ISOLATED",
    "CROSSED",
    "FUNDING_FEE",
    "COMMISSION",
    "1m",
    "5m",
    "1d",
    "true",
    "false",
    "0",
    "1",
    "2",
    "5",
    "-1",
    "10",
    "100",
    "0.1",
    "0.001",
    "4500",
    "4400.01",
    "4600",
    "1e15",
    "NaN",
    "Infinity",
    "t-1",
    "ä",
    "1700000000000",
    "99999999999999999999",
]

values = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
parameters = st.dictionaries(st.sampled_from(NAMES), values, max_size=9)
good = st.fixed_dictionaries(
    {"symbol": st.just("BTCUSDT"), "quantity": st.just("0.1"), "side": st.just("BUY")}
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(ROUTES)), parameters, st.one_of(st.just({}), good))
def test_no_input_gives_a_500(route: str, told: dict[str, str], base: dict[str, str]) -> None:
    method, _, path = route.partition(" ")
    with BinanceInProcess() as venue:
        before = venue.gate.account()
        outgoing = venue.send(method, path, **(base | told))
        answer = orjson.loads(outgoing.body)

        assert outgoing.status < 500, answer
        if outgoing.status >= 400:
            assert set(answer) == {"code", "msg"}
            assert venue.gate.account() == before


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["/api/v3/order", "/fapi/v1/algoOrder"]))
def test_no_bytes_give_a_500(body: bytes, path: str) -> None:
    with BinanceInProcess() as venue:
        text = body.decode("utf-8", "surrogateescape")
        assert venue.send_raw("POST", path, text).status == 400
