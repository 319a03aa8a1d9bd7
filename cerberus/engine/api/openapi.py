"""The description of what is served, made from the routes themselves: `/openapi.json`."""

import re

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter()

_OPEN = ("/health", "/api/v1/main/executions/webhook")


def operation_id(route: APIRoute) -> str:
    """Return a name that no other route has."""
    method = min(route.methods or {"GET"}).lower()
    return re.sub(r"\W+", "_", f"{method}{route.path_format}").strip("_")


def describe(app: FastAPI) -> JsonObject:
    """Return the description; it is made once."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Kestra 2.0.0 on Cerberus",
            version="2.0.0",
            description="The tenant may be left out of every path; there is only main.",
            routes=app.routes,
        )
        basic = {"basic": {"type": "http", "scheme": "basic"}}
        schema.setdefault("components", {})["securitySchemes"] = basic
        for path, operations in schema["paths"].items():
            if not path.startswith(_OPEN):
                for operation in operations.values():
                    operation["security"] = [{"basic": []}]
        app.openapi_schema = schema
    return app.openapi_schema


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JsonObject:
    """Return the description of what is served."""
    return describe(request.app)
