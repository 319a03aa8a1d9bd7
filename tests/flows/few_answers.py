"""An engine with the real flows before an API that gives a few answers, and can be brought to any.

The real API cannot be brought to what these tests need: outages of one route, a naked position.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from tests.engine_process import EngineProcess
from tests.flows.pipeline import Shown
from tests.integration.alerts.vendor_rules import BOT_TOKEN, CHAT
from tests.integration.alerts.vendors import Vendor

NOTIFY = "cerberus-notify"


def notified(engine: EngineProcess, execution: Shown) -> str:
    """Return the id of the notification that an execution made."""
    lines = engine.messages(execution["id"], containing=NOTIFY)
    (id_,) = {found[1] for line in lines if (found := re.search(r'execution="(\w+)"', line))}
    return id_


def told_people(engine: EngineProcess, execution: Shown) -> list[Shown]:
    """Return the inputs of every notification that an execution made, those of its loops too."""
    query = {"filters[flowId][EQUALS]": NOTIFY, "size": "200"}
    found = engine.session.get(engine.api("executions/search"), params=query, timeout=30).json()
    return [one["inputs"] for one in found["results"] if execution["id"] in one["inputs"]["source"]]


class Api(ThreadingHTTPServer):
    """The API's answers by the signal's symbol, or as `told` says by their path."""

    daemon_threads = True
    is_down = False
    signals: ClassVar[list[Shown]] = []
    #: what people get past it
    telegram: Vendor

    def reset(self, signals: list[Shown] | None = None) -> None:
        self.is_down = False
        self.told: dict[str, tuple[int, Shown]] = {}
        self.signals = signals or []
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.reads = 0
        self.held: tuple[str, threading.Event, threading.Event] | None = None

    @contextmanager
    def holding(self, path: str) -> Iterator[threading.Event]:
        """Answer a path only when the block is over; yield what is set once it was asked for."""
        is_asked, is_over = threading.Event(), threading.Event()
        self.held = (path, is_asked, is_over)
        try:
            yield is_asked
        finally:
            self.held = None
            is_over.set()

    def traded(self) -> list[str]:
        return [body["signal"]["symbol"] for path, _, body in self.asked if path == "/api/trades"]

    def asked_for(self, path: str) -> list[tuple[str, Any]]:
        """Return key and body of each request for a path."""
        return [
            (headers.get("Idempotency-Key", ""), body)
            for asked, headers, body in self.asked
            if asked.partition("?")[0] == path
        ]

    def answer(self, path: str, body: Any) -> tuple[int, Shown]:
        if self.held is not None and path.startswith(self.held[0]):
            self.held[1].set()
            self.held[2].wait(60)
        if self.is_down:
            return 503, {"title": "Unavailable"}
        if (told := self.told.get(path.partition("?")[0])) is not None:
            return told
        if path == "/api/signals/evaluate":
            return 200, {"signals": self.signals, "considered": []}
        if path == "/api/signals/validate":
            return 200, {"valid": True, "problems": [], "signal": body}
        if path == "/api/trades":
            return self._trade(body["signal"]["symbol"])
        if path.startswith("/api/trades/"):
            self.reads += 1
            return 200, self._story(path.rsplit("-", 1)[1])
        return 200, {"status": "healthy", "approved": True}

    def _trade(self, symbol: str) -> tuple[int, Shown]:
        if symbol == "REFUSED/USDT":
            return 422, {"type": "/problems/risk-refused", "detail": "risk 20 exceeds 15"}
        if symbol == "BROKEN/USDT":
            # not 503, which the engine's HTTP client itself sends once more
            return 500, {"title": "Internal Server Error"}
        return 201, self._story(symbol.split("/")[0])

    def _story(self, name: str) -> Shown:
        is_open = name != "SLOW" or self.reads > 2
        return {
            "trade_id": f"trade-{name}",
            "symbol": f"{name}/USDT",
            "side": "buy",
            "status": "open" if is_open else "pending",
            "opened_at": "2026-01-01T00:00:00Z" if is_open else None,
            "protected": is_open and name != "NAKED",
            "seconds_unprotected": 0.1,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Api

    def do_GET(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else None
        self.server.asked.append((self.path, dict(self.headers), body))
        status, answer = self.server.answer(self.path, body)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def few_answers() -> Iterator[Api]:
    api = Api(("127.0.0.1", 0), _Handler)
    api.reset([])
    thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.shutdown()
        thread.join()
        api.server_close()


Alone: TypeAlias = tuple[EngineProcess, Api]


def phone(var: Path, telegram: Vendor) -> dict[str, str]:
    """Set the only channel of an installation up, and return what its processes are told."""
    folder = var / "secrets"
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    (folder / "bot_token").write_text(BOT_TOKEN)
    (folder / "bot_chat").write_text(CHAT)
    levels = "".join(
        f"  {level}: {{channels: [telegram]}}\n"
        for level in ("INFO", "WARNING", "CRITICAL", "EMERGENCY")
    )
    file = var.parent / "alerts.yaml"
    how = f'type: telegram, url: "{telegram.url}", token_secret: bot_token, chat_secret: bot_chat'
    file.write_text(f"channels:\n  telegram: {{{how}}}\nlevels:\n{levels}")
    return {"CERBERUS_ALERTS_FILE": str(file)}
