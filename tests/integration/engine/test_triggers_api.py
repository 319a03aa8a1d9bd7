"""Triggers over the API."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import SCHEDULED

NAME = {"namespace": "t", "flowId": "scheduled", "triggerId": "hourly"}


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    engine.create_flow(SCHEDULED)


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come to hold"
        time.sleep(0.05)


def state(kestra: Any) -> dict[str, Any]:
    found = kestra.triggers.search_triggers("main", size=100)["results"]
    states = [row["state"] for row in found if row["state"]["flowId"] == "scheduled"]
    return states[0] if states else {}


def test_shows_a_schedule_with_its_next_date(engine: EngineProcess, kestra: Any) -> None:
    eventually(lambda: "nextEvaluationDate" in state(kestra))
    assert kestra.triggers.search_triggers_for_flow("main", "t", "scheduled")["total"] == 1
    query = {"filters[flowId][EQUALS]": "scheduled"}
    found = engine.session.get(engine.api("triggers/search"), params=query, timeout=30).json()
    assert found["results"][0]["trigger"]["cron"] == "0 * * * *"
    assert "vnode" not in found["results"][0]["state"]


def test_switches_a_schedule_off_and_on_and_unlocks_it(kestra: Any) -> None:
    eventually(lambda: "nextEvaluationDate" in state(kestra))
    kestra.triggers.disable_trigger_by_id("main", {**NAME, "disabled": True})
    eventually(lambda: state(kestra)["disabled"] is True)
    kestra.triggers.disable_trigger_by_id("main", {**NAME, "disabled": False})
    eventually(lambda: state(kestra)["disabled"] is False)
    kestra.triggers.unlock_trigger("main", "t", "scheduled", "hourly")
    eventually(lambda: "nextEvaluationDate" in state(kestra))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"namespace":"t","flowId":"scheduled","triggerId":"none","disabled":true}', 404),
        (b'{"namespace":"t","flowId":"scheduled","triggerId":"hourly","disabled":"x"}', 422),
    ],
)
def test_refuses_to_switch_what_does_not_fit(
    engine: EngineProcess, body: bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    url = engine.api("triggers/set-disabled")
    answer = engine.session.put(url, body, headers=headers, timeout=30)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_unlocking_an_unknown_trigger_is_not_found(engine: EngineProcess) -> None:
    answer = engine.session.post(engine.api("triggers/t/scheduled/none/unlock"), timeout=30)
    assert answer.status_code == 404
