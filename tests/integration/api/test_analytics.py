"""Statistics and reports through the API, over real trades on the simulator."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

REPORTS = "/api/reports"
#: a loaded machine takes long to import what draws
PATIENCE_SECONDS = 120
D = Decimal


def analytics(pair: Pair, query: str = "days=1") -> dict[str, Any]:
    status, found = pair.api.get(f"/api/analytics?{query}", timeout=PATIENCE_SECONDS)
    assert status == 200, found
    return dict(found)


def draw(pair: Pair, body: object, **options: Any) -> dict[str, Any]:
    status, drawn = pair.api.post(REPORTS, body, timeout=PATIENCE_SECONDS, **options)
    assert status == 201, drawn
    return dict(drawn)


def round_trip(pair: Pair, **fields: object) -> dict[str, Any]:
    """Enter and leave a position, and return its trade."""
    held = pair.enter(quantity="0.05", **fields)
    assert pair.close(held["trade_id"])[0] in (200, 202)
    return pair.until_trade(held["trade_id"], lambda told: told["status"] == "closed")


def test_a_closed_trade_counts_in_every_statistic(pair: Pair) -> None:
    before = analytics(pair)

    trade = round_trip(pair, strategy="counted once")
    after = analytics(pair)

    assert after["total"]["trades"] == before["total"]["trades"] + 1
    assert D(after["total"]["net"]) - D(before["total"]["net"]) == D(trade["net_pnl"])
    assert D(after["costs"]["fees"]) - D(before["costs"]["fees"]) == D(trade["fees"])
    (group,) = (one for one in after["by_strategy"] if one["name"] == "counted once")
    assert (group["trades"], D(group["net"])) == (1, D(trade["net_pnl"]))
    paid = D(trade["slippage_rate"]) * D(trade["planned_price"]) * D(trade["filled_quantity"])
    assert after["costs"]["slippage_usd"] - before["costs"]["slippage_usd"] == pytest.approx(
        float(paid), abs=1e-6
    )
    assert after["recommendations"]
    assert D(after["equity_end"]) == D(after["equity_start"]) + D(after["total"]["net"])


def test_a_report_is_drawn_listed_and_given_out(pair: Pair) -> None:
    round_trip(pair)
    headers = {"Idempotency-Key": pair.key()}

    drawn = draw(pair, {"days": 7}, headers=headers)

    assert draw(pair, {"days": 7}, headers=headers) == drawn
    file = drawn["report"]
    assert pair.api.get(REPORTS)[1]["reports"][0] == file
    status, page = pair.api.get(f"{REPORTS}/{file['name']}")
    assert (status, len(page.encode())) == (200, file["bytes"])
    assert page.startswith("<!doctype html>")
    assert "<svg" in page
    # it needs nothing from elsewhere
    assert not re.search(r"<script|<link|\ssrc=|@import", page)
    assert (pair.api.var / "report" / file["picture"]).read_bytes().startswith(b"\x89PNG")
    assert f"{drawn['total']['trades']:,}</dd>" in page


def test_a_past_range_is_drawn_again_in_the_place_of_the_former_one(pair: Pair) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=40)
    body = {"from": (end - timedelta(days=2)).isoformat(), "to": end.isoformat()}

    first, second = (draw(pair, body) for _ in range(2))

    assert first["report"]["name"] == second["report"]["name"]
    names = [one["name"] for one in pair.api.get(REPORTS)[1]["reports"]]
    assert names.count(first["report"]["name"]) == 1
    assert first["total"]["trades"] == 0
    assert [first["from"], first["to"]] == [
        text.replace("+00:00", "Z") for text in (body["from"], body["to"])
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("days=0", "days"),
        ("days=4000", "days"),
        ("days=x", "days"),
        ("from=yesterday", "from"),
        ("from=2026-01-01T00:00:00", "from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
        ("from=2090-01-02T00:00:00Z", "from"),
        ("from=2001-01-01T00:00:00Z", "from"),
        ("from=2026-01-01T00:00:00Z&days=3", "days"),
    ],
)
def test_a_wrong_range_is_refused_with_its_field(pair: Pair, query: str, field: str) -> None:
    status, told = pair.api.get(f"/api/analytics?{query}")

    assert status == 422, told
    assert [one["field"] for one in told["errors"]] == [field]


@pytest.mark.parametrize(
    ("name", "status"),
    [("analytics-20200101T000000Z-20200102T000000Z", 404), ("..%2Fdata%2Fcerberus", 404)],
)
def test_what_is_no_report_is_not_given_out(pair: Pair, name: str, status: int) -> None:
    assert pair.api.get(f"{REPORTS}/{name}")[0] == status
    assert pair.api.get(f"{REPORTS}/{name}/picture")[0] == status


def test_statistics_need_a_token(pair: Pair) -> None:
    assert pair.api.get("/api/analytics", token=None)[0] == 401
    assert pair.api.post(REPORTS, token=None)[0] == 401
