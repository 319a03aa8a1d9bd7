"""The subflow that tells people: through the API's outbox, once for an execution."""

import uuid

import pytest

from tests.flows.few_answers import Alone
from tests.flows.pipeline import Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

NOTIFY = "cerberus.shared/cerberus-notify"


def test_the_api_takes_the_alert_and_the_log_stays_empty(stack: Stack) -> None:
    told = {
        "level": "WARNING",
        "title": 'a "quoted" title {{ not.rendered }}',
        "message": "m" * 9000,
        "source": "cerberus.test.probe 1",
    }

    execution = stack.engine.run(NOTIFY, **told)

    assert execution["state"]["current"] == "SUCCESS"
    assert stack.tasks(execution).get("log_alert") in (None, "SKIPPED")
    status, alert = stack.api.get(f"/api/alerts/{execution['id']}")
    assert status == 200
    assert (alert["level"], alert["source"]) == ("WARNING", told["source"])
    assert alert["title"] == told["title"]
    assert alert["message"].startswith("m" * 7900)


def test_the_same_thing_told_again_is_counted(stack: Stack) -> None:
    told = {"title": "disk fills", "message": "91 %", "source": "s", "name": "disk", "about": "var"}
    first = stack.engine.run(NOTIFY, **told)
    again = stack.engine.run(NOTIFY, **told | {"title": "disk still fills", "message": "92 %"})

    _, alert = stack.api.get(f"/api/alerts/{again['id']}")
    assert alert["external_id"] == first["id"]
    assert (alert["count"], alert["message"], alert["name"]) == (2, "92 %", "disk")


def test_without_an_api_people_are_told_directly_and_once(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told["/api/alerts"] = (500, {"title": "Internal Server Error"})
    title = f"the API is dead {uuid.uuid4()} {{{{ 1 + 1 }}}}"
    told = {"level": "CRITICAL", "title": title, "message": "m", "source": "cerberus.probe x"}

    runs = [engine.run(NOTIFY, **told) for _ in range(2)]

    # a person hears of it, and the flow that told it goes on
    assert {one["state"]["current"] for one in runs} <= {"SUCCESS", "WARNING"}
    (text,) = [one["text"] for one in api.telegram.taken if title in one["text"]]
    assert "CRITICAL" in text
    assert "directly, without the API" in text
    for one in runs:
        engine.messages(one["id"], containing="told by telegram, past the API")
        engine.messages(one["id"], containing=f"CRITICAL {title}: m")
