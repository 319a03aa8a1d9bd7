"""No input gives a 500, and a refusal leaves everything as it was."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cerberus.simulator.routes import PREFIX, ROUTES
from tests.unit.simulator.in_process import InProcess

NAMES = [
    "contract",
    "currency_pair",
    "market",
    "size",
    "amount",
    "price",
    "side",
    "type",
    "tif",
    "time_in_force",
    "text",
    "account",
    "put",
    "initial",
    "trigger",
    "rule",
    "expiration",
    "limit",
    "from",
    "to",
    "status",
    "interval",
    "leverage",
    "change",
    "order",
    "order_id",
    "offset",
    "page",
    "last_id",
    "close",
    "reduce_only",
    "with_id",
    "id",
    "settle",
    "price_type",
    "currency",
]
WORDS = [
    "BTC_USDT",
    "ETH_USDT",
    "usdt",
    "buy",
    "sell",
    "limit",
    "market",
    "gtc",
    "ioc",
    "fok",
    "poc",
    "open",
    "finished",
    "1m",
    "5m",
    "1d",
    "true",
    "0",
    "1",
    "-1",
    "10",
    "4500",
    "4400.01",
    "1e15",
    "0.000001",
    "NaN",
    "Infinity",
    "t-1",
    "t-ä",
    "99999999999999999999",
    ">=",
    "<=",
]

scalars = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=8),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
objects = st.dictionaries(st.sampled_from(NAMES), scalars, max_size=8)
bodies = st.one_of(
    objects,
    st.fixed_dictionaries({"initial": objects, "trigger": objects}),
    st.fixed_dictionaries({"put": objects, "trigger": objects, "market": scalars}),
    st.lists(st.one_of(scalars, objects), max_size=3),
    scalars,
)
queries = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([*WORDS, "", "%", "%ff", "ä"]))
parts = st.sampled_from([*WORDS, "1", "100000003", "%ff", "", "..", "\udcff"])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ROUTES), parts, queries, bodies)
def test_no_input_gives_a_500(
    route: object, part: str, query: dict[str, str], body: object
) -> None:
    chosen = next(one for one in ROUTES if one is route)
    path = PREFIX + chosen.path.replace("{settle}", "usdt")
    for name in ("contract", "order_id", "currency", "currency_pair"):
        path = path.replace(f"{{{name}}}", part)
    raw_query = "&".join(f"{name}={value}" for name, value in query.items())
    with InProcess() as venue:
        before = venue.account()
        outgoing = venue.send(chosen.method, path, raw_query, orjson.dumps(body))
        answer = orjson.loads(outgoing.body)

        assert outgoing.status < 500, answer
        if outgoing.status >= 400:
            assert set(answer) == {"label", "message"}
            assert venue.account() == before


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["spot/orders", "futures/usdt/price_orders"]))
def test_no_bytes_give_a_500(body: bytes, path: str) -> None:
    with InProcess() as venue:
        assert venue.send("POST", f"{PREFIX}/{path}", "", body).status in (201, 400)


@pytest.mark.parametrize("part", ["\udcff", "%ff", "%00", "%2F", "..", "", "a" * 5000])
def test_odd_path_parts_are_not_found(part: str) -> None:
    with InProcess() as venue:
        outgoing = venue.send("GET", f"{PREFIX}/futures/usdt/orders/{part}", f"a={part}&b")
    assert outgoing.status in (400, 404)
    assert orjson.loads(outgoing.body)["label"].endswith("NOT_FOUND") or part == ""
