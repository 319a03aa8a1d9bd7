"""What a training run does with its engine: the ways that real flows take."""

import base64
import json
import os
import threading
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cerberus import secret_files
from cerberus.engine.kestra.java import java
from cerberus.engine.serve import Course, serve
from cerberus.engine.surroundings import Surroundings
from cerberus.errors import CerberusError

if TYPE_CHECKING:
    import uvicorn

ROUNDS = 4
NICENESS = 15
LIMIT_SECONDS = 120.0

_FLOW = "cerberus.training/training-pipeline"


@dataclass(frozen=True, slots=True)
class _Client:
    url: str
    authorization: str

    def get(self, path: str) -> dict[str, object]:
        return self._send("GET", path, None)

    def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        return self._send("POST", path, json.dumps(body).encode())

    def _send(self, method: str, path: str, body: bytes | None) -> dict[str, object]:
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - our own loopback port
            self.url + path, body, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=LIMIT_SECONDS) as answer:  # noqa: S310 - same
            return cast(dict[str, object], json.load(cast(HTTPResponse, answer)))


def train(around: Surroundings, output: Path) -> None:
    """Run a scratch engine, use it, and let the Java machine write its cache at exit."""
    os.nice(NICENESS)
    secret_files.ensure(around.secrets)
    serve(
        around,
        Course(
            run=lambda server: _with_server(server, around),
            aot=lambda: (f"-XX:AOTCacheOutput={output}",),
        ),
    )
    # a real exit of the machine: only then does it write; this does not return
    java("java.lang.System").exit(0)


def _with_server(server: "uvicorn.Server", around: Surroundings) -> None:
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _exercise(around)
    finally:
        server.should_exit = True
        thread.join(10.0)


def _exercise(around: Surroundings) -> None:
    password = secret_files.read(around.secrets, "kestra_password")
    key = secret_files.read(around.secrets, "webhook_key")
    pair = f"{around.settings.username}:{password}".encode()
    client = _Client(around.ports.engine_url, "Basic " + base64.b64encode(pair).decode())
    limit = time.monotonic() + LIMIT_SECONDS
    _until_up(client, limit)
    for number in range(ROUNDS):
        hook = f"/api/v1/main/executions/webhook/{_FLOW}/{key}"
        started = client.post(hook, {"symbol": "FAIL" if number == 0 else "BTCUSDT"})
        _until_ended(client, str(started["id"]), limit)
        client.get(f"/api/v1/main/outputs/executions/{started['id']}")
    for path in ("executions", "flows", "triggers", "logs"):
        client.get(
            f"/api/v1/main/{path}/search?size=5&filters[namespace][EQUALS]=cerberus.training"
        )


def _until_up(client: _Client, limit: float) -> None:
    while time.monotonic() < limit:
        try:
            client.get("/health")
            return
        except OSError:
            time.sleep(0.1)
    raise CerberusError(f"the scratch engine did not answer within {LIMIT_SECONDS} s")


def _until_ended(client: _Client, id_: str, limit: float) -> None:
    while time.monotonic() < limit:
        state = cast(dict[str, str], client.get(f"/api/v1/main/executions/{id_}")["state"])
        if "endDate" in state:
            return
        time.sleep(0.1)
    raise CerberusError(f"the training flow did not end within {LIMIT_SECONDS} s")
