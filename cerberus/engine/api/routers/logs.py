"""Logs: `/api/v1/main/logs`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from cerberus.engine.api.follow import LogFrames
from cerberus.engine.api.parameters import (
    Filters,
    FollowersPart,
    KestraPart,
    PageOf,
    Threads,
    json_response,
)
from cerberus.engine.api.streams import event_response
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.logs import LogSelection
from cerberus.engine.kestra.lookup import find_execution

router = APIRouter(prefix="/api/v1/main/logs", tags=["logs"])


def _selection(
    id_: str,
    min_level: Annotated[str | None, Query(alias="minLevel")] = None,
    task_run_id: Annotated[str | None, Query(alias="taskRunId")] = None,
    task_id: Annotated[str | None, Query(alias="taskId")] = None,
    attempt: int | None = None,
) -> LogSelection:
    return LogSelection(id_, min_level, task_run_id, task_id, attempt)


Selection = Annotated[LogSelection, Depends(_selection)]


@router.get("/search")
async def search_logs(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the log lines that pass the filters."""
    return await threads.call(kestra.logs.search, page, filters)


@router.get("/{id_}/download")
async def download_logs(kestra: KestraPart, threads: Threads, wanted: Selection) -> Response:
    """Return an execution's log lines as plain text."""
    text = await threads.call(kestra.logs.download, wanted)
    return Response(text, media_type="text/plain")


@router.get("/{id_}")
async def logs_of_execution(kestra: KestraPart, threads: Threads, wanted: Selection) -> Response:
    """Return an execution's log lines."""
    return json_response(await threads.call(kestra.logs.lines, wanted))


@router.get("/{id_}/follow")
async def follow_logs(
    kestra: KestraPart, threads: Threads, followers: FollowersPart, wanted: Selection
) -> StreamingResponse:
    """Send an execution's log lines as they come until it has ended."""
    await threads.call(find_execution, kestra.beans, wanted.execution_id)
    lines = LogFrames(kestra, threads, wanted.execution_id, wanted.minimum_level)
    return event_response(lines.frames(followers))


@router.delete("/{id_}", status_code=204)
async def delete_logs(kestra: KestraPart, threads: Threads, wanted: Selection) -> Response:
    """Delete an execution's log lines."""
    await threads.call(kestra.logs.delete, wanted)
    return Response(status_code=204)


@router.delete("/{namespace}/{flow_id}", status_code=204)
async def delete_logs_of_trigger(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str, triggerId: str
) -> Response:
    """Delete the log lines that a trigger wrote."""
    await threads.call(kestra.logs.delete_of_trigger, namespace, flow_id, triggerId)
    return Response(status_code=204)
