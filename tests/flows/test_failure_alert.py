"""What fails, is killed or takes too long is told once, whichever flow it was; never in a loop."""

import time
from collections.abc import Iterator

import pytest

from tests.engine_process import EngineProcess
from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

ALERT = "cerberus.alerting/cerberus-failure-alert"
PROBES = """
id: {id}
namespace: {namespace}
{sla}
tasks:
  - id: act
    type: io.kestra.plugin.core.{task}
"""
FAILS = "execution.Fail\n    errorMessage: on purpose"
SLEEPS = "flow.Sleep\n    duration: PT{0}S"
SHORT = """sla:
  - id: quick
    type: MAX_DURATION
    duration: PT0.2S
    behavior: NONE
    labels: {sla: miss}
"""


class Probes:
    """Flows that end badly, removed at the end."""

    def __init__(self, engine: EngineProcess) -> None:
        self.engine = engine
        self.made: list[str] = []

    def run(self, name: str, task: str, namespace: str = "cerberus.probe", sla: str = "") -> Shown:
        source = PROBES.format(id=name, namespace=namespace, task=task, sla=sla)
        if f"{namespace}/{name}" not in self.made:
            self.engine.create_flow(source)
            self.made.append(f"{namespace}/{name}")
        return self.engine.run(f"{namespace}/{name}", wait=False)

    def alerts(self) -> dict[str, Shown]:
        """Return the executions of the alert flow by what they are about."""
        query = {"filters[flowId][EQUALS]": ALERT.split("/")[1], "size": "1000"}
        path = self.engine.api("executions/search")
        found = self.engine.session.get(path, params=query, timeout=30).json()["results"]
        triggered = [one for one in found if one.get("trigger")]
        return {one["trigger"]["variables"]["executionId"]: one for one in triggered}

    def alert_about(self, execution: Shown) -> Shown:
        """Return the ended alert about an execution."""
        limit = time.monotonic() + 60
        while (alert := self.alerts().get(execution["id"])) is None:
            assert time.monotonic() < limit, f"nobody tells of {execution['id']}"
            time.sleep(0.1)
        self.engine.wait_for_state(alert["id"], "SUCCESS", "WARNING", "FAILED", seconds=60)
        return self.engine.execution(alert["id"])


@pytest.fixture
def probes(stack: Stack) -> Iterator[Probes]:
    yield from _probes(stack.engine)


@pytest.fixture
def probes_alone(alone: Alone) -> Iterator[Probes]:
    alone[1].reset()
    yield from _probes(alone[0])


def _probes(engine: EngineProcess) -> Iterator[Probes]:
    probes = Probes(engine)
    yield probes
    for flow in probes.made:
        engine.session.delete(engine.api(f"flows/{flow}"), timeout=30)


def test_a_failed_execution_is_told_to_people(probes: Probes, stack: Stack) -> None:
    failed = probes.run("probe-fails", FAILS)

    alert = probes.alert_about(failed)

    assert alert["state"]["current"] == "SUCCESS"
    (told,) = told_people(probes.engine, alert)
    assert (told["level"], told["title"]) == ("CRITICAL", "cerberus.probe.probe-fails failed")
    assert f"cerberus flow logs {failed['id']}" in told["message"]
    alerts = stack.api.get("/api/alerts?limit=40")[1]["alerts"]
    (kept,) = [one for one in alerts if alert["id"] in one["source"]]
    assert (kept["level"], kept["title"]) == (told["level"], told["title"])


def test_a_flow_that_fails_again_is_counted_and_not_told_again(
    probes: Probes, stack: Stack
) -> None:
    first, second = (probes.run("probe-again", FAILS) for _ in range(2))

    for one in (first, second):
        probes.alert_about(one)

    alerts = stack.api.get("/api/alerts?limit=40")[1]["alerts"]
    told = [one for one in alerts if "probe-again" in one["title"]]
    assert sorted(one["status"] for one in told) == ["open", "repeated"]
    assert max(one["count"] for one in told) == 2


def test_a_killed_execution_is_told_to_people(probes: Probes) -> None:
    running = probes.run("probe-killed", SLEEPS.format(60))
    engine = probes.engine
    engine.wait_for_state(running["id"], "RUNNING")
    answer = engine.session.delete(
        engine.api(f"executions/{running['id']}/actions/kill"), timeout=30
    )
    assert answer.ok, answer.text

    (told,) = told_people(engine, probes.alert_about(running))

    assert (told["level"], told["title"]) == ("WARNING", "cerberus.probe.probe-killed was killed")


def test_an_execution_that_took_too_long_is_told_to_people(probes: Probes) -> None:
    slow = probes.run("probe-slow", SLEEPS.format(2), sla=SHORT)

    alert = probes.alert_about(slow)

    assert probes.engine.state(slow["id"]) == "SUCCESS"
    (told,) = told_people(probes.engine, alert)
    assert told["level"] == "WARNING"
    assert told["title"] == "cerberus.probe.probe-slow took longer than its SLA allows"


def test_what_has_told_people_itself_is_not_told_again(probes: Probes) -> None:
    failed = probes.engine.run(
        "cerberus.system/cerberus-system-management",
        operation="restore_drill",
        backup_file="cerberus-20200101T000000000000Z.db",
    )
    assert failed["state"]["current"] == "FAILED"
    assert len(told_people(probes.engine, failed)) == 1

    alert = probes.alert_about(failed)

    assert alert["state"]["current"] == "SUCCESS"
    assert told_people(probes.engine, alert) == []


def test_only_our_namespaces_are_watched_and_good_ends_are_not_told(probes: Probes) -> None:
    others = [
        probes.run("probe-elsewhere", FAILS, namespace="company.team"),
        probes.run("probe-lookalike", FAILS, namespace="cerberusx.team"),
        probes.run("probe-good", SLEEPS.format("0.1")),
    ]
    for one in others:
        probes.engine.wait_for_state(one["id"], "FAILED", "SUCCESS")

    probes.alert_about(probes.run("probe-after", FAILS))

    assert not {one["id"] for one in others} & probes.alerts().keys()


def test_without_an_api_the_log_of_the_notification_has_it(
    probes_alone: Probes, alone: Alone
) -> None:
    engine, api = alone
    api.told = {"/api/alerts": (500, {})}

    alert = probes_alone.alert_about(probes_alone.run("probe-alone", FAILS))

    (told,) = told_people(engine, alert)
    assert told["title"] == "cerberus.probe.probe-alone failed"


def test_an_alert_that_cannot_be_told_makes_no_other(probes_alone: Probes, alone: Alone) -> None:
    engine, api = alone
    with api.holding("/api/alerts") as is_asked:
        alert = engine.run(ALERT, wait=False, about_flow="cerberus.probe.x", about_execution="x1")
        assert is_asked.wait(30)
        engine.session.delete(engine.api(f"executions/{alert['id']}/actions/kill"), timeout=30)
    engine.wait_for_state(alert["id"], "KILLED", seconds=60)

    probes_alone.alert_about(probes_alone.run("probe-control", FAILS))

    assert alert["id"] not in probes_alone.alerts()
