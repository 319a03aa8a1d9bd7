"""The first run of the pipeline, against a small program that answers as Kestra and the API do."""

import base64
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

from cerberus import secret_files
from cerberus.errors import CerberusError
from cerberus.supervisor.pipeline import read_outcomes, run_pipeline
from cerberus.supervisor.summary import first_run

CREATE = "/api/v1/main/executions/cerberus.trading/cerberus-trading-pipeline"


class Peer:
    """Answers by path, and remembers what it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, object]]] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    def answer(self, path: str, *bodies: object, status: int = 200) -> None:
        self.answers[path] = [(status, body) for body in bodies]

    def take(self, path: str) -> tuple[int, object]:
        queue = self.answers.get(path.partition("?")[0], [(404, {"detail": "no such thing"})])
        return queue.pop(0) if len(queue) > 1 else queue[0]


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            peer.requests.append((self.command, self.path, dict(self.headers), body))
            status, answer = peer.take(self.path)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = _serve
        do_POST = _serve

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    for name in ("API", "ENGINE"):
        monkeypatch.setenv(f"CERBERUS_{name}_PORT", str(server.server_address[1]))
    monkeypatch.setenv("CERBERUS_VAR", str(tmp_path / "var"))
    secret_files.ensure(tmp_path / "var" / "secrets")
    yield peer
    server.shutdown()
    thread.join()
    server.server_close()


def _execution(state: str) -> dict[str, object]:
    return {"id": "abc", "state": {"current": state}}


def _moment(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_the_pipeline_is_created_with_credentials_and_awaited(peer: Peer, tmp_path: Path) -> None:
    peer.answer(CREATE, _execution("RUNNING"))
    peer.answer("/api/v1/main/executions/abc", _execution("RUNNING"), _execution("SUCCESS"))

    run = run_pipeline()

    assert (run.execution_id, run.state) == ("abc", "SUCCESS")
    method, path, headers, body = peer.requests[0]
    password = secret_files.read(tmp_path / "var" / "secrets", "kestra_password")
    pair = base64.b64encode(f"admin@cerberus.local:{password}".encode()).decode()
    assert (method, path) == ("POST", CREATE)
    assert headers["Authorization"] == f"Basic {pair}"
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert body.endswith(b"--\r\n")


def test_a_refusal_of_kestra_is_told_with_its_detail(peer: Peer) -> None:
    peer.answer(CREATE, {"detail": "Requested Flow is not found."}, status=404)

    with pytest.raises(CerberusError, match="Requested Flow is not found"):
        run_pipeline()


def test_an_answer_that_is_no_execution_is_told(peer: Peer) -> None:
    peer.answer(CREATE, ["what"])

    with pytest.raises(CerberusError, match="no object"):
        run_pipeline()


def test_only_signals_of_this_run_are_shown_with_their_own_trades(peer: Peer) -> None:
    peer.answer(CREATE, _execution("SUCCESS"))
    run = run_pipeline()
    peer.answer(
        "/api/signals",
        {
            "signals": [
                {"signal_id": "new", "received_at": _moment(1)},
                {"signal_id": "old", "received_at": _moment(-60)},
            ]
        },
    )
    peer.answer(
        "/api/trades",
        {
            "trades": [
                {"trade_id": "t-old", "signal_id": "old"},
                {"trade_id": "t", "signal_id": "new"},
            ]
        },
    )
    peer.answer(
        "/api/exits",
        {
            "exits": [
                {"trade_id": "t", "kind": "target"},
                {"trade_id": "t-old", "kind": "stop"},
                {"trade_id": "t", "kind": "stop"},
            ]
        },
    )

    (outcome,) = read_outcomes(run)

    assert outcome.signal["signal_id"] == "new"
    assert outcome.trade["trade_id"] == "t"
    assert [item["kind"] for item in outcome.exits] == ["stop", "target"]


def test_a_failed_run_is_told_with_its_errors_once_each(peer: Peer) -> None:
    peer.answer(CREATE, _execution("FAILED"))
    line = {"taskId": "check_health", "message": "connection refused", "level": "ERROR"}
    peer.answer("/api/v1/main/logs/abc", [line, line])
    for name in ("signals", "trades", "exits"):
        peer.answer(f"/api/{name}", {"total": 0, name: []})
    out = io.StringIO()

    assert first_run(Console(file=out, width=120)) is False

    assert out.getvalue().count("check_health: connection refused") == 1


def test_an_engine_that_is_away_is_told(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERBERUS_ENGINE_PORT", "1")
    out = io.StringIO()

    assert first_run(Console(file=out, width=200)) is False

    assert "the pipeline did not run: http://127.0.0.1:1 cannot be reached" in out.getvalue()
    assert peer.requests == []
