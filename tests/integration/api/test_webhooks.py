"""Webhooks of a real API: who is let in, what is handed over, and what happens without an engine.

The engine is a server that answers as one does; with the real one it is `tests/flows`.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.trading.steps import Pair
from tests.signed_calls import ALERTS, SIGNALS, path_token, signed
from tests.unit.client.answering_server import Answering, answering

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("api")]

SIGNAL = {"symbol": "BTCUSDT", "side": "buy", "stop_loss_percent": "1"}
NEVER_SENT = (
    "X-Cerberus-Timestamp",
    "X-Cerberus-Nonce",
    "X-Cerberus-Signature",
)


@pytest.fixture
def engine(api_pair: Pair) -> Iterator[Answering]:
    """What stands where the API looks for its engine."""
    with answering(int(api_pair.api.environment["CERBERUS_ENGINE_PORT"])) as server:
        server.text = b'{"id": "execution-1"}'
        yield server


def send(pair: Pair, path: str, body: object, **options: Any) -> tuple[int, Any]:
    content, headers = signed(pair.api.var, body, **options)
    return pair.api.call("POST", path, raw=content, token=None, headers=headers)


def handed_over(engine: Answering) -> tuple[Any, str | None]:
    """Return body and key of the only call that the engine got."""
    (asked,) = engine.asked
    return json.loads(asked.body), asked.headers.get("Idempotency-Key")


def test_a_signed_signal_is_handed_over_to_the_pipeline(api_pair: Pair, engine: Answering) -> None:
    status, told = send(api_pair, SIGNALS, SIGNAL | {"id": "mine-1", "quantity": 0.05})

    assert (status, told) == (
        202,
        {"status": "accepted", "execution_id": "execution-1", "signal_id": "mine-1"},
    )
    body, key = handed_over(engine)
    assert body == SIGNAL | {"id": "mine-1", "quantity": "0.05", "entry_type": "market"}
    assert key == "mine-1"
    (asked,) = engine.asked
    assert "/cerberus.trading/cerberus-trading-pipeline/" in asked.path
    assert not set(NEVER_SENT) & set(asked.headers)


def test_the_header_names_the_signal_before_its_own_id(api_pair: Pair, engine: Answering) -> None:
    more = {"Idempotency-Key": "from-the-header"}
    status, told = send(api_pair, SIGNALS, SIGNAL | {"id": "mine-2"}, **more)

    assert (status, told["signal_id"]) == (202, "from-the-header")
    assert handed_over(engine)[1] == "from-the-header"


def test_without_any_id_the_execution_names_it(api_pair: Pair, engine: Answering) -> None:
    status, told = send(api_pair, SIGNALS, SIGNAL)

    assert (status, told["signal_id"]) == (202, "execution-1")
    assert handed_over(engine)[1] is None


def test_tradingviews_text_is_let_in_by_the_token_in_the_path(
    api_pair: Pair, engine: Answering
) -> None:
    path = f"{SIGNALS}/{path_token(api_pair.api.var)}"
    text = b"order buy @ 0.05 filled on BTCUSDT.P. New strategy position is 0.05"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    status, _ = api_pair.api.call("POST", path, raw=text, token=None, headers=headers)

    assert status == 202
    body, _ = handed_over(engine)
    assert (body["symbol"], body["side"], body["quantity"]) == ("BTC/USDT:USDT", "buy", "0.05")


def test_alerts_are_handed_over_to_their_flow(api_pair: Pair, engine: Answering) -> None:
    status, told = send(api_pair, ALERTS, {"title": "disk is full", "id": "a-1", "level": "INFO"})

    assert (status, told["alerts"]) == (202, 1)
    body, key = handed_over(engine)
    (alert,) = body["alerts"]
    assert (alert["title"], alert["level"], alert["resolved"], key) == (
        *("disk is full", "INFO", False),
        "a-1",
    )
    assert "/cerberus.alerting/cerberus-advanced-alerting/" in engine.asked[0].path


def test_every_wrong_credential_gets_one_and_the_same_answer(
    api_pair: Pair, engine: Answering
) -> None:
    var, call = api_pair.api.var, api_pair.api.call
    content, right = signed(var, SIGNAL)
    tries: list[tuple[str, dict[str, str]]] = [
        (SIGNALS, {}),
        (ALERTS, {}),
        (SIGNALS, right | {"X-Cerberus-Signature": "sha256=" + "0" * 64}),
        (SIGNALS, right | {"X-Cerberus-Nonce": "0" * 32}),
        (SIGNALS, signed(var, SIGNAL, key="wrong")[1]),
        (SIGNALS, signed(var, SIGNAL | {"side": "sell"})[1]),
        (SIGNALS, signed(var, SIGNAL, at=time.time() - 400)[1]),
        (SIGNALS, signed(var, SIGNAL, at=time.time() + 400)[1]),
        (SIGNALS, {"Authorization": f"Bearer {api_pair.api.token('admin_token')}"}),
        (f"{SIGNALS}/wrong", right),
        (f"{SIGNALS}/{path_token(var)[:-1]}", {}),
        (f"{SIGNALS}/{path_token(var)}x", {}),
        (f"{ALERTS}/%F0%28%8C%28", {}),
        (f"{ALERTS}/{'x' * 5000}", {}),
    ]
    answers = [
        call("POST", path, raw=content, token=None, headers=headers) for path, headers in tries
    ]
    assert call("POST", SIGNALS, raw=content, token=None, headers=right)[0] == 202
    replay = call("POST", SIGNALS, raw=content, token=None, headers=right)

    assert {status for status, _ in [*answers, replay]} == {401}
    assert len({json.dumps(told) for _, told in [*answers, replay]}) == 1
    assert len(engine.asked) == 1


def test_a_replay_is_refused_on_the_other_webhook_and_after_a_restart_too(
    api_pair: Pair, engine: Answering
) -> None:
    content, headers = signed(api_pair.api.var, {"title": "once"})
    call = api_pair.api.call
    assert call("POST", ALERTS, raw=content, token=None, headers=headers)[0] == 202

    assert call("POST", SIGNALS, raw=content, token=None, headers=headers)[0] == 401
    api_pair.api.kill()
    api_pair.api.start()
    assert call("POST", ALERTS, raw=content, token=None, headers=headers)[0] == 401
    assert len(engine.asked) == 1


def test_without_an_engine_nothing_is_half_done_and_the_same_call_may_be_sent_again(
    api_pair: Pair,
) -> None:
    before = api_pair.counts()
    content, headers = signed(api_pair.api.var, SIGNAL | {"id": "patient"})
    call = api_pair.api.call
    status, told = call("POST", SIGNALS, raw=content, token=None, headers=headers)
    assert (status, told["type"].rpartition("/")[2]) == (503, "unavailable")
    assert api_pair.counts() == before

    with answering(int(api_pair.api.environment["CERBERUS_ENGINE_PORT"])) as engine:
        engine.text = b'{"id": "execution-2"}'
        status, told = call("POST", SIGNALS, raw=content, token=None, headers=headers)
        assert (status, told["signal_id"]) == (202, "patient")
        assert handed_over(engine)[1] == "patient"


@pytest.mark.parametrize(
    ("answered", "text", "status"),
    [
        (404, b"{}", 503),
        (503, b"{}", 503),
        (500, b"{}", 502),
        (422, b"{}", 422),
        (204, b"", 422),
        (200, b"nonsense", 502),
        (0, b"", 502),
    ],
)
def test_what_the_engine_answers_is_told_as_what_it_means(
    api_pair: Pair, engine: Answering, answered: int, text: bytes, status: int
) -> None:
    engine.status, engine.text = answered, text

    found, told = send(api_pair, SIGNALS, SIGNAL)

    assert (found, told["status"]) == (status, status)
    key = api_pair.api.token("webhook_key")
    assert key not in json.dumps(told)
    assert key not in api_pair.api.log.read_text()


BAD: dict[str, tuple[str, bytes, str]] = {
    "negative quantity": (SIGNALS, json.dumps(SIGNAL | {"quantity": -1}).encode(), "quantity"),
    "huge number": (SIGNALS, json.dumps(SIGNAL).encode()[:-1] + b', "qty": 1e999}', "quantity"),
    "unknown field": (SIGNALS, json.dumps(SIGNAL | {"stoploss": 1}).encode(), "stoploss"),
    "force": (SIGNALS, json.dumps(SIGNAL | {"force_execution": 1}).encode(), "force_execution"),
    "id with strange letters": (SIGNALS, json.dumps(SIGNAL | {"id": "a b"}).encode(), "id"),
    "a symbol that is none": (SIGNALS, json.dumps(SIGNAL | {"symbol": "???"}).encode(), "symbol"),
    "two stops": (SIGNALS, json.dumps(SIGNAL | {"stop_loss": 4400}).encode(), "body"),
    "not UTF-8": (SIGNALS, b"\xff\xfe", "body"),
    "empty": (SIGNALS, b"", "body"),
    "deep": (ALERTS, b'{"alerts": ' + b"[" * 30_000, "body"),
    "long number": (ALERTS, b'{"title": 1' + b"0" * 5000 + b"}", "body"),
    "no alerts": (ALERTS, b'{"alerts": []}', "alerts"),
    "alert with an id of strange letters": (ALERTS, b'{"title": "t", "id": "a b"}', "id"),
}


@pytest.mark.parametrize(("path", "content", "field"), BAD.values(), ids=list(BAD))
def test_a_bad_body_is_refused_by_name_and_nothing_is_started(
    api_pair: Pair, engine: Answering, path: str, content: bytes, field: str
) -> None:
    before = api_pair.counts()

    status, told = send(api_pair, path, content)

    assert (status, [one["field"] for one in told["errors"]]) == (422, [field]), told
    assert engine.asked == []
    assert api_pair.counts() == before


def test_a_body_that_is_too_large_is_refused_before_anything_else(api_pair: Pair) -> None:
    status, told = send(api_pair, SIGNALS, b'{"symbol": "' + b"x" * 70_000 + b'"}')

    assert (status, told["status"]) == (413, 413)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
WORDS = st.sampled_from(
    (
        *("symbol", "ticker", "side", "action", "quantity", "qty", "time", "timenow", "interval"),
        *("id", "alerts", "labels", "annotations", "status", "orgId", "title", "level"),
    )
)
BODIES = st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass"))
BODIES |= st.dictionaries(WORDS, JSON).map(lambda told: json.dumps(told).encode())
BODIES |= st.lists(st.dictionaries(WORDS, JSON), min_size=1).map(
    lambda told: json.dumps({"alerts": told}).encode()
)


def test_no_body_of_a_known_sender_gives_a_500(api_pair: Pair, is_long: bool) -> None:
    """No engine listens: a good body ends with 503, and every other with a 4xx."""
    token = path_token(api_pair.api.var)

    @settings(max_examples=1000 if is_long else 60)
    @given(st.sampled_from((SIGNALS, ALERTS)), BODIES)
    def send_any(path: str, content: bytes) -> None:
        found, told = api_pair.api.call("POST", f"{path}/{token}", raw=content, token=None)
        assert found in (413, 422, 503), told

    send_any()
    assert "Traceback" not in api_pair.api.log.read_text()
