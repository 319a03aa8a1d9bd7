"""What Kestra has no path for: reports of this engine, `/engine`."""

from typing import cast

from fastapi import APIRouter, Request

from cerberus.engine.api.parameters import KestraPart, Threads
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.reports import Reports

router = APIRouter(prefix="/engine", tags=["engine"])


def _reports(request: Request) -> Reports:
    return cast(Reports, request.app.state.reports)


@router.get("/flow-files")
async def flow_files(request: Request) -> list[JsonObject]:
    """Return what became of each flow file at the start."""
    return [each.as_object() for each in _reports(request).flow_files]


@router.get("/reconciliation")
async def reconciliation(request: Request) -> JsonObject:
    """Return what the start found of a former engine, and ended."""
    return _reports(request).reconciliation_object()


@router.get("/services")
async def services(kestra: KestraPart, threads: Threads) -> dict[str, str]:
    """Return the state of each service."""
    return await threads.call(kestra.engine.services.states)
