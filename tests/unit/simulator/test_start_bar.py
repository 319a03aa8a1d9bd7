"""The replay begins where a bundled strategy really signals, whatever the minute of the hour."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cerberus.domain.market import Candle
from cerberus.domain.signals import Side
from cerberus.strategies.rsi_reversion import RsiReversion
from tests.unit.simulator.in_process import START_SECONDS, InProcess, Wall

SYMBOL = "BTC/USDT:USDT"


@pytest.mark.parametrize("minute", range(15))
def test_rsi_reversion_buys_at_the_start_and_for_ten_minutes(minute: int) -> None:
    with InProcess(wall=Wall(START_SECONDS + minute * 60 + 30)) as venue:
        for _ in range(3):
            query = "contract=BTC_USDT&interval=5m&limit=200"
            rows = venue.call("GET", "/api/v4/futures/usdt/candlesticks", query)
            candles = [candle(row) for row in rows]
            now = datetime.fromtimestamp(venue.wall.seconds, UTC)
            verdict = RsiReversion().evaluate(SYMBOL, "5m", candles, now)
            assert verdict.signal is not None, verdict.reason
            assert verdict.signal.side is Side.BUY
            venue.wall.seconds += 299


def candle(row: dict[str, str | int]) -> Candle:
    prices = (Decimal(str(row[name])) for name in ("o", "h", "l", "c", "v"))
    return Candle(datetime.fromtimestamp(int(row["t"]), UTC), *prices)
