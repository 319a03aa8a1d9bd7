"""Rules that need a clock which tests move: expiry, funding, look-ups, catching up."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from cerberus.errors import Misconfigured
from cerberus.simulator.engine import advance
from tests.unit.simulator.in_process import START_SECONDS, InProcess, Wall

D = Decimal
FUTURES = "/api/v4/futures/usdt"


@pytest.fixture
def venue() -> Iterator[InProcess]:
    with InProcess() as made:
        made.move("4500")
        yield made


def trigger_body(size: int, price: str, rule: int, **trigger: object) -> dict[str, object]:
    initial = {"contract": "BTC_USDT", "size": size, "price": "0", "tif": "ioc"}
    return {"initial": initial, "trigger": {"price": price, "rule": rule} | trigger}


def test_a_finished_futures_order_is_found_by_text_for_a_minute_only(venue: InProcess) -> None:
    order = venue.futures_order(5, text="t-a")
    venue.wall.seconds += 60
    assert venue.call("GET", f"{FUTURES}/orders/t-a")["id"] == order["id"]
    venue.wall.seconds += 1
    assert venue.refused("GET", f"{FUTURES}/orders/t-a") == "CLIENT_ID_NOT_FOUND"
    assert venue.call("GET", f"{FUTURES}/orders/{order['id']}")["text"] == "t-a"


def test_a_cancelled_order_without_fill_is_forgotten(venue: InProcess) -> None:
    futures = venue.futures_order(5, price="4400", tif="gtc")["id"]
    spot = venue.spot_order("buy", "0.01", price="4400")["id"]
    venue.call("DELETE", f"{FUTURES}/orders/{futures}")
    venue.call("DELETE", f"/api/v4/spot/orders/{spot}", "currency_pair=BTC_USDT")
    venue.wall.seconds += 61
    path = f"/api/v4/spot/orders/{spot}"
    assert venue.refused("GET", path, "currency_pair=BTC_USDT") == "ORDER_NOT_FOUND"
    assert venue.call("GET", f"{FUTURES}/orders/{futures}")["finish_as"] == "cancelled"
    venue.wall.seconds += 600
    assert venue.refused("GET", f"{FUTURES}/orders/{futures}") == "ORDER_NOT_FOUND"
    assert venue.call("GET", f"{FUTURES}/orders", "status=finished") == []


def test_triggers_expire(venue: InProcess) -> None:
    futures = venue.call(
        "POST", f"{FUTURES}/price_orders", body=trigger_body(5, "4600", 1, expiration=60)
    )
    put = {"type": "limit", "side": "buy", "price": "4600", "amount": "0.01"}
    spot = venue.call(
        "POST",
        "/api/v4/spot/price_orders",
        body={
            "market": "BTC_USDT",
            "put": put,
            "trigger": {"price": "4600", "rule": ">=", "expiration": 60},
        },
    )
    venue.wall.seconds += 75
    assert venue.call("GET", f"{FUTURES}/price_orders/{futures['id']}")["finish_as"] == "expired"
    assert venue.call("GET", f"/api/v4/spot/price_orders/{spot['id']}")["status"] == "expired"
    venue.move("4700")
    assert venue.call("GET", f"{FUTURES}/orders", "status=finished") == []


def test_position_exits_end_with_their_position(venue: InProcess) -> None:
    venue.futures_order(10)
    body = trigger_body(0, "4400", 2) | {"order_type": "close-long-position"}
    body["initial"] = {"contract": "BTC_USDT", "size": 0, "price": "0", "tif": "ioc", "close": True}
    made = venue.call("POST", f"{FUTURES}/price_orders", body=body)["id"]
    venue.futures_order(-10)
    venue.move("4450")
    trigger = venue.call("GET", f"{FUTURES}/price_orders/{made}")
    assert (trigger["finish_as"], trigger["reason"]) == ("cancelled", "position closed")


def test_funding_lowers_the_margin_only_when_the_wallet_is_empty(venue: InProcess) -> None:
    venue.call("POST", f"{FUTURES}/positions/BTC_USDT/leverage", "leverage=100")
    venue.futures_order(20_000)
    free = D(venue.account()["available"])
    venue.call("POST", "/sim/deposit", body={"account": "futures", "amount": f"-{free}"})
    before = D(venue.position()["margin"])
    venue.wall.seconds += 8 * 3600

    position = venue.position()
    assert D(position["pnl_fund"]) == -2 * 4500 * D("0.0001")
    assert D(position["margin"]) == before + D(position["pnl_fund"])
    assert D(venue.account()["available"]) == 0


def test_a_pause_plays_out_as_if_there_had_been_none(tmp_path: Path) -> None:
    """One venue is asked every minute, one sleeps for a day: both end alike."""
    path = str(tmp_path / "asleep.db")
    with InProcess(path) as asleep:
        prepare(asleep)
    with InProcess() as asked:
        prepare(asked)
        for _ in range(24 * 60):
            asked.wall.seconds += 60
            asked.exchange.catch_up()
        expected = [asked.call("GET", one) for one in EVERYTHING]
    with InProcess(path, Wall(START_SECONDS + 86_400)) as woken:
        assert [woken.call("GET", one) for one in EVERYTHING] == expected
    assert len(expected[0]) > 1


EVERYTHING = (
    f"{FUTURES}/my_trades",
    f"{FUTURES}/accounts",
    f"{FUTURES}/positions",
    f"{FUTURES}/account_book",
    "/api/v4/spot/accounts",
    "/api/v4/spot/my_trades",
)


def prepare(venue: InProcess) -> None:
    venue.futures_order(100)
    venue.futures_order(-50, price="4650", tif="gtc")
    venue.call("POST", f"{FUTURES}/price_orders", body=trigger_body(-100, "4400", 2))
    venue.spot_order("buy", "0.01", price="4480")


def test_a_failing_write_changes_nothing(venue: InProcess) -> None:
    inner = venue.exchange.venue
    before = venue.account()
    inner.store.close()
    outgoing = venue.send(
        "POST",
        f"{FUTURES}/orders",
        body=b'{"contract":"BTC_USDT","size":5,"price":"0","tif":"ioc"}',
    )
    assert (outgoing.status, orjson.loads(outgoing.body)["label"]) == (500, "INTERNAL")
    assert inner.state.orders == inner.state.positions == {}
    assert venue.account() == before


def test_time_never_runs_backwards(venue: InProcess) -> None:
    now = venue.exchange.venue.now_ms
    advance(venue.exchange.venue, now - 60_000)
    assert venue.exchange.venue.now_ms == now


def test_a_file_of_another_dataset_refuses_to_start(tmp_path: Path) -> None:
    path = str(tmp_path / "simulator.db")
    with InProcess(path) as venue:
        store = venue.exchange.venue.store
        store.save([], {"anchor": store.meta()["anchor"].replace("2017-09-03", "1999")})
    with pytest.raises(Misconfigured, match="begun with 1999"):
        InProcess(path)


def test_real_time_is_refused_once_market_time_has_run_ahead(tmp_path: Path) -> None:
    path = str(tmp_path / "simulator.db")
    with InProcess(path, speed=60) as venue:
        venue.futures_order(5)
    later = START_SECONDS + 60
    with InProcess(path, Wall(later), speed=120) as venue:
        clock = venue.call("GET", "/sim/clock")
        assert clock["market_time_ms"] == (START_SECONDS + 3600) * 1000
    with pytest.raises(Misconfigured, match="run ahead"):
        InProcess(path, Wall(later), speed=1)


def test_a_second_venue_on_the_same_file_refuses_to_start(tmp_path: Path) -> None:
    path = str(tmp_path / "simulator.db")
    with InProcess(path), pytest.raises(Misconfigured, match="locked"):
        InProcess(path)
    with InProcess(path) as again:
        assert again.total() == 10_000


def test_the_clock_and_status_tell_where_the_replay_is(venue: InProcess) -> None:
    venue.wall.seconds += 90
    clock = venue.call("GET", "/sim/clock")
    status = venue.call("GET", "/sim/status")
    assert clock["market_time_ms"] == (START_SECONDS + 90) * 1000
    assert clock["market_time"] == clock["wall_time"] == "2026-09-27T12:01:30.000+00:00"
    assert (status["bar"], status["repetition"], status["is_scaled"]) == (1126, 0, False)
    assert "replay the spot series" in status["perpetuals"]


@pytest.mark.parametrize(
    ("method", "path", "body", "label"),
    [
        ("POST", "/sim/price", {"asset": "XRP", "price": "1"}, "INVALID_PARAM_VALUE"),
        ("POST", "/sim/price", {"asset": "BTC", "price": "1.001"}, "INVALID_PARAM_VALUE"),
        ("POST", "/sim/fault", {"kind": "earthquake"}, "INVALID_PARAM_VALUE"),
        ("POST", "/sim/fault", {"kind": "status", "path": "("}, "INVALID_PARAM_VALUE"),
        ("POST", "/sim/deposit", {"account": "spot", "amount": "-1e9"}, "INVALID_PARAM_VALUE"),
        ("POST", "/sim/nothing", {}, "NOT_FOUND"),
    ],
)
def test_controls_refuse_nonsense(
    venue: InProcess, method: str, path: str, body: object, label: str
) -> None:
    assert venue.refused(method, path, body=body) == label
