"""TradingView's alerts, as it sends them, and what they mean."""

import json
from typing import Any

import pytest

from cerberus.domain.webhooks.trading_view import read_signal, ticker
from cerberus.errors import Invalid

#: what an alert of a strategy sends when its message is written as TradingView's help shows it
STRATEGY = {
    "exchange": "BINANCE",
    "ticker": "BTCUSDT.P",
    "action": "buy",
    "contracts": "0.05",
    "order_id": "Long",
    "market_position": "long",
    "prev_market_position": "flat",
    "price": "4571.2",
    "interval": "5",
    "time": "2026-11-21T17:00:00Z",
    "timenow": "2026-11-21T17:05:01Z",
}
READ = {
    "symbol": "BTC/USDT:USDT",
    "side": "buy",
    "quantity": "0.05",
    "entry_type": "market",
    "timeframe": "5m",
    "bar": "2026-11-21T17:00:00Z",
    "created_at": "2026-11-21T17:05:01Z",
}

TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the default message": (
        "order buy @ 0.05 filled on BTCUSDT. New strategy position is 0.05",
        {"symbol": "BTCUSDT", "side": "buy", "quantity": "0.05"},
    ),
    "the default message with the strategy's name": (
        "MACD Strategy (12, 26, 9): order sell @ 1,000 filled on ETHUSDT.P. "
        "New strategy position is -1,000",
        {
            "strategy": "MACD Strategy (12, 26, 9)",
            "symbol": "ETH/USDT:USDT",
            "side": "sell",
            "quantity": "1000",
        },
    ),
    "words": (
        "symbol=GATEIO:BTC_USDT side=LONG sl_percent=1.5, tp=4700;id=a-1",
        {
            "symbol": "BTC_USDT",
            "side": "buy",
            "stop_loss_percent": "1.5",
            "take_profit": "4700",
            "id": "a-1",
        },
    ),
    "plain words": ("Short BTCUSDT", {"symbol": "BTCUSDT", "side": "sell"}),
    "plain words with a quantity": (
        "buy BTC/USDT:USDT 0.05",
        {"symbol": "BTC/USDT:USDT", "side": "buy", "quantity": "0.05"},
    ),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=list(TEXTS))
def test_a_text_is_read(text: str, expected: dict[str, Any]) -> None:
    assert read_signal(text) == expected | {"entry_type": "market"}


def test_placeholders_in_json_are_read_and_the_rest_of_them_passed_over() -> None:
    told = read_signal(json.dumps(STRATEGY))

    assert {name: value for name, value in told.items() if name != "id"} == READ
    assert str(told["id"]).startswith("told-")


def test_the_same_alert_sent_again_is_the_same_signal_and_the_next_bar_another() -> None:
    first, again = (read_signal(json.dumps(STRATEGY))["id"] for _ in range(2))
    later = read_signal(json.dumps(STRATEGY | {"time": "2026-11-21T17:05:00Z"}))["id"]

    assert first == again != later


def test_its_own_id_stays_and_without_a_time_there_is_none() -> None:
    timeless = {"ticker": "BTCUSDT", "action": "buy"}

    assert read_signal(json.dumps(STRATEGY | {"id": "mine"}))["id"] == "mine"
    assert "id" not in read_signal(json.dumps(timeless))


def test_the_price_is_one_to_trade_at_only_for_a_limit() -> None:
    wanted = {"ticker": "BTCUSDT", "action": "buy", "price": 4500.5}

    assert "price" not in read_signal(json.dumps(wanted))
    limit = read_signal(json.dumps(wanted | {"order_type": "LIMIT"}))
    assert (limit["entry_type"], str(limit["price"])) == ("limit", "4500.5")
    waiting = wanted | {"order_type": "STOP", "trigger_price": 4600}
    assert "price" not in read_signal(json.dumps(waiting))
    both = read_signal(json.dumps(waiting | {"order_type": "stop-limit"}))
    assert (both["entry_type"], str(both["price"]), str(both["trigger_price"])) == (
        *("stop_limit", "4500.5"),
        "4600",
    )


@pytest.mark.parametrize(
    ("interval", "timeframe"),
    [
        *(("1", "1m"), ("240", "4h"), ("60", "1h"), ("90", "90m"), ("D", "1d"), ("1W", "1w")),
        *(("30S", "30s"), ("M", "1M"), ("5m", "5m"), (15, "15m")),
    ],
)
def test_an_interval_is_a_timeframe(interval: object, timeframe: str) -> None:
    told = {"ticker": "BTCUSDT", "action": "buy", "interval": interval}

    assert read_signal(json.dumps(told))["timeframe"] == timeframe


@pytest.mark.parametrize("at", [1763744701, "1763744701000", 1763744701000])
def test_seconds_and_milliseconds_are_times(at: object) -> None:
    told = {"ticker": "BTCUSDT", "action": "buy", "timestamp": at}

    assert read_signal(json.dumps(told))["created_at"] == "2025-11-21T17:05:01+00:00"


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("BINANCE:BTCUSDT", "BTCUSDT"),
        ("BYBIT:ETHUSDT.P", "ETH/USDT:USDT"),
        ("btcusdt.p", "BTC/USDT:USDT"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC_USDT:USDT", "BTC_USDT:USDT"),
    ],
)
def test_a_ticker_loses_its_exchange_and_its_suffix(text: str, symbol: str) -> None:
    assert ticker(text) == symbol


REFUSED: dict[str, tuple[str, str]] = {
    "a misspelt limit": ('{"ticker": "BTCUSDT", "action": "buy", "stop_los": 1}', "stop_los"),
    "what no webhook may set": (
        '{"ticker": "BTCUSDT", "action": "buy", "force_execution": true}',
        "force_execution",
    ),
    "the same told twice": ('{"ticker": "A", "symbol": "B", "action": "buy"}', "symbol"),
    "no symbol": ('{"action": "buy"}', "symbol"),
    "no side": ('{"ticker": "BTCUSDT"}', "side"),
    "another side": ('{"ticker": "BTCUSDT", "action": "close"}', "side"),
    "a ticker that is none": ('{"ticker": "?.P", "action": "buy"}', "symbol"),
    "an order that leaves the strategy flat": (
        json.dumps(STRATEGY | {"action": "sell", "market_position": "flat"}),
        "market_position",
    ),
    "the same in the default message": (
        "order sell @ 1 filled on BTCUSDT. New strategy position is 0",
        "market_position",
    ),
    "a nested value": ('{"ticker": ["BTCUSDT"], "action": "buy"}', "ticker"),
    "a truth value": ('{"ticker": "BTCUSDT", "action": "buy", "qty": true}', "qty"),
    "not a number": ('{"ticker": "BTCUSDT", "action": "buy", "qty": NaN}', "body"),
    "broken JSON": ('{"ticker": "BTCUSDT"', "body"),
    "half a character": ('{"ticker": "\\ud800", "action": "buy"}', "body"),
    "deep JSON": ('{"a": ' + "[" * 30 + "]" * 30 + "}", "body"),
    "very deep JSON": ('{"a": ' + "[" * 30_000, "body"),
    "prose": ("what a lovely morning", "body"),
    "half a default message": ("order buy @ 1 filled on", "body"),
}


@pytest.mark.parametrize(("text", "field"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_understood_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_signal(text)

    assert refused.value.field == field
    assert refused.value.reason
