"""One pair of processes for the tests of the API's edges."""

from collections.abc import Iterator

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.steps import ROOMY, Pair


@pytest.fixture(scope="package")
def api_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    # a test of its own looks at this limit
    roomy = {**ROOMY, "CERBERUS_WEBHOOK_PER_MINUTE": "6000"}
    with trading_pair(tmp_path_factory.mktemp("api") / "var", **roomy) as (simulator, api):
        yield Pair(simulator, api)


@pytest.fixture
def pair(api_pair: Pair) -> Pair:
    api_pair.begin()
    return api_pair
