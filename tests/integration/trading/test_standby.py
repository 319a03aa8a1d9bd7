"""Two APIs on one store: one trades, the other one reads until the lease is free."""

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api_process import ApiProcess, api_process
from tests.free_port import free_port
from tests.integration.trading.steps import ROOMY, Pair
from tests.invariants import broken_invariants
from tests.simulator_process import SimulatorProcess, simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("standby")]

#: a lease's lifetime, two heartbeats, and a loaded machine
TAKEN_OVER_SECONDS = 45


@contextmanager
def second_api(simulator: SimulatorProcess, var: Path) -> Iterator[ApiProcess]:
    """Run another installation on the same database and the same account."""
    var.mkdir()
    shutil.copytree(simulator.var / "secrets", var / "secrets")
    environment = simulator.environment | ROOMY
    environment |= {
        "CERBERUS_VAR": str(var),
        "CERBERUS_API_PORT": str(free_port()),
        "CERBERUS_DATABASE_URL": f"sqlite:///{simulator.var / 'data' / 'cerberus.db'}",
        "CERBERUS_RISK_COOLDOWN_SECONDS": "0",
    }
    api = ApiProcess(var, int(environment["CERBERUS_API_PORT"]), environment)
    try:
        api.start()
        yield api
    finally:
        api._end(signal.SIGTERM)


def test_the_second_one_reads_and_trades_only_once_the_first_has_lost_its_lease(
    tmp_path: Path,
) -> None:
    with (
        simulator_process(tmp_path / "var") as simulator,
        api_process(simulator, **ROOMY) as first,
        second_api(simulator, tmp_path / "other") as second,
    ):
        here, there = Pair(simulator, first), Pair(simulator, second)
        trade = here.enter(quantity="0.05")
        _only_reads(there, trade["trade_id"])
        _stops_through_the_other_one(here, there, trade["trade_id"])
        _takes_over_from_one_that_sleeps(here, there)
        _takes_over_from_one_that_died(here, there)
        assert broken_invariants(simulator, first) == []


def _only_reads(there: Pair, trade_id: str) -> None:
    status, told = there.api.get("/ready", token=None)
    assert (status, told["status"]) == (200, "standby")
    assert "another process has the lease trading" in told["reason"]
    assert there.trade(trade_id)["status"] == "open"
    before = there.counts()
    keyed = {"Idempotency-Key": "told-to-both"}
    body = {"signal": there.signal(symbol="ETHUSDT")}
    status, problem = there.api.post("/api/trades", body, headers=keyed)
    assert (status, problem["title"]) == (409, "Not the writer")
    assert ", until " in problem["detail"]
    status, problem = there.close(trade_id)
    assert (status, problem["title"]) == (409, "Not the writer")
    assert there.counts() == before


def _stops_through_the_other_one(here: Pair, there: Pair, trade_id: str) -> None:
    status, told = there.api.post("/api/system/emergency-stop", {"reason": "told to the second"})
    assert (status, told["recorded"]) == (202, True)
    here.until_trade(trade_id, lambda trade: trade["status"] == "closed", 30)
    here.begin()


def _takes_over_from_one_that_sleeps(here: Pair, there: Pair) -> None:
    body = {"signal": here.signal(symbol="ETHUSDT")}
    with ThreadPoolExecutor(1) as pool:
        os.kill(here.api.pid, signal.SIGSTOP)
        try:
            there.until(lambda: _is_ready(there.api), TAKEN_OVER_SECONDS)
            # it waits in the sleeper's socket, and is the first thing that it sees
            late = pool.submit(here.api.post, "/api/trades", body)
            there.enter(quantity="0.05")
        finally:
            os.kill(here.api.pid, signal.SIGCONT)
        status, problem = late.result()
    assert status == 409, problem
    here.until(lambda: here.api.get("/ready", token=None)[1]["status"] == "standby" or None)
    symbols = [
        one["symbol"] for one in there.api.get("/api/positions?open_only=true")[1]["positions"]
    ]
    assert symbols == ["BTC/USDT:USDT"]


def _takes_over_from_one_that_died(here: Pair, there: Pair) -> None:
    there.api.kill()
    here.until(lambda: _is_ready(here.api))
    assert here.enter(symbol="ETHUSDT")["protected"]


def _is_ready(api: ApiProcess) -> bool | None:
    return api.get("/ready", token=None)[1]["status"] == "ready" or None
