"""What runs the flows of `task_types`, for the tests and for the benchmark."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.engine_process import EngineProcess
from tests.integration.engine.task_types import CASES, SPACE, flow_id, source

EVENTS = b'data: {"a": 1}\n\ndata: {"a": 2}\n\n'


class Served(BaseHTTPRequestHandler):
    """A text, or two events."""

    def do_GET(self) -> None:
        is_stream = self.path == "/events"
        body = EVENTS if is_stream else b"served"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if is_stream else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """Answer on a port of this machine; gives the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Served) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def import_all(engine: EngineProcess, server: str) -> None:
    """Import all flows as one file, as a person does."""
    text = "---\n".join(source(kind, server) for kind in CASES)
    answer = engine.session.post(
        engine.api("flows/import?failOnError=true"),
        files={"fileUpload": ("types.yaml", text)},
        timeout=60,
    )
    assert (answer.status_code, answer.json()) == (200, []), answer.text


def outcome(engine: EngineProcess, kind: str) -> tuple[str, str]:
    """Run the flow of a type and return how it ended, and what it left."""
    ended = engine.run(f"{SPACE}/{flow_id(kind)}")
    said = engine.outputs(ended["id"]).get("said", "")
    return str(ended["state"]["current"]), str(said)
