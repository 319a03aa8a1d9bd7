"""Simulator, API and engine together on one folder, with the flows that the project ships.

with whole_stack(tmp_path / "var") as stack:
    execution = stack.trigger({"symbol": "BTCUSDT", "side": "buy", "id": "one"})
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.api_process import ApiProcess, api_process
from tests.engine_process import EngineProcess, Shown, engine_process
from tests.simulator_process import SimulatorProcess, simulator_process

ROOT = Path(__file__).parent.parent
PIPELINE = "cerberus.trading/cerberus-trading-pipeline"
#: what would act between the steps of a test
SCHEDULES = (
    (PIPELINE, "every_five_minutes"),
    (PIPELINE, "last_of_the_day"),
    ("cerberus.monitoring/cerberus-monitoring", "every_two_minutes"),
    ("cerberus.monitoring/cerberus-monitoring", "daily_report"),
    ("cerberus.system/cerberus-system-management", "every_six_hours"),
    ("cerberus.system/cerberus-reconciliation", "every_morning"),
    ("cerberus.system/cerberus-housekeeping", "every_night"),
    ("cerberus.alerting/cerberus-advanced-alerting", "every_five_minutes"),
    ("cerberus.analytics/cerberus-analytics", "daily"),
    ("cerberus.analytics/cerberus-analytics", "weekly"),
    ("cerberus.analytics/cerberus-analytics", "monthly"),
    ("cerberus.analytics/cerberus-parity", "every_night"),
)
ENDED = ("SUCCESS", "FAILED", "WARNING", "KILLED", "CANCELLED")


@dataclass
class WholeStack:
    """The three processes, each of which can be killed and started again."""

    simulator: SimulatorProcess
    api: ApiProcess
    engine: EngineProcess

    def trigger(self, signal: Shown) -> str:
        """Tell the pipeline's webhook a signal and return the execution's id."""
        answer = requests.post(self.engine.webhook(PIPELINE), json=signal, timeout=60)
        assert answer.ok, answer.text
        return str(answer.json()["id"])

    def ended(self, execution_id: str, seconds: float = 90) -> str:
        """Return the state in which an execution ends."""
        return self.engine.wait_for_state(execution_id, *ENDED, seconds=seconds)

    def executions(self) -> list[Shown]:
        """Return every execution of the pipeline."""
        query = {"filters[flowId][EQUALS]": PIPELINE.split("/")[1], "size": "1000"}
        found = self.engine.session.get(
            self.engine.api("executions/search"), params=query, timeout=30
        )
        results: list[Shown] = found.json()["results"]
        return results

    def close_positions(self) -> None:
        for held in self.api.get("/api/positions?open_only=true")[1]["positions"]:
            self.api.post(f"/api/positions/{held['position_id']}/close", {})

    def silence_schedules(self) -> None:
        """Keep the schedules from trading in between."""
        silence_schedules(self.engine)


def silence_schedules(engine: EngineProcess) -> None:
    """Switch the shipped schedules off that would fire during a test."""
    for flow, trigger in SCHEDULES:
        namespace, flow_id = flow.split("/")
        body = {"namespace": namespace, "flowId": flow_id, "triggerId": trigger, "disabled": True}
        _until_ok(engine, "triggers/set-disabled", body)


@contextmanager
def whole_stack(var: Path, **variables: str) -> Iterator[WholeStack]:
    """Run the three processes; schedules are off, so that only the test trades."""
    with (
        simulator_process(var) as simulator,
        api_process(simulator, CERBERUS_RISK_MAX_LOSSES_IN_A_ROW="1000", **variables) as api,
        engine_process(var, flows=ROOT / "flows", environment=api.environment) as engine,
    ):
        stack = WholeStack(simulator, api, engine)
        stack.silence_schedules()
        yield stack


def _until_ok(engine: EngineProcess, path: str, body: Shown) -> None:
    # a trigger is known a moment after its flow
    deadline = time.monotonic() + 10
    while True:
        answer = engine.session.put(engine.api(path), json=body, timeout=30)
        if answer.ok:
            return
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
