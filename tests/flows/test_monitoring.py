"""Monitoring on the real engine: what it notices, whom it tells, and its report of the day."""

import time
from pathlib import Path

import pytest
import yaml

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.monitoring/cerberus-monitoring"
FILE = Path(__file__).resolve().parents[2] / "flows/monitoring/cerberus-monitoring.yaml"
PERIOD_SECONDS = 120
HEALTHY = {"status": "healthy", "mode": "live", "blocked_by": [], "components": {}}


def titles(stack: Stack, execution: Shown) -> list[str]:
    """Return the titles of the problems that the flow gives as its output."""
    found = stack.engine.outputs(execution["id"])["problems"]
    # an API that was just down has steps that fail still, and tells them itself
    return [one["title"] for one in found if not one["told"]]


def noticed(stack: Stack) -> tuple[Shown, list[str]]:
    """Run it, which has to end within one period of its schedule, and return what it told."""
    began = time.monotonic()
    execution = stack.engine.run(FLOW)
    assert time.monotonic() - began < PERIOD_SECONDS
    return execution, titles(stack, execution)


def wait_until_well(stack: Stack) -> None:
    deadline = time.monotonic() + 60
    while stack.api.get("/account")[0] != 200 or stack.api.get("/health")[1]["blocked_by"]:
        assert time.monotonic() < deadline, stack.api.get("/health/detailed")
        time.sleep(0.2)


def test_a_well_system_is_healthy_and_the_report_of_the_day_is_sent(flat: Stack) -> None:
    wait_until_well(flat)

    execution = flat.engine.run(FLOW, report="true")

    assert execution["state"]["current"] == "SUCCESS"
    assert flat.engine.outputs(execution["id"]) == {"status": "healthy", "problems": []}
    (sent,) = told_people(flat.engine, execution)
    assert (sent["level"], sent["title"]) == ("INFO", "report of the day")
    assert "closed trades: " in sent["message"]


def test_a_stopped_simulator_and_a_stopped_api_are_noticed_within_one_period(
    flat: Stack,
) -> None:
    flat.simulator.kill()
    try:
        without_simulator, told = noticed(flat)
    finally:
        flat.simulator.start()
    assert told == ["the simulator does not answer"]
    (sent,) = told_people(flat.engine, without_simulator)
    assert (sent["level"], sent["title"]) == ("CRITICAL", "the simulator does not answer")

    flat.api.kill()
    try:
        without_api, told = noticed(flat)
    finally:
        flat.api.start()
    assert told == ["the API does not answer"]
    assert without_api["state"]["current"] == "WARNING"
    (sent,) = told_people(flat.engine, without_api)
    assert (sent["level"], sent["title"]) == ("CRITICAL", "the API does not answer")
    wait_until_well(flat)
    (text,) = [one["text"] for one in flat.telegram.taken if without_api["id"] in one["text"]]
    alert_id = taken_in(flat, without_api)
    assert alert_id in text
    deliveries = flat.api.get(f"/api/alerts/{alert_id}")[1]["deliveries"]
    assert ("telegram", "sent") in [(one["channel"], one["status"]) for one in deliveries]


def taken_in(stack: Stack, execution: Shown) -> str:
    """Return the alert of which people were told past the API, once that knows of it."""
    deadline = time.monotonic() + 30
    while True:
        alerts = stack.api.get("/api/alerts?limit=100")[1]["alerts"]
        mine = [one["alert_id"] for one in alerts if execution["id"] in one["source"]]
        if mine:
            return str(mine[0])
        assert time.monotonic() < deadline, alerts
        time.sleep(0.1)


def test_it_runs_every_two_minutes_and_reports_at_six() -> None:
    triggers = yaml.safe_load(FILE.read_text())["triggers"]

    assert [one["cron"] for one in triggers] == ["*/2 * * * *", "0 18 * * *"]
    assert triggers[1]["inputs"] == {"report": True}


def test_each_problem_is_told_and_a_sign_of_life_given(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    risk = {"daily_pnl": "-90", "losses_in_a_row": 0, "limits": {"daily_loss_usd": "100"}}
    api.told = {
        "/health/detailed": (200, HEALTHY),
        "/account": (500, {"detail": "down"}),
        "/api/risk/status": (200, risk),
    }

    execution = engine.run(FLOW, free_disk_gibibytes="1000000000")

    assert execution["state"]["current"] == "SUCCESS"
    found = [one["title"] for one in engine.outputs(execution["id"])["problems"]]
    assert found == [
        "the exchange does not answer",
        "daily loss comes near its limit",
        "the disk is nearly full",
    ]
    assert sorted(one["title"] for one in told_people(engine, execution)) == sorted(found)
    ((key, _),) = api.asked_for("/api/heartbeats/cerberus-monitoring")
    assert key == f"{execution['id']}-give_sign_of_life"


def test_a_report_that_cannot_be_made_fails_and_calls_people(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {"/health/detailed": (200, HEALTHY), "/api/holdings": (500, {})}

    execution = engine.run(FLOW, report="true")

    assert execution["state"]["current"] == "FAILED"
    (told,) = told_people(engine, execution)
    assert told["title"] == "monitoring failed"
    assert "read_holdings" in told["message"]
