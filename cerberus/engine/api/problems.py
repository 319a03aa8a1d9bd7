"""Errors as RFC 7807 problems with Kestra's status codes."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cerberus.engine.kestra.bulk import BulkRefused
from cerberus.engine.kestra.errors import Expired, from_java
from cerberus.engine.kestra.java import JavaError
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import CerberusError, Conflict, Forbidden, NotFound, Rejected, Transient

_log = logging.getLogger(__name__)

#: the first class that fits
STATUS = (
    (Expired, 410),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Rejected, 422),
    (Transient, 503),
    (CerberusError, 500),
)


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: JsonObject | None = None,
) -> JSONResponse:
    """Return a problem; `message` is what clients of Kestra 1.x read."""
    body = {
        **(more or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "message": detail,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def add_problem_handlers(app: FastAPI) -> None:
    """Let every error that a route raises become a problem."""
    app.add_exception_handler(CerberusError, _on_our_error)
    app.add_exception_handler(JavaError, _on_java_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_middleware(Faults)


class Faults:
    """The last net: an error that nobody foresaw is logged once and answered as a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # the edge of the process
            answer = _on_fault(Request(scope), error)
            if not has_begun:
                await answer(scope, receive, send)


def _on_our_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, BulkRefused):
        return problem(400, str(error), more={"invalids": error.invalids})
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    if status == 500:
        return _on_fault(request, error)
    return problem(status, str(error))


def _on_java_error(request: Request, error: Exception) -> JSONResponse:
    known = from_java(error)
    return _on_our_error(request, known) if known else _on_fault(request, error)


def _on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    reasons = (
        f"{'.'.join(str(part) for part in each['loc'][1:]) or each['loc'][0]}: {each['msg']}"
        for each in error.errors()
    )
    return problem(422, "; ".join(reasons))


def _on_http_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, str(error.detail), error.headers)


def _on_fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s %s failed", request.method, _route(request), exc_info=error)
    return problem(500, "the engine failed; its log says why")


def _route(request: Request) -> str:
    # never the path itself: a webhook's key is part of it
    route = request.scope.get("route")
    return str(getattr(route, "path", "an unknown path"))
