"""The OpenAPI document: what FastAPI derives from the routes, with the problems they answer."""

from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, Problem

_REF = "#/components/schemas/"
#: what any route behind a token may answer beside its own statuses
_PROBLEMS = {
    "400": "the body is not JSON",
    "401": "the token is missing or wrong",
    "403": "the admin token is needed",
    "404": "what was named does not exist",
    "409": "the present state does not allow it, or the first request is still running",
    "413": "the body is too large",
    "422": "a field is wrong, or risk has refused",
    "502": "the outcome is not known, it is being asked for",
    "503": "the venue or the store cannot be reached now",
}


def document(app: FastAPI) -> None:
    """Let the application tell every problem in its OpenAPI document."""
    derive = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(derive())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _with_problems(told: dict[str, Any]) -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template=_REF + "{model}")
    schemas = told["components"]["schemas"]
    schemas |= schema.pop("$defs", {})
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operations in told["paths"].values():
        for operation in operations.values():
            # a sentence tells more than the name of a function
            operation["summary"] = operation["description"].splitlines()[0].rstrip(".")
            statuses = _PROBLEMS if "security" in operation else {}
            operation["responses"].pop("422", None)
            operation["responses"] |= {
                status: _problem(description) for status, description in statuses.items()
            }
    return told


def _problem(description: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF + "Problem"}}}
    return {"description": description, "content": content}
