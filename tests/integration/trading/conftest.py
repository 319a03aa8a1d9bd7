"""One pair of processes for each group of tests."""

from collections.abc import Iterator

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.steps import ROOMY, Pair


@pytest.fixture(scope="package")
def perpetual_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with trading_pair(tmp_path_factory.mktemp("swap") / "var", **ROOMY) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture(scope="package")
def spot_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    variables = ROOMY | {"MARKET_TYPE": "spot"}
    with trading_pair(tmp_path_factory.mktemp("spot") / "var", **variables) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture(scope="package")
def doubtful_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return a pair whose API gives the venue up after a second."""
    variables = ROOMY | {"CERBERUS_VENUE_TIMEOUT_SECONDS": "1"}
    with trading_pair(tmp_path_factory.mktemp("doubt") / "var", **variables) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture(scope="package")
def strict_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return a pair with limits that a few trades reach."""
    variables = {
        "CERBERUS_RISK_MAX_DAILY_LOSS_USD": "40",
        "CERBERUS_RISK_MAX_LOSSES_IN_A_ROW": "2",
        "CERBERUS_RISK_MAX_DRAWDOWN_PERCENT": "1",
        "CERBERUS_RISK_MAX_POSITIONS": "1",
        "CERBERUS_RISK_USD_PER_TRADE": "500",
        "CERBERUS_RISK_COOLDOWN_SECONDS": "20",
    }
    with trading_pair(tmp_path_factory.mktemp("strict") / "var", **variables) as (simulator, api):
        yield Pair(simulator, api)
