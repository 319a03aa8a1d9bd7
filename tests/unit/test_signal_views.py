"""What is told of a signal can be sent as one: nothing of it gets lost on the way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.schemas import SignalIn
from api.views import SignalOut
from cerberus.domain.market import MarketType

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
COMMON: dict[str, Any] = {
    "symbol": "BTC/USDT:USDT",
    "side": "sell",
    "strategy": "ma_cross",
    "confidence": "0.5",
    "leverage": 3,
    "created_at": NOW,
    "expires_at": NOW + timedelta(hours=1),
    "id": "told-once",
    "timeframe": "5m",
    "bar": NOW - timedelta(minutes=5),
    "reason": "crossed",
    "trailing_stop_percent": "1.5",
}
FORMS: list[dict[str, Any]] = [
    {"quantity": "0.5", "stop_loss": "4500", "take_profit_percent": "3"},
    {"size_usd": "200", "entry_type": "limit", "price": "4400", "time_in_force": "post_only"},
    {"size_percent": "5", "stop_loss_percent": "2", "take_profit": "4000"},
    {"entry_type": "stop", "trigger_price": "4300"},
]


@pytest.mark.parametrize("form", FORMS)
def test_a_signal_that_is_told_is_the_signal_that_was_sent(form: dict[str, Any]) -> None:
    sent = SignalIn(**COMMON, **form).to_signal(MarketType.SWAP, NOW)
    told = SignalOut.of(sent).model_dump(mode="json", exclude_none=True)
    assert SignalIn(**told).to_signal(MarketType.SWAP, NOW) == sent


def test_the_forms_use_every_field_that_a_signal_can_have() -> None:
    assert set(COMMON).union(*FORMS) == set(SignalIn.model_fields)
