"""Executions: `/api/v1/main/executions`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from cerberus.engine.api.follow import dependency_frames, execution_frames
from cerberus.engine.api.parameters import (
    Filters,
    FollowersPart,
    FormParts,
    KestraPart,
    PageOf,
    Threads,
    json_response,
)
from cerberus.engine.api.streams import event_response
from cerberus.engine.kestra.executions import NewExecution
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.lookup import find_execution

router = APIRouter(prefix="/api/v1/main/executions", tags=["executions"])


@router.get("/search")
async def search_executions(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the executions that pass the filters, without their task runs."""
    return await threads.call(kestra.executions.search, page, filters)


@router.get("")
async def executions_of_flow(
    kestra: KestraPart,
    threads: Threads,
    page: PageOf,
    namespace: str,
    flowId: str,
) -> JsonObject:
    """List the executions of one flow."""
    return await threads.call(kestra.executions.of_flow, namespace, flowId, page)


@router.get("/{id_}")
async def read_execution(kestra: KestraPart, threads: Threads, id_: str) -> Response:
    """Return an execution with its task runs."""
    return json_response(await threads.call(kestra.executions.get, id_))


@router.get("/{id_}/follow")
async def follow_execution(
    kestra: KestraPart, threads: Threads, followers: FollowersPart, id_: str
) -> StreamingResponse:
    """Send an execution at each change of its state until it has ended."""
    await threads.call(find_execution, kestra.beans, id_)
    return event_response(execution_frames(followers, kestra, id_))


@router.get("/{id_}/follow-dependencies")
async def follow_dependencies(
    kestra: KestraPart, threads: Threads, _: FollowersPart, id_: str
) -> StreamingResponse:
    """Send the state of an execution and of all that it set off until all have ended."""
    await threads.call(find_execution, kestra.beans, id_)
    return event_response(dependency_frames(kestra, threads, id_))


@router.post("/{namespace}/{id_}/validate")
async def validate_inputs(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    parts: FormParts,
    labels: Annotated[list[str] | None, Query()] = None,
    revision: int | None = None,
) -> list[JsonObject]:
    """Check the inputs for a new execution; nothing is started."""
    return await threads.call(kestra.checks.for_new, namespace, id_, parts, labels or (), revision)


@router.post("/{namespace}/{id_}")
async def create_execution(
    request: Request,
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    parts: FormParts,
    labels: Annotated[list[str] | None, Query()] = None,
    wait: bool = False,
    revision: int | None = None,
    scheduleDate: str | None = None,
    kind: str | None = None,
    breakpoints: str | None = None,
) -> JsonObject:
    """Start a flow; with `wait` the answer comes when the execution has ended."""
    wanted = NewExecution(
        namespace, id_, parts, labels or (), revision, scheduleDate, kind, breakpoints
    )
    execution = await threads.call(kestra.executions.create, wanted)
    if wait:
        execution = await threads.wait(kestra.executions.wait, str(execution["id"]))
    page = f"ui/main/executions/{namespace}/{id_}/{execution['id']}"
    return {**execution, "url": f"{request.base_url}{page}"}
