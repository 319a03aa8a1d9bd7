"""Metrics: both forms parse, names end in a unit, and the numbers are true."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

UNITS = re.compile(r"_(total|count|usd|usdt|ratio|seconds|quantity|amount|bytes)$")


def test_prometheus_text_parses_and_every_name_ends_in_a_unit(pair: Pair) -> None:
    for path, accept in (("/metrics/prometheus", "*/*"), ("/metrics", "text/plain")):
        status, text = pair.api.get(path, token=None, headers={"Accept": accept})
        families = list(text_string_to_metric_families(text))
        assert status == 200
        assert len(families) > 10
        for family in families:
            assert family.documentation
            assert UNITS.search(family.name), family.name


def test_json_and_text_tell_the_same(pair: Pair) -> None:
    pair.enter(quantity="0.05")
    before = _numbers(pair)
    text = pair.api.get("/metrics/prometheus", token=None)[1]
    after = _numbers(pair)
    samples = {
        (one.name, ",".join(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    # the market and the clock move some of them between two questions
    steady = {name for name, value in before.items() if after.get(name) == value}
    assert len(steady) > 20
    assert {name: samples[name] for name in steady} == {name: before[name] for name in steady}


def test_the_counts_follow_what_is_done(pair: Pair) -> None:
    before = pair.api.get("/metrics", token=None)[1]
    trade = pair.enter(quantity="0.05")
    pair.send(quantity="0.05")
    held = pair.api.get("/metrics", token=None)[1]
    assert held["cerberus_positions_open_count"] == 1
    assert held["cerberus_positions_unprotected_count"] == 0
    assert 0 < held["cerberus_unprotected_seconds"] < 2
    assert _grew(before, held, "cerberus_signals_total", "refused") == 1
    assert _grew(before, held, "cerberus_trades_total", "open") == 1
    pair.close(trade["trade_id"])
    after = pair.api.get("/metrics", token=None)[1]
    assert after["cerberus_positions_open_count"] == 0
    assert _grew(before, after, "cerberus_trades_total", "closed") == 1
    assert _grew(before, after, "cerberus_orders_total", "filled") == 2
    pair.api.post("/api/system/maintenance", {"on": True})
    assert pair.api.get("/metrics", token=None)[1]["cerberus_entry_blocks_count"] == 1


def test_requests_are_counted_by_route_and_status(pair: Pair) -> None:
    name = "cerberus_http_request_seconds_count"
    labels = {"method": "GET", "route": "/api/trades/{trade_id}", "status": "404"}

    def count() -> float:
        text = pair.api.get("/metrics/prometheus", token=None)[1]
        families = text_string_to_metric_families(text)
        samples = (one for family in families for one in family.samples)
        found = [one.value for one in samples if one.name == name and one.labels == labels]
        return found[0] if found else 0

    before = count()
    for _ in range(3):
        pair.api.get("/api/trades/nothing")
    assert count() == before + 3


def _grew(before: dict[str, dict[str, float]], after: object, name: str, status: str) -> float:
    assert isinstance(after, dict)
    change: float = after[name][status] - before.get(name, {}).get(status, 0)
    return change


def _numbers(pair: Pair) -> dict[tuple[str, str], float]:
    """Return the JSON form by name and labels."""
    return {
        (name, labels): value
        for name, told in pair.api.get("/metrics", token=None)[1].items()
        for labels, value in (told if isinstance(told, dict) else {"": told}).items()
    }
