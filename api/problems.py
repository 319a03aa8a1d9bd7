"""Errors as problem details (RFC 9457): one table from error to status."""

import math
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from cerberus.domain.validation import Problem as FieldProblem
from cerberus.errors import (
    CerberusError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotTheWriter,
    Rejected,
    TooManyCalls,
    Transient,
    Unauthorised,
    Unknown,
)

_HTTP_KINDS = {
    400: "malformed-body",
    401: "unauthorised",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}
MEDIA_TYPE = "application/problem+json"
TYPE = "https://cerberus.example/problems/"


class InvalidSignal(Rejected):
    """A signal with fields that are wrong against the market."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.reason}" for one in problems))
        self.problems = problems


#: most specific first
_STATUS: tuple[tuple[type[CerberusError], int, str], ...] = (
    (Invalid, 422, "invalid"),
    (InvalidSignal, 422, "invalid"),
    (NotFound, 404, "not-found"),
    (Conflict, 409, "conflict"),
    (Forbidden, 403, "forbidden"),
    (Unauthorised, 401, "unauthorised"),
    (Rejected, 422, "rejected"),
    (TooManyCalls, 429, "too-many-calls"),
    (NotTheWriter, 409, "not-the-writer"),
    (Transient, 503, "unavailable"),
    (Unknown, 502, "unknown-outcome"),
)


class FieldError(BaseModel):
    """One field that is wrong."""

    field: str
    reason: str


class Problem(BaseModel):
    """A problem as it is answered; a refusal by risk has its check, value and limit beside."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> JSONResponse:
    """Return a problem as a response."""
    title = kind.replace("-", " ").capitalize()
    body = {"type": TYPE + kind, "title": title, "status": status, "detail": detail, **members}
    if errors:
        body["errors"] = [error.model_dump() for error in errors]
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def answer_error(error: Exception) -> JSONResponse | None:
    """Return the response for an error that has one."""
    if isinstance(error, RequestValidationError | ValidationError):
        return _invalid_request(error)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    for known, status, kind_name in _STATUS:
        if isinstance(error, known):
            fields = _fields(error)
            return problem(status, kind_name, str(error), errors=fields, headers=_wait(error))
    return None


def install(app: FastAPI) -> None:
    """Answer every known error as a problem."""

    async def handle(_: Request, error: Exception) -> JSONResponse:
        return answer_error(error) or problem(500, "internal-error", "an unexpected error")

    for kind in (RequestValidationError, ValidationError, HTTPException, CerberusError):
        app.add_exception_handler(kind, handle)


def _invalid_request(error: RequestValidationError | ValidationError) -> JSONResponse:
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        detail = "the body is not valid JSON"
        position = [FieldError(field="body", reason=str(item["msg"])) for item in found]
        return problem(400, "malformed-json", detail, errors=position)
    errors = [FieldError(field=_field(item["loc"]), reason=str(item["msg"])) for item in found]
    detail = "; ".join(f"{one.field}: {one.reason}" for one in errors[:5])
    return problem(422, "invalid", detail, errors=errors)


def _http_problem(error: HTTPException) -> JSONResponse:
    status, detail = error.status_code, str(error.detail)
    name = _HTTP_KINDS.get(status, "refused")
    about_body = status in (400, 413)
    errors = [FieldError(field="body", reason=detail)] if about_body else []
    return problem(status, name, detail, errors=errors, headers=error.headers)


def _wait(error: CerberusError) -> dict[str, str]:
    if not isinstance(error, Transient):
        return {}
    asked = error.retry_after_seconds if isinstance(error, TooManyCalls) else None
    return {"Retry-After": str(max(1, math.ceil(asked or 1)))}


def _fields(error: CerberusError) -> list[FieldError]:
    if isinstance(error, InvalidSignal):
        return [FieldError(field=one.field, reason=one.reason) for one in error.problems]
    if isinstance(error, Invalid):
        return [FieldError(field=error.field, reason=error.reason)]
    return []


def _field(location: Sequence[int | str]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(parts) or str(location[0] if location else "body")
