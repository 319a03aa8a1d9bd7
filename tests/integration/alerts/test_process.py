"""A real API: what it tells, what a kill leaves, and what a changed rules file does."""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.api_process import ApiProcess, trading_pair
from tests.integration.alerts import vendor_rules as rules
from tests.integration.alerts import vendors
from tests.integration.alerts.vendors import Vendor
from tests.unit.client.answering_server import Answering, answering

pytestmark = pytest.mark.xdist_group("alerts")

RULES = (
    rules.ALL_TO_TELEGRAM
    + """\
limits: {{INFO: 3/1h}}
heartbeats:
  - {{name: probe, silent_for: 1s}}
anomalies:
  - {{metric: cerberus_process_resident_bytes, title: large, least_spread: 1, robust: 8}}
"""
)


@dataclass
class Running:
    """An API whose only phone is a strict local Telegram."""

    api: ApiProcess
    telegram: Vendor
    file: Path
    #: the watch outside
    outside: Answering

    @property
    def texts(self) -> list[str]:
        return [str(taken["text"]) for taken in self.telegram.taken]

    def wait_for(self, part: str, seconds: float = 15) -> str:
        return wait(lambda: next((text for text in self.texts if part in text), ""), seconds)


def wait(look: Callable[[], Any], seconds: float = 15) -> Any:
    """Return what is looked for once it is there, or what was there last."""
    limit = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < limit:
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("alerts")
    with vendors.vendor("telegram") as telegram, answering() as outside:
        file = folder / "alerts.yaml"
        file.write_text(RULES.format(url=telegram.url))
        variables = {
            "CERBERUS_ALERTS_FILE": str(file),
            "CERBERUS_ALERTS_POLL_SECONDS": "0.05",
            "CERBERUS_ALERTS_WATCH_SECONDS": "0.2",
            "BOT_TOKEN": rules.BOT_TOKEN,
            "BOT_CHAT": rules.CHAT,
            "CERBERUS_HEARTBEAT_URL": f"{outside.url}/ping/a-secret",
            "CERBERUS_HEARTBEAT_SECONDS": "0.2",
        }
        with trading_pair(folder / "var", **variables) as (_, api):
            yield Running(api, telegram, file, outside)


@pytest.fixture
def one(running: Running) -> Running:
    running.telegram.before = lambda: None
    running.telegram.taken.clear()
    return running


def test_an_alert_reaches_the_phone_once_and_can_be_looked_up(one: Running) -> None:
    told = {"id": "execution-7-notify", "level": "CRITICAL", "title": "a <b> & c", "source": "x"}
    first = one.api.post("/api/alerts", told)
    again = one.api.post("/api/alerts", told)
    text = one.wait_for("a &lt;b&gt; &amp; c")

    assert (first[0], again[0]) == (201, 200)
    assert again[1]["alert_id"] == first[1]["alert_id"]
    assert first[1]["alert_id"] in text
    # the answer of the phone comes before the mark that it was sent
    story = wait(lambda: _sent(one.api, "execution-7-notify"))
    assert [(one["channel"], one["status"], one["attempts"]) for one in story["deliveries"]] == [
        ("telegram", "sent", 1)
    ]
    assert len(one.telegram.taken) == 1


def _sent(api: ApiProcess, alert_id: str) -> Any:
    story = api.get(f"/api/alerts/{alert_id}")[1]
    return story if all(each["status"] == "sent" for each in story["deliveries"]) else None


def test_an_alert_is_acknowledged_resolved_listed_and_counted(one: Running) -> None:
    _, alert = one.api.post("/api/alerts", {"level": "WARNING", "title": f"w {uuid.uuid4()}"})
    path = f"/api/alerts/{alert['alert_id']}"
    seen = one.api.post(f"{path}/acknowledge")[1]
    one.wait_for(alert["title"])
    over = one.api.post(f"{path}/resolve", {"reason": "mended"})[1]

    assert (seen["status"], seen["acknowledged_by"]) == ("acknowledged", "operator")
    assert over["status"] == "resolved"
    assert one.wait_for(f"resolved: {alert['title']}")
    _, page = one.api.get("/api/alerts?status=resolved&level=WARNING&limit=1")
    assert page["alerts"][0]["alert_id"] == alert["alert_id"]
    _, metrics = one.api.get("/metrics")
    assert metrics["cerberus_alert_deliveries_total"]["telegram,sent"] >= 1
    assert metrics["cerberus_alerts_refused_count"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "t", "level": "GRAVE"}, "level"),
        ({"title": "t" * 201}, "title"),
        ({"title": "t", "name": "Not a name"}, "name"),
        ({"title": "t", "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(
    one: Running, body: dict[str, str], field: str
) -> None:
    _, before = one.api.get("/api/alerts?limit=1")
    status, problem = one.api.post("/api/alerts", body)
    _, after = one.api.get("/api/alerts?limit=1")

    assert status == 422
    assert field in str(problem["errors"])
    assert after["total"] == before["total"]


def test_an_unknown_alert_is_not_found(one: Running) -> None:
    assert one.api.post("/api/alerts/none/acknowledge")[0] == 404


def test_an_emergency_stop_is_told_and_so_is_its_release(one: Running) -> None:
    one.api.post("/api/system/emergency-stop", {"reason": "a test of the stop"})
    told = one.wait_for("a test of the stop")
    code = one.api.post("/api/system/release", {})[1]["confirmation"]
    one.api.post("/api/system/release", {"confirmation": code})

    assert "EMERGENCY: emergency stop" in told
    assert one.wait_for("resolved: emergency stop")


def test_silence_after_a_sign_of_life_is_told_until_the_next_sign(one: Running) -> None:
    one.api.post("/api/heartbeats/probe", {})
    assert one.wait_for("probe is silent")

    one.api.post("/api/heartbeats/probe", {})
    assert one.wait_for("resolved: probe is silent")


def test_a_broken_change_of_the_rules_is_told_and_the_last_good_ones_stay(one: Running) -> None:
    good = one.file.read_text()
    one.file.write_text(good.replace("INFO: 3/1h", "INFO: some"))
    told = one.wait_for("the rules of alerts have an error")
    one.file.write_text(good)

    assert "alerts.yaml:8: limits.INFO: must be messages/time" in told
    assert one.wait_for("resolved: the rules of alerts have an error")


def test_a_kill_while_a_message_is_in_flight_doubles_that_one_only(one: Running) -> None:
    in_flight, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        in_flight.set()
        go_on.wait(10)

    one.telegram.before = hold
    titles = [f"kill {number} {uuid.uuid4()}" for number in range(3)]
    ids = [
        one.api.post("/api/alerts", {"level": level, "title": title})[1]["alert_id"]
        for level, title in zip(("EMERGENCY", "CRITICAL", "WARNING"), titles, strict=True)
    ]
    assert in_flight.wait(10)
    one.api.kill()
    one.telegram.before = lambda: None
    go_on.set()
    one.api.start()
    for id_ in ids:
        assert wait(lambda id_=id_: _sent(one.api, id_))  # type: ignore[misc]  # mypy loses the lambda

    counts = [sum(id_ in text for text in one.texts) for id_ in ids]
    assert sorted(counts) == [1, 1, 2]


def test_a_burst_over_the_limit_waits_for_the_next_allowed_message(one: Running) -> None:
    for number in range(40):
        one.api.post("/api/alerts", {"title": f"burst {number} {uuid.uuid4()}", "level": "INFO"})
    time.sleep(0.5)

    informed = [text for text in one.texts if "INFO: " in text]
    _, metrics = one.api.get("/metrics")
    assert len(informed) <= 3
    told = sum(text.count("burst ") for text in informed)
    assert metrics["cerberus_alerts_queued_count"] >= 40 - told


def test_the_history_of_metrics_is_kept_and_judged(one: Running) -> None:
    metric = "cerberus_process_resident_bytes"
    path = f"/api/metrics/history?metric={metric}&minutes=1440"
    kept = wait(lambda: one.api.get(path)[1]["points"])
    judged = one.api.get("/api/metrics/anomalies")[1]

    assert kept[0]["value"] > 1e6
    assert judged["alerts"] == []
    (found,) = judged["judgements"]
    assert (found["metric"], found["method"], found["state"]) == (metric, "robust", "too_short")
    assert (found["score"], found["threshold"], found["needed"]) == (None, 8, 30)


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("metric=cerberus_other_total", 404, "stands not below anomalies"),
        ("metric=other", 422, "metric"),
        ("metric=cerberus_process_resident_bytes&minutes=0", 422, "minutes"),
        ("metric=cerberus_process_resident_bytes&minutes=1441", 422, "1440"),
    ],
)
def test_a_history_that_there_is_not_is_refused(
    one: Running, query: str, status: int, told: str
) -> None:
    answer = one.api.get(f"/api/metrics/history?{query}")
    assert answer[0] == status
    assert told in str(answer[1])


def test_a_dead_api_is_told_past_it_and_the_api_tells_nobody_again(one: Running) -> None:
    told = {"id": f"past-{uuid.uuid4()}", "level": "CRITICAL", "title": f"dead {uuid.uuid4()}"}
    file = one.file.with_name("alert.json")
    file.write_text(json.dumps(told))
    one.api.kill()
    answers = [_directly(one, file) for _ in range(2)]
    one.api.start()
    story = wait(lambda: _known(one.api, told["id"]))

    assert [answer["told"] for answer in answers] == [True, True]
    assert story["alert_id"] == answers[0]["alert_id"]
    assert [(each["channel"], each["status"]) for each in story["deliveries"]] == [
        ("telegram", "sent")
    ]
    (text,) = [text for text in one.texts if told["title"] in text]
    assert "directly, without the API" in text


def test_an_alert_that_is_none_is_refused_past_the_api_too(one: Running) -> None:
    file = one.file.with_name("wrong.json")
    file.write_text(json.dumps({"title": "", "level": "GRAVE"}))

    done = _run(one, file)

    assert done.returncode == 78
    assert "level" in done.stderr


def test_a_watch_outside_hears_of_it_as_long_as_all_is_well(one: Running) -> None:
    assert wait(lambda: len(one.outside.asked) > 2)
    assert {(sign.method, sign.path) for sign in one.outside.asked} == {("GET", "/ping/a-secret")}

    told = one.api.var / "data" / "supervisor.json"
    told.write_text(json.dumps({"given_up": ["engine"]}))
    try:
        before = len(one.outside.asked)
        time.sleep(1.2)  # six signs would come
        after = len(one.outside.asked)
    finally:
        told.unlink()

    assert after - before <= 1  # one may have been on its way
    assert wait(lambda: len(one.outside.asked) > after + 1)
    assert "a-secret" not in one.api.log.read_text()


def _known(api: ApiProcess, alert_id: str) -> Any:
    status, story = api.get(f"/api/alerts/{alert_id}")
    return story if status == 200 else None


def _directly(one: Running, file: Path) -> Any:
    done = _run(one, file)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _run(one: Running, file: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "api.tell_directly", str(file)]
    environment = os.environ | one.api.environment
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
