import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from cerberus.client import ApiProblem, CerberusClient, FieldProblem, JsonConnection
from cerberus.errors import Transient, Unknown
from tests.free_port import free_port
from tests.unit.client.answering_server import Answering, answering


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
def client(server: Answering) -> Iterator[CerberusClient]:
    with CerberusClient(server.url, "a-token", timeout_seconds=5) as connected:
        yield connected


def test_a_call_carries_the_token_and_returns_the_parsed_answer(
    server: Answering, client: CerberusClient
) -> None:
    server.text = b'{"status": "healthy"}'

    answer = client.health()

    assert answer == {"status": "healthy"}
    asked = server.asked[0]
    assert (asked.method, asked.path) == ("GET", "/health")
    assert asked.headers["Authorization"] == "Bearer a-token"


def test_a_picture_comes_as_it_is_and_without_one_there_is_a_problem(
    server: Answering, client: CerberusClient
) -> None:
    server.text = b"\x89PNG\xff"
    assert client.charts(7) == b"\x89PNG\xff"
    assert server.asked[0].path == "/api/analytics/picture?days=7"

    server.status, server.text = 404, b'{"title": "Not found", "detail": "no picture"}'
    with pytest.raises(ApiProblem, match="no picture"):
        client.charts(7)


def test_a_trade_carries_its_idempotency_key(server: Answering, client: CerberusClient) -> None:
    client.trade({"symbol": "BTC/USDT", "side": "buy"}, idempotency_key="run-1-execute-0")

    asked = server.asked[0]
    assert asked.headers["Idempotency-Key"] == "run-1-execute-0"
    assert json.loads(asked.body) == {"signal": {"symbol": "BTC/USDT", "side": "buy"}}


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda api: api.evaluate(["BTCUSDT"]), ("POST", "/api/signals/evaluate")),
        (lambda api: api.validate({}), ("POST", "/api/signals/validate")),
        (lambda api: api.tell({}), ("POST", "/api/signals")),
        (lambda api: api.assess({}), ("POST", "/api/risk/assess")),
        (lambda api: api.trades(limit=2), ("GET", "/api/trades?limit=2")),
        (lambda api: api.trade_by_id("a/b"), ("GET", "/api/trades/a%2Fb")),
        (lambda api: api.why("x?y"), ("GET", "/api/why/x%3Fy")),
        (lambda api: api.positions(open_only=True), ("GET", "/api/positions?open_only=true")),
        (lambda api: api.exits("t1"), ("GET", "/api/exits?trade_id=t1")),
        (lambda api: api.emergency_stop("why"), ("POST", "/api/system/emergency-stop")),
        (lambda api: api.release(), ("POST", "/api/system/release")),
        (
            lambda api: api.write_off("p1", "a mishap"),
            ("POST", "/api/reconciliation/write-off"),
        ),
    ],
)
def test_each_method_calls_its_route(
    server: Answering,
    client: CerberusClient,
    call: Callable[[CerberusClient], object],
    asked: tuple[str, str],
) -> None:
    server.text = b'{"trades": [], "positions": [], "exits": []}'

    call(client)

    assert (server.asked[0].method, server.asked[0].path) == asked


def test_a_refusal_becomes_a_problem_with_kind_detail_and_fields(
    server: Answering, client: CerberusClient
) -> None:
    server.status = 422
    server.extra = {"Content-Type": "application/problem+json", "Retry-After": "3"}
    server.text = json.dumps(
        {
            "type": "https://cerberus.example/problems/invalid",
            "title": "Invalid",
            "detail": "one field is wrong",
            "errors": [{"field": "price", "reason": "is not a number"}],
        }
    ).encode()

    with pytest.raises(ApiProblem) as caught:
        client.validate({"symbol": "BTC/USDT", "side": "buy"})

    problem = caught.value
    assert (problem.status, problem.kind) == (422, "invalid")
    assert problem.fields == (FieldProblem("price", "is not a number"),)
    assert problem.retry_after_seconds == 3
    assert str(problem) == "Invalid (422): one field is wrong (price: is not a number)"


def test_an_error_page_that_is_no_json_is_a_problem_too(
    server: Answering, client: CerberusClient
) -> None:
    server.status, server.text = 502, b"<html>bad gateway</html>"

    with pytest.raises(ApiProblem, match="HTTP 502"):
        client.health()


def test_a_server_that_is_not_there_is_transient() -> None:
    with pytest.raises(Transient, match="cannot be reached"):
        CerberusClient(f"http://127.0.0.1:{free_port()}").trade({"symbol": "X", "side": "buy"})


def test_a_reading_call_that_is_cut_off_is_transient_and_a_changing_one_unknown(
    server: Answering, client: CerberusClient
) -> None:
    server.status = 0

    with pytest.raises(Transient, match=r"GET .* was cut off"):
        client.health()
    with pytest.raises(Unknown, match=r"POST .* was cut off"):
        client.trade({"symbol": "BTC/USDT", "side": "buy"})
    assert len(server.asked) == 2


def test_a_connection_that_was_cut_off_is_opened_again(
    server: Answering, client: CerberusClient
) -> None:
    server.status = 0
    with pytest.raises(Transient):
        client.health()
    server.status, server.text = 200, b'{"status": "healthy"}'

    assert client.health()["status"] == "healthy"


def test_an_answer_that_is_no_object_is_refused(server: Answering, client: CerberusClient) -> None:
    server.text = b"[]"

    with pytest.raises(Transient, match="is this the Cerberus API"):
        client.health()


def test_numbers_that_json_does_not_know_are_not_sent(server: Answering) -> None:
    with JsonConnection(server.url) as connection, pytest.raises(ValueError, match="JSON"):
        connection.call("POST", "/", {"price": float("nan")})
    assert server.asked == []


@pytest.mark.parametrize("url", ["127.0.0.1:80", "ftp://host", "http://"])
def test_a_url_without_scheme_and_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected a URL"):
        JsonConnection(url)


def test_the_client_is_light_to_import() -> None:
    code = (
        "import sys; before = set(sys.modules); import cerberus.client;"
        "print(*sorted({n.split('.')[0] for n in set(sys.modules) - before}))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    names = set(told.stdout.split())
    assert {name for name in names if name not in sys.stdlib_module_names} == {"cerberus"}
    # each of these alone would cost a good part of the 60 ms that a task may wait for us
    assert names.isdisjoint({"asyncio", "dataclasses", "inspect", "logging", "decimal"})
