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


@pytest.mark.parametrize(
    ("field", "name"),
    [("broken_flow_files", "flow_file_broken"), ("stuck_schedules", "schedule_stuck")],
)
def test_what_is_wrong_with_the_engines_flows_alerts_until_it_is_well_again(
    pair: Pair, field: str, name: str
) -> None:
    file = pair.api.var / "data" / "supervisor.json"
    wrong = {"trading.a": "line 3: no tasks", "trading.b": "it is 95 s late"}
    try:
        file.write_text(json.dumps({field: wrong}))
        told = pair.until(lambda: _alerts(pair, name, "open", 2), 30)
        assert {one["message"] for one in told} == set(wrong.values())
        assert {one["level"] for one in told} == {"WARNING"}
        assert any("trading.a" in one["title"] for one in told)
        assert pair.api.get("/health/detailed", token=None)[1]["entries_allowed"] is True

        del wrong["trading.a"]
        file.write_text(json.dumps({field: wrong}))
        over = pair.until(lambda: _alerts(pair, name, "resolved", 1), 30)
        assert "trading.a" in over[0]["title"]
        assert "trading.b" in pair.until(lambda: _alerts(pair, name, "open", 1), 30)[0]["title"]
    finally:
        file.unlink()
    pair.until(lambda: _alerts(pair, name, "resolved", 2), 30)


def _alerts(pair: Pair, name: str, status: str, count: int) -> list[dict[str, str]] | None:
    path = f"/api/alerts?name={name}&status={status}"
    found: list[dict[str, str]] = pair.api.get(path)[1]["alerts"]
    return found if len(found) == count else None


def _told(at: datetime, *given_up: str) -> str:
    return json.dumps({"version": 1, "updated_at": at.isoformat(), "given_up": given_up})
