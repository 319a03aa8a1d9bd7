"""From the API's webhooks through the real engine to a trade and to an alert."""

import json
import uuid
from typing import Any

import pytest

from tests.flows.few_answers import Alone, told_people
from tests.flows.pipeline import Shown, Stack, signal
from tests.signed_calls import ALERTS, SIGNALS, path_token, signed
from tests.unit.domain.test_external_alert import ALERTMANAGER, FIRING

pytestmark = [pytest.mark.engine, pytest.mark.stack, pytest.mark.xdist_group("flows")]

FLOW = "cerberus.alerting/cerberus-advanced-alerting"
#: in a text from outside it is text
EXPRESSION = "{{ secret('CERBERUS_API_TOKEN') }}"
ENDED = ("SUCCESS", "WARNING", "FAILED", "KILLED")


def send(stack: Stack, path: str, body: object, **headers: str) -> Shown:
    content, told = signed(stack.api.var, body, **headers)
    status, answer = stack.api.call("POST", path, raw=content, token=None, headers=told)
    assert status == 202, answer
    stack.engine.wait_for_state(answer["execution_id"], *ENDED, seconds=60)
    shown: Shown = answer
    return shown


def run_of(stack: Stack, answer: Shown) -> Shown:
    execution = stack.engine.execution(answer["execution_id"])
    assert execution["state"]["current"] == "SUCCESS"
    return execution


def test_a_signal_becomes_a_trade_once_however_often_it_is_sent(flat: Stack) -> None:
    key = f"hook-{uuid.uuid4()}"
    answers = [
        send(flat, SIGNALS, signal(reason=EXPRESSION), **{"Idempotency-Key": key}),
        send(flat, SIGNALS, signal(id="another"), **{"Idempotency-Key": key}),
    ]

    first, again = (flat.trades_of(run_of(flat, answer)) for answer in answers)
    assert [one["signal_id"] for one in answers] == [key, key]
    assert len(first) == 1
    assert [one["trade_id"] for one in again] == [first[0]["trade_id"]]
    why = flat.api.get(f"/api/why/{first[0]['trade_id']}")[1]
    assert why["signal"]["signal"]["reason"] == EXPRESSION


def test_the_bodys_id_is_the_signals_and_else_the_executions(flat: Stack) -> None:
    mine = f"own-{uuid.uuid4()}"
    with_id = send(flat, SIGNALS, signal(id=mine))
    flat.close_all()
    without = send(flat, SIGNALS, signal())

    ids = [one["signal"]["id"] for one in flat.api.get("/api/signals?limit=2")[1]["signals"]]
    assert ids == [without["execution_id"], with_id["signal_id"]] == [without["signal_id"], mine]


def test_tradingview_trades_by_the_token_in_the_path(flat: Stack) -> None:
    text = {
        "ticker": "GATEIO:ETHUSDT.P",
        "action": "buy",
        "sl_percent": "1",
        "tp_percent": "2",
        "comment": "breakout",
        "id": f"tv-{uuid.uuid4()}",
    }
    path = f"{SIGNALS}/{path_token(flat.api.var)}"
    status, answer = flat.api.call(
        "POST",
        path,
        raw=json.dumps(text).encode(),
        token=None,
        headers={"Content-Type": "text/plain"},
    )
    assert status == 202, answer
    flat.engine.wait_for_state(answer["execution_id"], *ENDED, seconds=60)

    (trade,) = flat.trades_of(run_of(flat, answer))
    assert (trade["symbol"], trade["side"]) == ("ETH/USDT:USDT", "buy")


def test_alertmanagers_alerts_are_raised_counted_and_resolved(stack: Stack) -> None:
    mark = uuid.uuid4().hex
    firing = FIRING | {"fingerprint": mark, "annotations": {"summary": f"disk {mark}"}}
    group: dict[str, Any] = ALERTMANAGER | {"alerts": [firing]}

    first = send(stack, ALERTS, group)
    send(stack, ALERTS, group)
    counted = _alert(stack, mark)
    over = send(stack, ALERTS, group | {"alerts": [firing | {"status": "resolved"}]})
    again = send(stack, ALERTS, group | {"alerts": [firing | {"status": "resolved"}]})

    assert (counted["count"], counted["status"], counted["level"]) == (2, "open", "CRITICAL")
    assert counted["external_id"] == f"{first['execution_id']}-0"
    run_of(stack, over)
    assert _alert(stack, mark)["status"] == "resolved"
    run_of(stack, again)  # of what is not live any more the end is no failure


def test_the_same_alerts_under_one_key_count_once(stack: Stack) -> None:
    mark = uuid.uuid4().hex
    title = f"backup {mark} {EXPRESSION}"
    body = {"title": title, "level": "INFO"}
    for _ in range(2):
        send(stack, ALERTS, body, **{"Idempotency-Key": mark})

    alert = _alert(stack, mark)
    assert (alert["count"], alert["title"]) == (1, title)


def test_an_alert_that_is_not_taken_does_not_stop_the_rest_and_is_told(alone: Alone) -> None:
    engine, api = alone
    api.reset()
    api.told["/api/alerts/resolve"] = (500, {"title": "Internal Server Error"})
    one = {"level": "INFO", "title": "good", "message": "", "source": "t", "fingerprint": "f"}

    execution = engine.run(FLOW, alerts=json.dumps([one | {"resolved": True}, one]))

    assert execution["state"]["current"] == "FAILED"
    raised = [body for _, body in api.asked_for("/api/alerts") if body]
    assert f"{execution['id']}-1" in [body["id"] for body in raised]
    (told,) = told_people(engine, execution)
    assert (told["level"], told["title"]) == ("CRITICAL", "alerts from outside were not taken")


def _alert(stack: Stack, mark: str) -> Shown:
    found = _alert_or_none(stack, mark)
    assert found is not None
    return found


def _alert_or_none(stack: Stack, mark: str) -> Shown | None:
    alerts: list[Shown] = stack.api.get("/api/alerts?limit=100")[1]["alerts"]
    mine = [one for one in alerts if mark in one["title"] and one["status"] != "repeated"]
    return mine[0] if mine else None
