"""Repeated requests: by key, by signal id, by bar, by content."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_the_same_key_and_body_replay_the_first_answer(pair: Pair) -> None:
    body, key = {"signal": pair.signal(quantity="0.05")}, pair.key()
    first = _keyed(pair, "POST", "/api/trades", body, key)
    second = _keyed(pair, "POST", "/api/trades", body, key)
    assert (first[0], second[0]) == (201, 201)
    assert first[2] == second[2]
    assert "Idempotent-Replayed" not in first[1]
    assert second[1]["Idempotent-Replayed"] == "true"


def test_a_refusal_is_replayed_as_the_problem_it_was(pair: Pair) -> None:
    body, key = {"signal": pair.signal(quantity="0.05", confidence="0.1")}, pair.key()
    first = _keyed(pair, "POST", "/api/trades", body, key)
    second = _keyed(pair, "POST", "/api/trades", body, key)
    assert (first[0], second[0], second[2]["check"]) == (422, 422, "confidence")
    assert first[1]["content-type"] == second[1]["content-type"] == "application/problem+json"
    assert (first[2], second[1]["Idempotent-Replayed"]) == (second[2], "true")


@pytest.mark.parametrize(
    ("path", "status"), [("/api/signals", 201), ("/api/risk/assess", 200), ("/trade/signal", 200)]
)
def test_every_route_that_changes_state_keeps_its_answer(
    pair: Pair, path: str, status: int
) -> None:
    signal = pair.signal(quantity="0.05")
    short = {key: value for key, value in signal.items() if key != "id"}
    body = {"signal": signal} if "assess" in path else signal if "api" in path else short
    key = pair.key()
    first = _keyed(pair, "POST", path, body, key)
    second = _keyed(pair, "POST", path, body, key)
    assert (first[0], second[0], second[2]) == (status, status, first[2])
    assert second[1]["Idempotent-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(pair: Pair) -> None:
    key = pair.key()
    _keyed(pair, "POST", "/api/signals", pair.signal(quantity="0.05"), key)
    status, _, told = _keyed(pair, "POST", "/api/signals", pair.signal(quantity="0.06"), key)
    assert (status, told["type"].rpartition("/")[2]) == (422, "key-reused")


def test_a_key_belongs_to_its_route_and_token(pair: Pair) -> None:
    body, key = pair.signal(quantity="0.05"), pair.key()
    assert _keyed(pair, "POST", "/api/signals", body, key)[0] == 201
    assert _keyed(pair, "POST", "/api/signals/validate", body, key)[0] == 200
    status, headers, _ = _keyed(pair, "POST", "/api/signals", body, key, token="admin_token")
    assert (status, "Idempotent-Replayed" in headers) == (200, False)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(pair: Pair, key: str) -> None:
    assert _keyed(pair, "POST", "/api/signals", pair.signal(), key)[0] == 422


def test_a_request_that_is_still_running_answers_409(pair: Pair) -> None:
    pair.simulator.order_fault(
        "latency", milliseconds=1500, method="POST", path="/futures/usdt/orders$"
    )
    body, key = {"signal": pair.signal(quantity="0.05")}, pair.key()
    # either may be first; the venue keeps that one waiting until the other has come
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(_keyed, pair, "POST", "/api/trades", body, key) for _ in range(2)]
    first, second = sorted((one.result() for one in told), key=lambda answer: answer[0])
    assert (first[0], second[0]) == (201, 409)
    assert second[1]["Retry-After"] == "1"
    assert len(pair.api.get("/account")[1]["positions"]) == 1


def test_a_venue_that_fails_is_not_remembered(pair: Pair) -> None:
    pair.simulator.order_fault("status", method="GET", path="order_book")
    body, key = {"signal": pair.signal(symbol="ETHUSDT", quantity="0.5")}, pair.key()
    status, headers, _ = _keyed(pair, "POST", "/api/trades", body, key)
    assert (status, headers["Retry-After"]) == (503, "1")
    assert _keyed(pair, "POST", "/api/trades", body, key)[0] == 201


def test_a_signal_is_known_by_its_id_however_late_it_is_repeated(pair: Pair) -> None:
    signal = pair.signal(quantity="0.05")
    first = pair.api.post("/api/signals", signal)[1]
    assert (first["duplicate_of"], first["status"]) == (None, "approved")
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    status, again = pair.api.post("/api/signals", signal | {"created_at": old, "quantity": "0.06"})
    assert (status, again["duplicate_of"]) == (200, first["signal_id"])
    status, trade = pair.api.post("/api/trades", {"signal": signal})
    assert (status, trade["signal_id"]) == (201, first["signal_id"])
    status, same = pair.api.post("/api/trades", {"signal_id": first["signal_id"]})
    assert (status, same["duplicate_of"]) == (200, trade["trade_id"])


def test_it_is_told_how_many_signals_were_new_and_how_many_repeated(pair: Pair) -> None:
    before = pair.api.get("/api/signals/duplicates")[1]
    signal = pair.signal(quantity="0.05")
    first = pair.api.post("/api/signals", signal)[1]
    for _ in range(3):
        pair.api.post("/api/signals", signal)
    after = pair.api.get("/api/signals/duplicates?limit=1")[1]
    assert after["new"] == before["new"] + 1
    assert after["duplicates_from_cache"] == before["duplicates_from_cache"] + 3
    assert after["keys_cached"] == before["keys_cached"] + 2  # its content's and its id's
    assert [one["signal_id"] for one in after["recent"]] == [first["signal_id"]]
    text = pair.api.get("/metrics/prometheus", token=None)[1]
    assert f'cerberus_signals_told_total{{outcome="new"}} {after["new"]}' in text


def test_a_signal_is_known_by_its_bar_or_by_its_content(pair: Pair) -> None:
    bar = datetime.now(UTC).replace(second=0, microsecond=0).isoformat()
    by_bar = {"symbol": "BTCUSDT", "side": "buy", "timeframe": "5m", "bar": bar}
    number = pair.key().removeprefix("key-")
    by_content = {"symbol": "BTCUSDT", "side": "buy", "size_usd": f"{50 + int(number) / 100}"}
    for signal, change in ((by_bar, {"size_usd": "60"}), (by_content, {"confidence": "0.9"})):
        first = pair.api.post("/api/signals", signal)[1]
        again = pair.api.post("/api/signals", signal | change)[1]
        assert again["duplicate_of"] == first["signal_id"]
    other = pair.api.post("/api/signals", by_content | {"size_usd": "49"})[1]
    assert other["duplicate_of"] is None


def test_twenty_requests_with_one_signal_id_make_one_order(pair: Pair) -> None:
    before, body = pair.counts(), {"signal": pair.signal(quantity="0.05")}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: pair.api.post("/api/trades", body), range(20)))
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert len({trade["trade_id"] for _, trade in answers}) == 1
    after = pair.counts()
    for name in ("signals", "trades", "orders", "venue"):
        assert after[name] == before[name] + 1


def test_waiting_signals_are_executed_by_confidence(pair: Pair) -> None:
    """The first one holds the queue, so that the other two meet in it."""
    pair.simulator.order_fault(
        "latency", milliseconds=1500, method="POST", path="/futures/usdt/orders$"
    )
    signals = [
        pair.signal(quantity="0.05"),
        pair.signal(symbol="ETHUSDT", quantity="0.5", confidence="0.6"),
        pair.signal(symbol="ETHUSDT", quantity="0.6", confidence="0.9"),
    ]
    with ThreadPoolExecutor(3) as pool:
        answers = []
        for signal in signals:
            before = pair.counts()["signals"]
            answers.append(pool.submit(pair.api.post, "/api/trades", {"signal": signal}))
            pair.until(lambda known=before: True if pair.counts()["signals"] > known else None)
        first, low, high = (answer.result() for answer in answers)
    assert (first[0], high[0], low[0]) == (201, 201, 422)
    assert low[1]["check"] == "one_position_per_symbol"


def _keyed(
    pair: Pair, method: str, path: str, body: object, key: str, token: str = "api_token"
) -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection("127.0.0.1", pair.api.port, timeout=30)
    headers = {
        "Authorization": f"Bearer {pair.api.token(token)}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    try:
        connection.request(method, path, json.dumps(body), headers)
        response = connection.getresponse()
        told = json.loads(response.read())
    finally:
        connection.close()
    names = {"content-type", "Idempotent-Replayed", "Retry-After"}
    kept = {name: value for name in names if (value := response.getheader(name)) is not None}
    return response.status, kept, told
