"""Local servers that refuse what Telegram, Discord, Slack and PagerDuty refuse."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.integration.alerts.vendor_rules import CHECKS, Answer, Refused


@dataclass
class Vendor:
    """One vendor's server: what it took, what it refused, and what it is to answer next."""

    name: str
    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    #: answers given instead of the vendor's own, the first one first
    faults: list[Answer] = field(default_factory=list)
    #: what is done before a request is answered
    before: Callable[[], None] = lambda: None

    def answer(self, path: str, kind: str, body: bytes) -> Answer:
        self.before()
        if self.faults:
            return self.faults.pop(0)
        try:
            told = _read(kind, body)
            answer = CHECKS[self.name](path, told)
        except Refused as error:
            self.refused.append(f"{error.status} {error.told}")
            return error.status, {}, error.told
        self.taken.append({"path": path} | told)
        return answer


def _read(kind: str, body: bytes) -> dict[str, Any]:
    """Return the fields of a JSON body or of a form; files as bytes."""
    if kind == "application/json":
        try:
            told = json.loads(body)
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        return dict(told)
    if not body or kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if not kind.startswith("multipart/form-data"):
        raise Refused(415, f"content type {kind}")
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in form.walk():
        name = part.get_param("name", header="content-disposition")
        if name is not None:
            content = part.get_payload(decode=True)
            is_file = part.get_filename() is not None
            fields[str(name)] = content if is_file else bytes(content).decode()  # type: ignore[arg-type]  # a leaf
    return fields


@contextmanager
def vendor(name: str, served: Vendor | None = None) -> Iterator[Vendor]:
    """Serve one vendor on a free port."""
    one = served or Vendor(name)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, told = one.answer(
                self.path, self.headers.get("Content-Type", ""), body
            )
            data = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the sender was killed
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    one.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
