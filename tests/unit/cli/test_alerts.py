"""`cerberus alerts` as a person types it, and as a script reads it."""

import json

import pytest

from tests.unit.cli.test_cli import run, server
from tests.unit.client.answering_server import Answering

__all__ = ["server"]

ALERT = {
    "alert_id": "01a-7",
    "external_id": "x",
    "name": "deficit",
    "level": "CRITICAL",
    "title": "funds are gone",
    "message": "12 USDT\nlimit 0",
    "source": "cerberus.watch",
    "status": "acknowledged",
    "count": 3,
    "repeats": None,
    "created_at": "2026-03-02T12:00:01.250000Z",
    "last_at": "2026-03-02T12:09:00Z",
    "escalated": 0,
    "acknowledged_at": "2026-03-02T12:10:00Z",
    "acknowledged_by": "operator",
    "resolved_at": None,
}
DELIVERY = {
    "delivery_id": "d",
    "channel": "telegram",
    "kind": "raised",
    "status": "sent",
    "message_id": "d",
    "attempts": 2,
    "created_at": "2026-03-02T12:00:01Z",
    "attempted_at": "2026-03-02T12:00:02Z",
    "error": "",
}


def answer(server: Answering, told: object) -> None:
    server.text = json.dumps(told).encode()


def test_alerts_are_listed_as_a_table(server: Answering) -> None:
    answer(server, {"alerts": [ALERT], "total": 41})

    found = run("alerts", "list", "--status", "acknowledged", "--level", "CRITICAL", "--limit", "5")

    assert server.asked[0].path == "/api/alerts?status=acknowledged&level=CRITICAL&limit=5"
    heading, line, total = found.stdout.splitlines()
    assert heading.split() == ["alert", "since", "level", "status", "times", "name", "title"]
    assert line.split()[:6] == [
        "01a-7", "2026-03-02T12:00:01Z", "CRITICAL", "acknowledged", "3", "deficit",
    ]  # fmt: skip
    assert line.endswith("funds are gone")
    assert total == "1 of 41"


def test_no_alerts_are_told_as_that(server: Answering) -> None:
    answer(server, {"alerts": [], "total": 0})

    assert run("alerts", "list").stdout == "no alerts\n"


def test_an_alert_is_shown_with_who_was_told(server: Answering) -> None:
    answer(server, ALERT | {"deliveries": [DELIVERY]})

    found = run("alerts", "show", "a/b")

    assert server.asked[0].path == "/api/alerts/a%2Fb"
    assert found.stdout.splitlines() == [
        "01a-7 CRITICAL acknowledged: funds are gone",
        "  deficit, told by cerberus.watch",
        "  12 USDT",
        "  limit 0",
        "  3 times, first 2026-03-02T12:00:01Z, last 2026-03-02T12:09:00Z",
        "  acknowledged by operator at 2026-03-02T12:10:00Z",
        "channel   why     status  tries  at                    error",
        "telegram  raised  sent    2      2026-03-02T12:00:02Z",
    ]


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (["acknowledge", "x"], "/api/alerts/x/acknowledge", {}),
        (["resolve", "x", "--reason", "mended"], "/api/alerts/x/resolve", {"reason": "mended"}),
    ],
)
def test_a_person_acts_on_an_alert(
    server: Answering, words: list[str], path: str, body: object
) -> None:
    answer(server, ALERT)

    found = run("alerts", *words)

    (asked,) = server.asked
    assert (asked.method, asked.path, json.loads(asked.body)) == ("POST", path, body)
    assert found.stdout == "01a-7 CRITICAL acknowledged: funds are gone\n"


def test_a_test_alert_goes_by_the_rules_of_its_level(server: Answering) -> None:
    answer(server, ALERT)

    run("alerts", "test", "--level", "WARNING")
    run("alerts", "test")

    told = [json.loads(asked.body) for asked in server.asked]
    assert [one["level"] for one in told] == ["WARNING", "INFO"]
    assert [one["name"] for one in told] == ["test", "test"]
    # two tests are two alerts: neither is counted onto the other
    assert told[0]["id"] != told[1]["id"]
    assert told[0]["title"] != told[1]["title"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list"], {"alerts": [ALERT], "total": 1}),
        (["show", "x"], ALERT | {"deliveries": [DELIVERY]}),
        (["acknowledge", "x"], ALERT),
        (["resolve", "x"], ALERT),
        (["test"], ALERT),
    ],
)
def test_a_script_gets_what_the_api_answers(
    server: Answering, words: list[str], told: object
) -> None:
    answer(server, told)

    assert json.loads(run("alerts", *words, "--json").stdout) == told


@pytest.mark.parametrize("words", [["list", "--level", "GRAVE"], ["list", "--limit", "0"]])
def test_what_there_is_not_is_refused_before_the_api_is_asked(
    server: Answering, words: list[str]
) -> None:
    assert run("alerts", *words).exit_code == 2
    assert server.asked == []


def test_an_unknown_alert_is_one_line_and_exit_code_one(server: Answering) -> None:
    server.status = 404
    answer(server, {"title": "Not Found", "detail": "alert x is not known"})

    found = run("alerts", "acknowledge", "x")

    assert found.exit_code == 1
    assert found.stderr == "error: Not Found (404): alert x is not known\n"
