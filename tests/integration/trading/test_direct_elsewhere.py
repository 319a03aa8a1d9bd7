"""`cerberus emergency-stop --direct` on spot, at the other venue, and over the other database."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api_process import trading_pair
from tests.free_port import free_port
from tests.integration.store import postgres
from tests.integration.trading.direct import (
    a_position_and_an_order,
    a_stop_past_a_dead_api_closes_all_and_stays,
    nothing_is_left,
    stop_directly,
)
from tests.integration.trading.steps import ROOMY, Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("standby")]

SPOT, BINANCE = {"MARKET_TYPE": "spot"}, {"CERBERUS_EXCHANGE": "binance"}


@pytest.fixture
def server() -> Iterator[tuple[str, ExitStack]]:
    """Return the URL of a PostgreSQL server, and what ends it."""
    commands, name = postgres.binaries(), postgres.user()
    if commands is None:
        pytest.skip(postgres.MISSING)
    if name is None:
        pytest.skip(postgres.UNPRIVILEGED)
    with ExitStack() as running:
        yield running.enter_context(postgres.served(commands, name, free_port())), running


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param(SPOT, id="gate spot"),
        pytest.param(BINANCE, id="binance swap", marks=pytest.mark.long),
        pytest.param(SPOT | BINANCE, id="binance spot", marks=pytest.mark.long),
    ],
)
def test_it_closes_everything_once_on_every_market(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    with trading_pair(tmp_path / "var", **ROOMY, **variables) as (simulator, api):
        a_stop_past_a_dead_api_closes_all_and_stays(Pair(simulator, api))


@pytest.mark.long
def test_it_takes_the_lease_from_a_dead_api_on_postgresql(
    tmp_path: Path, server: tuple[str, ExitStack]
) -> None:
    variables = ROOMY | {"CERBERUS_DATABASE_URL": server[0]}
    with trading_pair(tmp_path / "var", **variables) as (simulator, api):
        a_stop_past_a_dead_api_closes_all_and_stays(Pair(simulator, api))


@pytest.mark.long
def test_it_closes_all_perpetuals_and_says_so_when_the_database_is_dead_too(
    tmp_path: Path, server: tuple[str, ExitStack]
) -> None:
    variables = ROOMY | {"CERBERUS_DATABASE_URL": server[0]}
    with trading_pair(tmp_path / "var", **variables) as (simulator, api):
        pair = Pair(simulator, api)
        pair.begin()
        a_position_and_an_order(pair)
        api.kill()
        server[1].close()
        told = stop_directly(pair)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "the store cannot take the stop" in told.stdout
        assert "every perpetual of the account is closed" in told.stdout
        nothing_is_left(pair)
