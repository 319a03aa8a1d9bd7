"""Health tells when nobody watches the processes any more, and what was given up."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_a_supervisor_that_writes_no_more_degrades_health_and_one_that_gave_up_blocks(
    pair: Pair,
) -> None:
    file = pair.api.var / "data" / "supervisor.json"

    def is_healthy() -> bool | None:
        file.write_text(_told(datetime.now(UTC)))
        return pair.api.get("/health", token=None)[1]["status"] == "healthy" or None

    try:
        # what a test before this one has done to the venue may still be seen
        assert pair.until(is_healthy)
        now = datetime.now(UTC)
        file.write_text(_told(now - timedelta(seconds=40)))
        told = pair.api.get("/health/detailed", token=None)[1]
        assert (told["status"], told["entries_allowed"]) == ("degraded", True)
        assert "nobody watches" in told["components"]["supervisor"]["problem"]
        file.write_text(_told(now, "engine"))
        told = pair.api.get("/health", token=None)[1]
        assert told["blocked_by"] == ["entries: the supervisor has given up on engine"]
    finally:
        file.unlink()


def test_a_broken_flow_file_alerts_until_it_is_well_again(pair: Pair) -> None:
    file = pair.api.var / "data" / "supervisor.json"
    broken = {"trading/a.yaml": "line 3: no tasks", "trading/b.yaml": "line 1: no YAML"}
    try:
        file.write_text(json.dumps({"broken_flow_files": broken}))
        told = pair.until(lambda: _alerts(pair, "open", 2), 30)
        assert {one["message"] for one in told} == set(broken.values())
        assert {one["level"] for one in told} == {"WARNING"}
        assert any("trading/a.yaml" in one["title"] for one in told)
        assert pair.api.get("/health/detailed", token=None)[1]["entries_allowed"] is True

        del broken["trading/a.yaml"]
        file.write_text(json.dumps({"broken_flow_files": broken}))
        over = pair.until(lambda: _alerts(pair, "resolved", 1), 30)
        assert "trading/a.yaml" in over[0]["title"]
        assert "trading/b.yaml" in pair.until(lambda: _alerts(pair, "open", 1), 30)[0]["title"]
    finally:
        file.unlink()
    pair.until(lambda: _alerts(pair, "resolved", 2), 30)


def _alerts(pair: Pair, status: str, count: int) -> list[dict[str, str]] | None:
    path = f"/api/alerts?name=flow_file_broken&status={status}"
    found: list[dict[str, str]] = pair.api.get(path)[1]["alerts"]
    return found if len(found) == count else None


def _told(at: datetime, *given_up: str) -> str:
    return json.dumps({"version": 1, "updated_at": at.isoformat(), "given_up": given_up})
