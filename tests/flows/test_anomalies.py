"""From the kept history of metrics through the real engine to an alert, and to its end."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from cerberus.adapters.store import SqlStore
from cerberus.domain.anomalies.samples import Sample, minute_of
from cerberus.ports import Transaction
from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.alerting/cerberus-advanced-alerting"
#: shipped as a metric whose sudden rise is unusual
METRIC = "cerberus_process_resident_bytes"
USUAL, UNUSUAL = 150e6, 1e12


def remember(stack: Stack, newest: float) -> None:
    """Give the API 45 usual minutes, all before this one, and among the newest ones another."""
    now = minute_of(datetime.now(UTC))

    def write(transaction: Transaction) -> None:
        for ago in range(1, 46):
            value = newest if ago == 2 else USUAL
            transaction.samples.put(Sample(now - timedelta(minutes=ago), {METRIC: value}))

    store = SqlStore(f"sqlite:///{stack.api.var / 'data' / 'cerberus.db'}")
    try:
        asyncio.run(store.write(write))
    finally:
        store.close()


def live(stack: Stack) -> list[Shown]:
    alerts: list[Shown] = stack.api.get("/api/alerts?name=anomaly&limit=100")[1]["alerts"]
    return [one for one in alerts if one["status"] == "open"]


def test_what_is_unusual_is_told_once_and_resolved_when_it_is_over(stack: Stack) -> None:
    remember(stack, UNUSUAL)
    runs = [stack.engine.run(FLOW) for _ in range(2)]
    raised = live(stack)
    remember(stack, USUAL)
    runs += [stack.engine.run(FLOW) for _ in range(2)]

    assert [one["state"]["current"] for one in runs] == ["SUCCESS"] * 4
    (alert,) = raised
    assert (alert["level"], alert["source"]) == ("WARNING", "cerberus.anomalies")
    assert (alert["count"], alert["external_id"]) == (2, f"{runs[0]['id']}-0")
    assert f"{METRIC} is 1e+12, usually 1.5e+08" in alert["message"]
    assert live(stack) == []
    assert stack.api.get(f"/api/alerts/{alert['alert_id']}")[1]["status"] == "resolved"


def test_a_history_that_cannot_be_read_is_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told["/api/metrics/anomalies"] = (500, {"title": "Internal Server Error"})

    execution = engine.run(FLOW)

    assert execution["state"]["current"] == "FAILED"
    assert len(api.asked_for("/api/metrics/anomalies")) > 1
    (told,) = told_people(engine, execution)
    assert told["title"] == "what is unusual in the metrics is not told"
