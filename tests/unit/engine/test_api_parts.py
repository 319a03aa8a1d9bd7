import base64
import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request

from cerberus.engine.api.auth import Credentials
from cerberus.engine.api.bodies import BodyLimit
from cerberus.engine.api.paths import TenantPaths
from cerberus.engine.api.problems import add_problem_handlers
from cerberus.errors import Conflict, Invalid, Misconfigured, NotFound, Rejected, Transient


def basic(pair: bytes) -> str:
    return "Basic " + base64.b64encode(pair).decode()


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        (basic(b"admin:secret"), True),
        (basic(b"admin:secret").replace("Basic", "basic"), True),
        (basic(b"admin:secret "), False),
        (basic(b"admin:"), False),
        (basic(b"admin"), False),
        (basic("admin:secr\u00e9t".encode()), False),
        (basic(b"\xff\xfe"), False),
        ("Basic \u00e9", False),
        ("Basic", False),
        ("", False),
        ("Bearer secret", False),
    ],
)
def test_only_the_credentials_match(header: str, matches: bool) -> None:
    assert Credentials("admin", "secret").match(header) is matches


@pytest.mark.parametrize(
    ("path", "rewritten"),
    [
        ("/api/v1/flows", "/api/v1/main/flows"),
        ("/api/v1/executions/webhook/a/b/c", "/api/v1/main/executions/webhook/a/b/c"),
        ("/api/v1/main/flows", "/api/v1/main/flows"),
        ("/api/v1/other/flows", "/api/v1/other/flows"),
        ("/api/v1/flowsome", "/api/v1/flowsome"),
        ("/api/v1/configs", "/api/v1/configs"),
        ("/x/api/v1/flows", "/x/api/v1/flows"),
        ("/health", "/health"),
    ],
)
async def test_a_path_without_tenant_gets_the_only_one(path: str, rewritten: str) -> None:
    seen: list[str] = []

    async def app(scope: MutableMapping[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(scope["path"])

    await TenantPaths(app)({"type": "http", "path": path}, None, None)  # type: ignore[arg-type]  # neither is used
    assert seen == [rewritten]


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: Any


async def ask(app: FastAPI, method: str, path: str, body: bytes = b"") -> Answer:
    """Send one request to an application, without a server."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
        "server": ("engine", 80),
        "scheme": "http",
    }
    await app(scope, receive, send)
    headers = dict(sent[0]["headers"])
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], headers[b"content-type"].decode(), json.loads(text))


@pytest.fixture
def app() -> FastAPI:
    errors = {
        "invalid": Invalid("size", "at most 5, was 6"),
        "rejected": Rejected("no"),
        "absent": NotFound("nothing"),
        "conflict": Conflict("not now"),
        "transient": Transient("later"),
        "misconfigured": Misconfigured("a secret detail"),
        "fault": RuntimeError("a secret detail"),
        "http": HTTPException(418, "tea"),
    }
    app = FastAPI()
    add_problem_handlers(app)
    app.add_middleware(BodyLimit, limit_bytes=100)

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise errors[name]

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    return app


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        ("invalid", 422, "size: at most 5, was 6"),
        ("rejected", 422, "no"),
        ("absent", 404, "nothing"),
        ("conflict", 409, "not now"),
        ("transient", 503, "later"),
        ("misconfigured", 500, "the engine failed; its log says why"),
        ("fault", 500, "the engine failed; its log says why"),
        ("http", 418, "tea"),
    ],
)
async def test_every_error_is_a_problem(app: FastAPI, name: str, status: int, detail: str) -> None:
    answer = await ask(app, "GET", f"/raise/{name}")
    assert answer.status == status
    assert answer.content_type == "application/problem+json"
    shown = answer.body
    assert (shown["status"], shown["detail"], shown["message"]) == (status, detail, detail)


async def test_a_body_above_the_limit_is_refused(app: FastAPI) -> None:
    assert (await ask(app, "POST", "/body", b"x" * 100)).body == 100
    assert (await ask(app, "POST", "/body", b"x" * 101)).status == 413
