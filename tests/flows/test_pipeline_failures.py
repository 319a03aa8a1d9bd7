"""The trading pipeline when something around it breaks, and several signals in one run."""

import uuid

import pytest

from tests.flows.few_answers import Alone, notified
from tests.flows.pipeline import PIPELINE, Stack, signal

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]


def test_an_api_that_is_down_fails_the_flow_and_notifies(
    alone: Alone,
) -> None:
    engine, api = alone
    api.reset([])
    api.is_down = True

    execution = engine.run(PIPELINE)

    assert execution["state"]["current"] == "FAILED"
    states = {run["taskId"]: run["state"]["current"] for run in execution["taskRunList"]}
    assert states == {"check_health": "FAILED", "notify_failure": "SUCCESS"}
    lines = engine.messages(notified(engine, execution), containing="CRITICAL trading")
    (told,) = [line for line in lines if line.startswith("CRITICAL")]
    assert "trading pipeline failed" in told
    assert execution["id"] in told
    assert "check_health" in told


def test_one_refusal_does_not_stop_the_rest(alone: Alone) -> None:
    engine, api = alone
    api.reset([signal("BTC/USDT"), signal("REFUSED/USDT"), signal("LTC/USDT")])

    execution = engine.run(PIPELINE)

    assert execution["state"]["current"] == "SUCCESS"
    assert api.traded() == ["BTC/USDT", "REFUSED/USDT", "LTC/USDT"]
    assert engine.outputs(execution["id"])["trade_ids"] == ["trade-BTC", "trade-LTC"]
    lines = engine.messages(execution["id"], containing="LTC/USDT")
    assert any("REFUSED/USDT" in line and "risk 20 exceeds 15" in line for line in lines)


def test_one_failure_does_not_stop_the_rest_and_fails_the_flow_at_the_end(
    alone: Alone,
) -> None:
    engine, api = alone
    api.reset([signal("BROKEN/USDT"), signal("LTC/USDT")])

    execution = engine.run(PIPELINE)

    assert execution["state"]["current"] == "FAILED"
    # an outage is retried under one key, so that the API can tell the repetition
    assert api.traded() == ["BROKEN/USDT"] * 3 + ["LTC/USDT"]
    keys = [headers["Idempotency-Key"] for path, headers, _ in api.asked if path == "/api/trades"]
    assert keys == [f"{execution['id']}-execute-0"] * 3 + [f"{execution['id']}-execute-1"]
    lines = engine.messages(execution["id"], containing="could not be followed")
    assert any("1 of 2 signals" in line for line in lines)
    assert notified(engine, execution)


def test_a_position_that_stays_unprotected_fails_the_flow(
    alone: Alone,
) -> None:
    engine, api = alone
    api.reset([signal("NAKED/USDT")])

    execution = engine.run(PIPELINE)

    assert execution["state"]["current"] == "FAILED"
    lines = engine.messages(execution["id"], containing="outcome")
    assert any("NOT PROTECTED" in line for line in lines)


def test_the_fill_is_waited_for(alone: Alone) -> None:
    engine, api = alone
    api.reset([signal("SLOW/USDT")])

    execution = engine.run(PIPELINE)

    assert execution["state"]["current"] == "SUCCESS"
    lines = engine.messages(execution["id"], containing="SLOW/USDT")
    assert any("open" in line and "protected after" in line for line in lines)


def test_an_outage_while_signals_are_traded_is_ridden_out(flat: Stack) -> None:
    flat.api.kill()
    sent = signal(id=f"outage-{uuid.uuid4()}")
    id_ = flat.send(sent)
    flat.api.start()

    flat.engine.wait_for_state(id_, "SUCCESS", "FAILED", seconds=120)

    execution = flat.engine.execution(id_)
    assert execution["state"]["current"] == "SUCCESS", flat.tasks(execution)
    (trade,) = flat.trades_of(execution)
    assert (trade["status"], trade["protected"]) == ("open", True)
