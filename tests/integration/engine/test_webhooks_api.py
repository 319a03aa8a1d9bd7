"""Webhooks: the way in from outside."""

from typing import Any

import pytest
import requests

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import BELOW, HOOK


@pytest.fixture(scope="module", autouse=True)
def flows(engine: EngineProcess) -> None:
    engine.create_flow(HOOK)
    engine.create_flow(HOOK.replace("id: hook", "id: switched-off", 1) + "disabled: true\n")


def send(method: str, url: str, **kwargs: object) -> requests.Response:
    """Send without credentials, as the outside does."""
    return requests.request(method, url, timeout=30, **kwargs)  # type: ignore[arg-type]  # any of requests' own


def test_a_post_with_the_right_key_starts_the_flow(engine: EngineProcess) -> None:
    url = engine.webhook("t/hook") + "?a=1"
    answer = send("POST", url, json={"symbol": "BTCUSDT", "price": 7})
    assert answer.status_code == 200, answer.text
    id_ = answer.json()["id"]
    engine.wait_for_state(id_, "SUCCESS")
    assert engine.outputs(id_) == {"said": "BTCUSDT 7 1"}


def test_put_works_and_a_path_without_the_tenant_too(engine: EngineProcess) -> None:
    url = engine.webhook("t/hook").replace("/api/v1/main/", "/api/v1/")
    assert send("PUT", url, json={"symbol": "ETHUSDT"}).status_code == 200


def test_a_waiting_webhook_answers_with_the_outputs(engine: EngineProcess) -> None:
    url = engine.webhook("t/hook", "key-of-the-waiting-one")
    posted = send("POST", url, json={"symbol": "ETHUSDT", "price": 9})
    assert (posted.status_code, posted.json()) == (200, {"said": "ETHUSDT 9 none"})
    got = send("GET", url, params={"symbol": "BTCUSDT", "a": "5"})
    assert (got.status_code, got.json()) == (200, {"said": "BTCUSDT none 5"})


def test_whoever_lacks_the_key_learns_nothing(engine: EngineProcess) -> None:
    key = engine.secret("webhook_key")
    attempts = [
        engine.webhook("t/hook", "wrong"),
        engine.webhook("t/hook", key[:-1]),
        engine.webhook("t/hook", key + "x"),
        engine.webhook("t/hook", "%F0%28%8C%28"),
        engine.webhook("t/none", key),
        engine.webhook("none/hook", key),
        engine.webhook("t/switched-off", key),
        engine.webhook("t/hook", "wrong") + "/sub/path",
    ]
    answers = [send("POST", url, json={"symbol": "BTCUSDT"}) for url in attempts]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"symbol": "DOGE"}', 422),
        (b'{"kind": "other", "symbol": "BTCUSDT"}', 204),
        (b"\xff\xfe", 422),
        (b'{"symbol": ', 422),
        (b"", 422),
        (b"[1, 2]", 422),
        (b'{"symbol": NaN}', 422),
    ],
)
def test_a_bad_body_is_refused_with_a_client_error(
    engine: EngineProcess, body: bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    answer = send("POST", engine.webhook("t/hook"), data=body, headers=headers)
    assert answer.status_code == status, answer.text


def test_the_key_stands_in_no_log(engine: EngineProcess) -> None:
    key = engine.secret("webhook_key")
    send("POST", engine.webhook("t/hook"), json={"symbol": "BTCUSDT"})
    assert key not in engine.log.read_text()


FORM = """\
id: form
namespace: t.hook
tasks:
  - id: ret
    type: io.kestra.plugin.core.debug.Return
    format: >-
      {{ trigger.formFields.a[0] }} {{ trigger.parts[0].filename }}
      {{ read(trigger.parts[0].uri) }}
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
triggers:
  - id: w
    type: io.kestra.plugin.core.trigger.Webhook
    key: form-key
    wait: true
    returnOutputs: true
"""
STORED = """\
id: stored
namespace: t.hook
tasks: [{id: ret, type: io.kestra.plugin.core.debug.Return, format: "{{ read(trigger.uri) }}"}]
outputs: [{id: said, type: STRING, value: "{{ outputs.ret.value }}"}]
triggers:
  - id: w
    type: io.kestra.plugin.core.trigger.Webhook
    key: stored-key
    wait: true
    returnOutputs: true
    fetchType: STORE
"""


def test_a_form_with_a_file_reaches_the_flow(engine: EngineProcess) -> None:
    engine.create_flow(FORM)
    parts = {"a": (None, "one"), "f": ("x.csv", b"1,2", "text/csv")}
    answer = send("POST", engine.webhook("t.hook/form", "form-key"), files=parts)
    assert (answer.status_code, answer.json()) == (200, {"said": "one x.csv 1,2"})


def test_a_body_is_stored_when_the_trigger_says_so(engine: EngineProcess) -> None:
    engine.create_flow(STORED)
    answer = send("POST", engine.webhook("t.hook/stored", "stored-key"), data="to keep")
    assert (answer.status_code, answer.json()) == (200, {"said": "to keep"})


@pytest.mark.kestrapy("executions.trigger_execution_by_get_webhook")
def test_the_client_starts_a_flow_by_its_webhook(engine: EngineProcess, kestra: Any) -> None:
    plain = HOOK.replace("namespace: t", "namespace: t.hook", 1)
    engine.create_flow(
        plain.replace("id: waiting", "id: quick")
        .replace("wait: true", "wait: false")
        .replace("returnOutputs: true", "returnOutputs: false")
        .replace("trigger.body.symbol ?? trigger.parameters.symbol[0]", "'BTCUSDT'")
    )
    begun = kestra.executions.trigger_execution_by_get_webhook(
        "main", "t.hook", "hook", "key-of-the-waiting-one"
    )
    engine.wait_for_state(begun.id, "SUCCESS")


@pytest.mark.kestrapy(
    "executions.trigger_execution_by_get_webhook_with_path",
    "executions.trigger_execution_by_post_webhook_with_path",
    "executions.trigger_execution_by_put_webhook_with_path",
)
def test_only_a_path_webhook_takes_a_path_and_hands_it_to_its_flow(
    engine: EngineProcess, kestra: Any
) -> None:
    engine.create_flow(BELOW)
    for method in ("get", "post", "put"):
        call = getattr(kestra.executions, f"trigger_execution_by_{method}_webhook_with_path")
        begun = call("main", "t.hook", "below", "key-of-the-path", "orders/new one")
        engine.wait_for_state(begun.id, "SUCCESS")
        assert engine.outputs(begun.id) == {"said": "orders/new one"}
        # Kestra's own trigger answers so
        with pytest.raises(Exception, match="404"):
            call("main", "t.hook", "below", "key-of-the-plain-one", "orders")
        with pytest.raises(Exception, match="404"):
            call("main", "t.hook", "below", "no-key-at-all", "orders")


def test_nobody_fakes_the_path_and_none_is_needed(engine: EngineProcess) -> None:
    engine.create_flow(BELOW.replace("id: below", "id: faked", 1))
    url = engine.webhook("t.hook/faked", "key-of-the-path")
    for below, said in (("/real?path=fake&a=1", "real"), ("/end/?path=fake", "end/"), ("", "none")):
        begun = send("POST", url + below).json()
        engine.wait_for_state(begun["id"], "SUCCESS")
        assert engine.outputs(begun["id"]) == {"said": said}
