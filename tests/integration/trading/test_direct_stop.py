"""`cerberus emergency-stop --direct`: with the API dead or hung, and with the disk full too."""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.direct import (
    a_position_and_an_order,
    a_stop_past_a_dead_api_closes_all_and_stays,
    nothing_is_left,
    stop_directly,
    the_stop_is_in_force,
)
from tests.integration.trading.steps import ROOMY, Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("standby")]


@pytest.fixture(scope="module")
def mortal_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with trading_pair(tmp_path_factory.mktemp("direct") / "var", **ROOMY) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture
def pair(mortal_pair: Pair) -> Pair:
    if not mortal_pair.api.is_running:
        mortal_pair.api.start()
    mortal_pair.begin()
    return mortal_pair


def test_it_closes_everything_once_after_the_api_was_killed(pair: Pair) -> None:
    a_stop_past_a_dead_api_closes_all_and_stays(pair)


def test_it_waits_out_the_lease_of_one_that_hangs_which_then_writes_nothing(pair: Pair) -> None:
    both = a_position_and_an_order(pair)
    os.kill(pair.api.pid, signal.SIGSTOP)
    try:
        _set_its_clock_ahead(pair)
        told = stop_directly(pair)
    finally:
        os.kill(pair.api.pid, signal.SIGCONT)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "waiting: another process has the lease trading" in told.stdout
    nothing_is_left(pair)
    # it has noticed, and has the lease again
    pair.until(lambda: pair.api.get("/metrics")[1]["cerberus_lease_left_seconds"] > 0 or None)
    the_stop_is_in_force(pair)
    assert [pair.trade(one)["status"] for one in both] == ["closed", "not_placed"]


def test_it_goes_on_past_a_full_disk_and_the_next_api_stays_stopped(pair: Pair) -> None:
    both = a_position_and_an_order(pair)
    pair.api.kill()
    told = stop_directly(pair, _full_disk)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "the store cannot take the stop" in told.stdout
    nothing_is_left(pair)
    pair.api.start()
    the_stop_is_in_force(pair)
    pair.until_trade(both[0], lambda trade: trade["status"] == "closed")
    pair.until_trade(both[1], lambda trade: trade["status"] == "not_placed")


def _set_its_clock_ahead(pair: Pair) -> None:
    """Let the lease of the one that hangs end in a year, which delays nobody for longer."""
    with closing(sqlite3.connect(pair.api.var / "data" / "cerberus.db")) as database, database:
        database.execute("UPDATE leases SET expires_at = '2099-01-01T00:00:00.000000+00:00'")


def _full_disk() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
