"""Analytics on the real engine: drawn, told with its picture, for past ranges, and failing."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.analytics/cerberus-analytics"
FILE = Path(__file__).resolve().parents[2] / "flows/analytics/cerberus-analytics.yaml"


def report_of(stack: Stack, execution: Shown) -> Shown:
    """Return what the API lists of the report that an execution gives as its output."""
    name = stack.engine.outputs(execution["id"])["report"]
    (found,) = (one for one in stack.api.get("/api/reports")[1]["reports"] if one["name"] == name)
    return dict(found)


def test_the_report_of_the_day_is_drawn_and_told_with_its_picture(flat: Stack) -> None:
    told = signal("ETH/USDT:USDT", id=str(uuid.uuid4()))
    assert flat.api.post("/api/trades", {"signal": told})[0] == 201
    flat.close_all()

    execution = flat.engine.run(FLOW)

    assert execution["state"]["current"] == "SUCCESS", flat.tasks(execution)
    drawn = report_of(flat, execution)
    trades = flat.engine.outputs(execution["id"])["trades"]
    assert trades >= 1
    (sent,) = told_people(flat.engine, execution)
    assert (sent["level"], sent["name"], sent["picture"]) == ("INFO", "analytics", drawn["picture"])
    assert f"{trades} closed trades" in sent["message"]
    assert (flat.api.var / "report" / sent["picture"]).is_file()
    alerts = flat.api.get("/api/alerts?name=analytics")[1]["alerts"]
    assert execution["id"] in alerts[0]["source"]


def test_a_past_range_is_drawn_and_told_to_nobody(flat: Stack) -> None:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=50)
    start = end - timedelta(days=3)

    execution = flat.engine.run(
        FLOW, range_start=start.isoformat(), range_end=end.isoformat(), is_told="false"
    )

    assert execution["state"]["current"] == "SUCCESS", flat.tasks(execution)
    drawn = report_of(flat, execution)
    assert (datetime.fromisoformat(drawn["start"]), datetime.fromisoformat(drawn["end"])) == (
        start,
        end,
    )
    assert flat.engine.outputs(execution["id"])["trades"] == 0
    assert told_people(flat.engine, execution) == []


def test_a_report_that_cannot_be_made_is_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told = {"/api/reports": (500, {"title": "Internal Server Error"})}

    execution = engine.run(FLOW, days="7")

    assert execution["state"]["current"] == "FAILED"
    asked = api.asked_for("/api/reports")
    assert [key for key, _ in asked] == [f"{execution['id']}-draw_report"] * 3
    assert asked[0][1]["days"] == 7
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == ("WARNING", "analytics failed")
    assert "draw_report" in told["message"]


def test_it_runs_for_a_day_a_week_and_a_month() -> None:
    triggers = yaml.safe_load(FILE.read_text())["triggers"]

    assert {one["cron"]: one["inputs"] for one in triggers} == {
        "0 19 * * *": {"days": 1},
        "0 20 * * 0": {"days": 7},
        "0 21 1 * *": {"days": 30},
    }
