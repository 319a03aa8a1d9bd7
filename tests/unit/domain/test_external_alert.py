"""Alertmanager's and Grafana's webhooks, as their documentation shows them, and a plain alert."""

import json
from typing import Any

import pytest

from cerberus.domain.alerts.alert import Level
from cerberus.domain.webhooks.external_alert import MOST_ALERTS, level_of, read_alerts
from cerberus.errors import Invalid

FIRING: dict[str, Any] = {
    "status": "firing",
    "labels": {
        "alertname": "HostOutOfDisk",
        "instance": "db-1:9100",
        "job": "node",
        "severity": "critical",
    },
    "annotations": {
        "summary": "disk of db-1 is nearly full",
        "description": "2 % left",
        "runbook_url": "https://example.org/disk",
    },
    "startsAt": "2026-11-21T17:00:00.000Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus:9090/graph?g0.expr=x",
    "fingerprint": "b55a5c7d2b7a1c4e",
}
SECOND = FIRING | {
    "labels": {"alertname": "Latency", "severity": "warning"},
    "annotations": {},
    "fingerprint": "c66b6d8e3c8b2d5f",
}
ALERTMANAGER: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="HostOutOfDisk"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "cerberus",
    "groupLabels": {"alertname": "HostOutOfDisk"},
    "commonLabels": {"job": "node"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager:9093",
    "alerts": [SECOND, FIRING],
}
GRAFANA: dict[str, Any] = {
    "receiver": "cerberus",
    "status": "firing",
    "orgId": 1,
    "groupKey": "{}:{}",
    "version": "1",
    "title": "[FIRING:1] equity falls",
    "state": "alerting",
    "message": "**Firing**",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "equity falls", "grafana_folder": "trading", "level": "page"},
            "annotations": {"summary": "equity is below 9000"},
            "startsAt": "2026-11-21T17:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://grafana:3000/alerting/1",
            "fingerprint": "57c6d9296de2ad39",
            "silenceURL": "http://grafana:3000/alerting/silence/new",
            "dashboardURL": "",
            "panelURL": "",
            "values": {"B": 8990.5},
            "valueString": "[ var='B' labels={} value=8990.5 ]",
        }
    ],
}


def test_alertmanagers_alerts_are_read_the_most_urgent_first() -> None:
    first, second = read_alerts(json.dumps(ALERTMANAGER))

    assert (first.title, first.level) == ("disk of db-1 is nearly full", Level.CRITICAL)
    assert first.source == "alertmanager db-1:9100"
    assert first.message.splitlines() == [
        "2 % left",
        "instance=db-1:9100 job=node severity=critical",
        "https://example.org/disk",
    ]
    assert (second.title, second.level) == ("Latency", Level.WARNING)
    assert [first.is_over, second.is_over] == [False, False]


def test_an_end_has_the_fingerprint_of_its_beginning_and_comes_last() -> None:
    ended = ALERTMANAGER | {"alerts": [FIRING | {"status": "resolved"}, SECOND]}

    began = read_alerts(json.dumps(ALERTMANAGER))[0]
    second, over = read_alerts(json.dumps(ended))

    assert (over.is_over, over.fingerprint) == (True, began.fingerprint)
    assert not second.is_over
    assert over.to_body()["resolved"] is True


def test_without_a_fingerprint_the_labels_say_what_is_the_same() -> None:
    bare = {name: value for name, value in FIRING.items() if name != "fingerprint"}
    other = bare | {"labels": FIRING["labels"] | {"instance": "db-2:9100"}}
    moved = bare | {"annotations": {"summary": "another text"}}

    told = [
        read_alerts(json.dumps(ALERTMANAGER | {"alerts": [one]}))[0].fingerprint
        for one in (bare, other, moved)
    ]

    assert told[0] == told[2] != told[1]


def test_grafanas_alerts_are_read_with_their_values() -> None:
    (told,) = read_alerts(json.dumps(GRAFANA))

    assert (told.title, told.level) == ("equity is below 9000", Level.CRITICAL)
    assert told.source == "grafana"
    assert "value=8990.5" in told.message


def test_a_plain_alert_and_a_plain_text_are_read() -> None:
    body = {"id": "x-1", "title": "backup is late", "level": "INFO", "source": "cron", "about": "b"}
    (told,) = read_alerts(json.dumps(body))
    (over,) = read_alerts(json.dumps(body | {"title": "it came", "resolved": True}))
    (text,) = read_alerts("the house is on fire\nreally")

    assert (told.title, told.level, told.source) == ("backup is late", Level.INFO, "cron")
    assert told.sender_id == "x-1"
    assert (over.is_over, over.fingerprint) == (True, told.fingerprint)
    assert (text.title, text.message, text.level) == (
        "the house is on fire",
        "really",
        Level.WARNING,
    )


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("CRITICAL", Level.CRITICAL),
        ("page", Level.CRITICAL),
        ("Emergency", Level.EMERGENCY),
        ("warn", Level.WARNING),
        ("none", Level.INFO),
        ("sev-7", Level.WARNING),
        ("", Level.WARNING),
    ],
)
def test_a_severity_is_a_level_and_an_unknown_one_a_warning(word: str, level: Level) -> None:
    assert level_of(word) is level


def test_texts_are_cut_and_cleaned_to_what_an_alert_may_hold() -> None:
    wild = {"alertname": "a\x00b\n" + "t" * 500, "severity": "critical", "n": "\x07x"}
    (told,) = read_alerts(json.dumps({"alerts": [{"status": "firing", "labels": wild}]}))

    assert len(told.title) <= 200
    assert "\n" not in told.title
    assert "\x00" not in told.title + told.message
    assert "\x07" not in told.message


def _with(**changes: object) -> str:
    return json.dumps(ALERTMANAGER | {"alerts": [FIRING | changes]})


REFUSED: dict[str, tuple[str, str]] = {
    "no alerts": (json.dumps(ALERTMANAGER | {"alerts": []}), "alerts"),
    "alerts that are no list": (json.dumps(ALERTMANAGER | {"alerts": {}}), "alerts"),
    "too many": (json.dumps({"alerts": [FIRING] * (MOST_ALERTS + 1)}), "alerts"),
    "an alert that is none": ('{"alerts": [7]}', "alerts.0"),
    "another status": (_with(status="maybe"), "alerts.0.status"),
    "labels that are none": (_with(labels=[1]), "alerts.0.labels"),
    "no name": (_with(labels={}, annotations={}), "alerts.0.labels.alertname"),
    "a plain alert without a title": ('{"message": "m"}', "title"),
    "another level": ('{"title": "t", "level": "GRAVE"}', "level"),
    "an unknown field": ('{"title": "t", "colour": "red"}', "colour"),
    "an end that is no truth value": ('{"title": "t", "resolved": "no"}', "resolved"),
    "broken JSON": ('{"title": ', "body"),
}


@pytest.mark.parametrize(("text", "field"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_understood_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_alerts(text)

    assert refused.value.field == field
