"""Health tells when nobody watches the processes any more, and what was given up."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.trading.steps import Pair

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]


def test_a_supervisor_that_writes_no_more_degrades_health_and_one_that_gave_up_blocks(
    pair: Pair,
) -> None:
    file, now = pair.api.var / "data" / "supervisor.json", datetime.now(UTC)
    try:
        file.write_text(_told(now))
        assert pair.api.get("/health", token=None)[1]["status"] == "healthy"
        file.write_text(_told(now - timedelta(seconds=40)))
        told = pair.api.get("/health/detailed", token=None)[1]
        assert (told["status"], told["entries_allowed"]) == ("degraded", True)
        assert "nobody watches" in told["components"]["supervisor"]["problem"]
        file.write_text(_told(now, "engine"))
        told = pair.api.get("/health", token=None)[1]
        assert told["blocked_by"] == ["entries: the supervisor has given up on engine"]
    finally:
        file.unlink()


def _told(at: datetime, *given_up: str) -> str:
    return json.dumps({"version": 1, "updated_at": at.isoformat(), "given_up": given_up})
