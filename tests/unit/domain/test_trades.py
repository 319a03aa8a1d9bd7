from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cerberus.domain.signals import Side
from cerberus.domain.trades import Trade, TradeStatus
from tests.unit.domain.examples import NOW

D = Decimal
TRADE = Trade("t1", "s1", "X/USDT", Side.BUY, "m", D(1), D(100), D(98), D(104), D(5), NOW)


@pytest.mark.parametrize(
    ("opened", "protected", "seconds"),
    [(None, None, None), (NOW, None, None), (NOW, NOW + timedelta(seconds=1.5), 1.5)],
)
def test_tells_how_long_its_position_was_unprotected(
    opened: datetime | None, protected: datetime | None, seconds: float | None
) -> None:
    trade = replace(TRADE, opened_at=opened, protected_at=protected)

    assert trade.seconds_unprotected == seconds


def test_keeps_the_reason_of_its_end() -> None:
    closed = TRADE.moved(TradeStatus.CLOSED, "stop")

    assert closed.moved(TradeStatus.CLOSED).close_reason == "stop"
    assert {one for one in TradeStatus if one.is_final} == {
        TradeStatus.CLOSED,
        TradeStatus.NOT_PLACED,
    }
