"""The API with its limits in Redis, before and after Redis is killed."""

from pathlib import Path

import pytest

from tests.api_process import trading_pair
from tests.integration.trading.steps import ROOMY, Pair
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("redis")]


def ledger(pair: Pair) -> str:
    return str(pair.api.get("/api/system/rate-limits")[1]["ledger"])


def test_trading_goes_on_when_redis_is_killed(redis: RedisServer, tmp_path: Path) -> None:
    environment = {**ROOMY, "CERBERUS_REDIS_URL": redis.url, "CERBERUS_RISK_COOLDOWN_SECONDS": "0"}
    with trading_pair(tmp_path / "var", **environment) as (simulator, api):
        pair = Pair(simulator, api)
        pair.begin()
        trade = pair.enter(quantity="0.05")
        assert ledger(pair) == "shared"

        redis.kill()

        assert pair.until(lambda: ledger(pair) == "alone" or None, 5)
        # an exit is urgent; it waits for no full window
        assert pair.close(trade["trade_id"])[0] == 200
        redis.start()
        assert pair.until(lambda: ledger(pair) == "shared" or None, 30)
        pair.enter(quantity="0.05")
        told = api.log.read_text()
        assert (told.count("ledger_gone"), told.count("ledger_returned")) == (1, 1)
