import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cerberus.client.monitoring import Answer, Seen, problems, read_answer, report, table

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HEALTH = {"status": "healthy", "mode": "paper", "blocked_by": [], "components": {}}
RISK = {
    "daily_pnl": "10",
    "losses_in_a_row": 1,
    "limits": {"daily_loss_usd": "100", "losses_in_a_row": "5"},
}
GONE = Answer(0, {})


def seen(**parts: object) -> Seen:
    healthy = Seen(
        api=Answer(200, HEALTH),
        account=Answer(200, {}),
        risk=Answer(200, RISK),
        simulator=Answer(200, {}),
        triggers=Answer(200, {"results": []}),
        free_bytes=2**31,
        free_bytes_limit=2**30,
        near_share=Decimal("0.8"),
        now=NOW,
    )
    return healthy._replace(**parts)


def trigger(due: str | None, **state: object) -> dict[str, object]:
    told = {"flowId": "flow", "triggerId": "daily", "nextEvaluationDate": due, **state}
    return {"state": told}


def test_nothing_is_wrong_with_a_healthy_system() -> None:
    assert problems(seen()) == []
    assert report(seen())["outputs"] == {"status": "healthy", "problems": [], "alerts": []}


@pytest.mark.parametrize(
    ("parts", "part", "title", "message"),
    [
        ({"api": GONE}, "api", "the API does not answer", "no connection"),
        (
            {"api": Answer(503, {"detail": "starting"})},
            "api",
            "the API does not answer",
            "status 503 starting",
        ),
        (
            {"api": Answer(200, {**HEALTH, "status": "unhealthy", "blocked_by": ["recovery"]})},
            "api",
            "the API is not ready",
            "recovery",
        ),
        (
            {"api": Answer(200, {**HEALTH, "blocked_by": ["store: disk is full"]})},
            "database",
            "the database does not answer",
            "store: disk is full",
        ),
        ({"simulator": GONE}, "simulator", "the simulator does not answer", "no connection"),
        (
            {"account": Answer(503, {"detail": "no answer"})},
            "exchange",
            "the exchange does not answer",
            "status 503 no answer",
        ),
        (
            {"risk": Answer(200, {**RISK, "daily_pnl": "-80"})},
            "risk",
            "daily loss comes near its limit",
            "80 of at most 100",
        ),
        (
            {"risk": Answer(200, {**RISK, "losses_in_a_row": 4})},
            "risk",
            "losses in a row comes near its limit",
            "4 of at most 5",
        ),
        ({"triggers": GONE}, "engine", "the engine's schedules cannot be read", "no connection"),
        (
            {"triggers": Answer(200, {"results": [trigger("2026-03-01T11:58:00Z")]})},
            "schedules",
            "schedules should have fired",
            "flow.daily for 120 s",
        ),
        (
            {"free_bytes": 2**29},
            "disk",
            "the disk is nearly full",
            "0.50 GiB free, limit 1.00 GiB",
        ),
    ],
)
def test_a_problem_is_named_with_its_numbers(
    parts: dict[str, object], part: str, title: str, message: str
) -> None:
    (found,) = problems(seen(**parts))

    assert (found.part, found.title) == (part, title)
    assert message in found.message
    assert not found.told
    assert part in table([found])


@pytest.mark.parametrize(
    "state",
    [
        trigger("2026-03-01T11:59:30Z"),
        trigger("2026-03-01T11:00:00Z", locked=True),
        trigger("2026-03-01T11:00:00Z", disabled=True),
        trigger(None),
    ],
)
def test_a_schedule_that_is_due_just_now_or_must_not_fire_is_not_late(
    state: dict[str, object],
) -> None:
    assert problems(seen(triggers=Answer(200, {"results": [state]}))) == []


def test_a_failing_step_is_shown_and_left_to_the_api_to_tell() -> None:
    parts = {"follow": {"problem": "no answer"}, "value": {"problem": ""}}
    shown = report(seen(api=Answer(200, {**HEALTH, "components": parts})))

    outputs = shown["outputs"]
    assert isinstance(outputs, dict)
    assert [one["part"] for one in outputs["problems"]] == ["api follow"]
    assert outputs["alerts"] == []


def test_a_stopped_simulator_is_told_once_though_the_exchange_is_gone_with_it() -> None:
    found = problems(seen(simulator=GONE, account=Answer(503, {})))

    assert [(one.part, one.told) for one in found] == [("simulator", False), ("exchange", True)]


def test_a_live_system_has_no_simulator() -> None:
    assert problems(seen(api=Answer(200, {**HEALTH, "mode": "live"}), simulator=GONE)) == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"code": 200, "body": json.dumps({"a": 1})}, Answer(200, {"a": 1})),
        ({"code": 0, "body": ""}, Answer(0, {})),
        ({"code": 502, "body": "<html>"}, Answer(502, {})),
        ({"code": 200, "body": "[1]"}, Answer(200, {})),
    ],
)
def test_an_answer_that_is_no_object_counts_by_its_code(
    told: dict[str, object], expected: Answer
) -> None:
    assert read_answer(told) == expected
