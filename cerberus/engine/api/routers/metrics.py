"""Metrics that tasks published: `/api/v1/main/metrics`."""

from fastapi import APIRouter

from cerberus.engine.api.parameters import KestraPart, PageOf, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/metrics", tags=["metrics"])


@router.get("/names/{namespace}/{flow_id}")
async def names(kestra: KestraPart, threads: Threads, namespace: str, flow_id: str) -> list[str]:
    """List the names of a flow's metrics."""
    return await threads.call(kestra.metrics.names, namespace, flow_id)


@router.get("/names/{namespace}/{flow_id}/{task_id}")
async def names_of_task(
    kestra: KestraPart, threads: Threads, namespace: str, flow_id: str, task_id: str
) -> list[str]:
    """List the names of a task's metrics."""
    return await threads.call(kestra.metrics.names, namespace, flow_id, task_id)


@router.get("/tasks/{namespace}/{flow_id}")
async def tasks(kestra: KestraPart, threads: Threads, namespace: str, flow_id: str) -> list[str]:
    """List the tasks of a flow which published metrics."""
    return await threads.call(kestra.metrics.tasks, namespace, flow_id)


@router.get("/aggregates/{namespace}/{flow_id}/{metric}")
async def aggregate(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    flow_id: str,
    metric: str,
    startDate: str | None = None,
    endDate: str | None = None,
    aggregation: str = "sum",
) -> JsonObject:
    """Return a flow's metric over time."""
    span = (startDate, endDate)
    return await threads.call(
        kestra.metrics.aggregate, namespace, flow_id, None, metric, span, aggregation
    )


@router.get("/aggregates/{namespace}/{flow_id}/{task_id}/{metric}")
async def aggregate_of_task(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    flow_id: str,
    task_id: str,
    metric: str,
    startDate: str | None = None,
    endDate: str | None = None,
    aggregation: str = "sum",
) -> JsonObject:
    """Return a task's metric over time."""
    span = (startDate, endDate)
    return await threads.call(
        kestra.metrics.aggregate, namespace, flow_id, task_id, metric, span, aggregation
    )


@router.get("/{id_}")
async def of_execution(
    kestra: KestraPart,
    threads: Threads,
    page: PageOf,
    id_: str,
    taskRunId: str | None = None,
    taskId: str | None = None,
) -> JsonObject:
    """List the metrics of an execution."""
    return await threads.call(kestra.metrics.of_execution, id_, page, taskRunId, taskId)
