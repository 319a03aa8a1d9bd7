"""What can be asked about executions: `/api/v1/main/executions/...`."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from cerberus.engine.api.parameters import Filters, KestraPart, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/executions", tags=["executions"])


@router.post("/latest")
async def latest_executions(
    kestra: KestraPart, threads: Threads, names: Annotated[list[JsonObject], Body()]
) -> list[JsonObject]:
    """Return the last execution of each flow that is named."""
    return await threads.call(kestra.views.latest, names)


@router.get("/namespaces")
async def executable_namespaces(kestra: KestraPart, threads: Threads) -> list[str]:
    """List the namespaces that have flows which can be started."""
    return await threads.call(kestra.views.namespaces)


@router.get("/namespaces/{namespace}/flows")
async def executable_flows(
    kestra: KestraPart, threads: Threads, namespace: str
) -> list[JsonObject]:
    """List the flows of a namespace which can be started."""
    return await threads.call(kestra.views.flows, namespace)


@router.get("/namespaces/{namespace}/flows/{flow_id}/average-duration")
async def average_duration(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str
) -> JsonObject:
    """Return how long the last executions of a flow took on average."""
    return await threads.call(kestra.views.average_duration, namespace, flow_id)


@router.get("/distinct-field-values")
async def distinct_values(
    kestra: KestraPart,
    threads: Threads,
    field: str,
    filters: Filters,
    size: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[str]:
    """List the values that a field has in the executions that pass the filters."""
    return await threads.call(kestra.views.distinct, field, filters, size)


@router.get("/export/by-query/csv")
async def export_csv(kestra: KestraPart, threads: Threads, filters: Filters) -> Response:
    """Return the executions that pass the filters as CSV."""
    return Response(await threads.call(kestra.views.table, filters), media_type="text/csv")


@router.get("/flows/{namespace}/{flow_id}")
async def flow_for_execution(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str, revision: int | None = None
) -> JsonObject:
    """Return a flow as those see it who only start it."""
    return await threads.call(kestra.views.flow_by_name, namespace, flow_id, revision)


@router.get("/{id_}/flow")
async def flow_of_execution(kestra: KestraPart, threads: Threads, id_: str) -> JsonObject:
    """Return the flow of an execution."""
    return await threads.call(kestra.views.flow, id_)


@router.get("/{id_}/graph")
async def graph_of_execution(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    subflows: Annotated[list[str] | None, Query()] = None,
) -> JsonObject:
    """Return the graph of an execution's tasks."""
    return await threads.call(kestra.views.graph, id_, subflows or ())


@router.get("/{id_}/file")
async def file_of_execution(
    kestra: KestraPart, threads: Threads, id_: str, path: str
) -> StreamingResponse:
    """Return a file of an execution."""
    file = await threads.call(kestra.files.find, id_, path)
    name = file.name.encode("ascii", "replace").decode().replace('"', "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = iterate_in_threadpool(kestra.files.chunks(file))
    return StreamingResponse(content, headers=headers, media_type="application/octet-stream")


@router.get("/{id_}/file/metas")
async def file_size(kestra: KestraPart, threads: Threads, id_: str, path: str) -> JsonObject:
    """Return the size of a file of an execution."""
    file = await threads.call(kestra.files.find, id_, path)
    return {"size": await threads.call(kestra.files.size, file)}


@router.get("/{id_}/file/preview")
async def file_preview(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    path: str,
    maxRows: Annotated[int, Query(ge=1, le=10_000)] = 100,
    encoding: str = "UTF-8",
) -> JsonObject:
    """Return the beginning of a file of an execution."""
    file = await threads.call(kestra.files.find, id_, path)
    return await threads.call(kestra.files.preview, file, maxRows, encoding)
