"""What stands between the API and its venue: the use of its limits, and the breakers."""

import pytest

from tests.integration.trading.steps import Body, Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

POSITIONS = "/futures/usdt/positions$"


def breakers(pair: Pair) -> dict[str, Body]:
    told = pair.api.get("/api/system/breakers")[1]
    return {one["part"]: one for one in told["breakers"]}


def all_closed(pair: Pair) -> bool | None:
    return {one["state"] for one in breakers(pair).values()} == {"closed"} or None


def test_usage_of_the_venues_limits_is_told(pair: Pair) -> None:
    pair.api.get("/price/BTC_USDT")
    status, told = pair.api.get("/api/system/rate-limits")

    assert (status, told["ledger"]) == (200, "memory")
    books = [one for one in told["budgets"] if one["name"].endswith("/{settle}/order_book")]
    assert [(one["limit"], one["seconds"]) for one in books] == [(180, 10.0)]
    assert books[0]["calls"] >= 1
    everything = [one for one in told["budgets"] if one["name"].endswith(" all")]
    assert {one["limit"] for one in everything} == {270}
    assert all(one["used"] <= one["limit"] for one in told["budgets"])


def test_use_and_breakers_are_metrics(pair: Pair) -> None:
    text = pair.api.get("/metrics/prometheus", token=None)[1]
    assert 'cerberus_breaker_state_count{exchange="gate",part="exits",state="closed"} 1.0' in text
    assert "cerberus_rate_limit_used_ratio{budget=" in text


def test_an_open_breaker_refuses_entries_says_why_and_closes_by_itself(pair: Pair) -> None:
    pair.api.post("/api/risk/assess", {"signal": pair.signal(quantity="0.05")})
    pair.simulator.order_fault("status", path=POSITIONS, status=503, count=5)
    assert {pair.api.get("/account")[0] for _ in range(5)} == {503}

    assert breakers(pair)["account"]["state"] == "open"
    part = pair.api.get("/health/detailed", token=None)[1]["components"]["breaker account"]
    assert (part["status"], part["state"]) == ("failing", "open")
    signal = pair.signal(quantity="0.05")
    status, refused = pair.api.post("/api/trades", {"signal": signal})

    assert (status, refused["check"]) == (422, "breaker"), refused
    why = pair.api.get(f"/api/why/{refused['signal_id']}")[1]
    check = next(one for one in why["signal"]["decision"]["checks"] if one["name"] == "breaker")
    assert check["reason"].startswith("breaker gate account is open")
    pair.until(lambda: all_closed(pair), 15)
    pair.enter(quantity="0.05")
