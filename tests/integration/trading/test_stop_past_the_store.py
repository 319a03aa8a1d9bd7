"""The emergency stop while the store cannot commit: it goes out, and is recorded later."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.api_process import api_process, trading_pair
from tests.full_disk import filled, has_small_disks, no_writes, small_disk
from tests.integration.trading.steps import ROOMY, Body, Pair
from tests.invariants import broken_invariants
from tests.simulator_process import simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("full_disk")]

STOP = "/api/system/emergency-stop"


@pytest.fixture(scope="module")
def swap_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with trading_pair(tmp_path_factory.mktemp("full") / "var", **ROOMY) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture
def pair(swap_pair: Pair) -> Pair:
    swap_pair.begin()
    return swap_pair


def test_on_a_full_disk_it_cancels_and_closes_and_is_recorded_later(tmp_path: Path) -> None:
    data = tmp_path / "var" / "data"
    if not has_small_disks(tmp_path):
        pytest.skip("this machine lets nobody mount a disk of his own")
    with simulator_process(tmp_path / "var") as simulator, ExitStack() as stack:
        api = stack.enter_context(api_process(simulator, wrapper=small_disk(data), **ROOMY))
        pair = Pair(simulator, api)
        held = pair.enter(quantity="0.05")
        resting = pair.send(symbol="ETHUSDT", entry_type="limit", price="330", quantity="0.5")[1]
        with filled(api.pid, data):
            _refuses_entries(pair, "database or disk is full")
            _stops_past_the_store(pair, cancelled=1, closed=1)
            _stops_past_the_store(pair, cancelled=0, closed=0)
            assert not api.get("/health", token=None)[1]["entries_allowed"]
        _is_recorded(pair)
        pair.assert_settled(pair.until_trade(held["trade_id"], _is_over))
        assert pair.trade(resting["trade_id"])["status"] == "not_placed"
        assert broken_invariants(simulator, api) == []


def test_it_outlives_the_process_that_could_not_record_it(pair: Pair) -> None:
    held = pair.enter(side="sell", quantity="0.05")
    with no_writes(pair.api.pid):
        _stops_past_the_store(pair, cancelled=0, closed=1)
        pair.api.kill()
    pair.api.start()
    _is_recorded(pair)
    pair.assert_settled(pair.until_trade(held["trade_id"], _is_over))
    closes = [one for one in pair.trade(held["trade_id"])["orders"] if one["purpose"] == "close"]
    assert [one["reason"] for one in closes] == ["emergency stop: no room"]
    assert broken_invariants(pair.simulator, pair.api) == []


def test_it_does_not_wait_for_a_store_that_hangs(pair: Pair) -> None:
    held = pair.enter(quantity="0.05")
    with closing(sqlite3.connect(pair.api.var / "data" / "cerberus.db")) as database:
        database.isolation_level = None
        database.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        _stops_past_the_store(pair, cancelled=0, closed=1)
        assert time.monotonic() - began < 6
        database.execute("ROLLBACK")
    _is_recorded(pair)
    pair.assert_settled(pair.until_trade(held["trade_id"], _is_over))


def test_a_close_whose_fill_could_not_be_booked_is_told_as_unknown(pair: Pair) -> None:
    held = pair.enter(quantity="0.05")
    position = pair.position(held["trade_id"])["position_id"]
    pair.simulator.order_fault("latency", milliseconds=700, method="POST", path="orders$")
    with ExitStack() as stack:
        closing_it = stack.enter_context(_in_background(pair, f"/api/positions/{position}/close"))
        pair.until(lambda: True if pair.counts()["orders"] > len(held["orders"]) else None)
        with no_writes(pair.api.pid):
            status, told = closing_it()
            assert (status, "could not be recorded" in told["detail"]) == (502, True)
    pair.assert_settled(pair.until_trade(held["trade_id"], _is_over))


def test_spot_holdings_are_sold_once_however_often_it_is_told(tmp_path: Path) -> None:
    variables = ROOMY | {"MARKET_TYPE": "spot"}
    with trading_pair(tmp_path / "var", **variables) as (simulator, api):
        pair = Pair(simulator, api)
        held = pair.enter(quantity="0.05")
        other = pair.enter(symbol="ETHUSDT", quantity="0.5")
        with no_writes(api.pid):
            _stops_past_the_store(pair, cancelled=0, closed=2)
            for _ in range(2):
                told = _stops_past_the_store(pair, cancelled=0, closed=None)
                assert told["status"] == "flat"
            api.kill()
        api.start()
        _is_recorded(pair)
        for trade in (held, other):
            pair.assert_settled(pair.until_trade(trade["trade_id"], _is_over))
        assert len(simulator.orders()) == 4
        assert broken_invariants(simulator, api) == []


def _refuses_entries(pair: Pair, reason: str) -> None:
    before = len(pair.simulator.orders())
    status, told = pair.send(symbol="ETHUSDT", quantity="0.5")
    assert status == 503
    assert reason in told["detail"]
    assert len(pair.simulator.orders()) == before


def _stops_past_the_store(pair: Pair, *, cancelled: int, closed: int | None) -> Body:
    body, keyed = {"reason": "no room"}, {"Idempotency-Key": "one-key"}
    status, told = pair.api.post(STOP, body, headers=keyed)
    assert (status, told["status"], told["recorded"]) == (202, "flat", False), told
    assert told["cancelled_orders"] == cancelled
    assert closed is None or told["closed_positions"] == closed
    assert "not recorded yet" in told["problems"][0]
    assert pair.simulator.ask("GET", "/sim/status")["open_orders"] == 0
    assert pair.triggers() == []
    return told


def _is_recorded(pair: Pair) -> None:
    pair.until(lambda: True if pair.risk()["emergency_stop"] == "no room" else None)
    assert pair.send(quantity="0.05")[1]["check"] == "emergency_stop"
    assert pair.api.post(STOP)[1]["recorded"]


def _is_over(trade: Body) -> bool:
    exits = all(one["status"] in ("done", "cancelled") for one in trade["exits"])
    return trade["status"] == "closed" and exits


@contextmanager
def _in_background(pair: Pair, path: str) -> Iterator[Callable[[], tuple[int, Body]]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(pair.api.post, path).result
