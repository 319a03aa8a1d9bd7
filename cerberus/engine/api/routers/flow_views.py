"""What can be asked about flows: `/api/v1/main/flows/...`, and their concurrency limits."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from cerberus.engine.api.parameters import KestraPart, PageOf, TextBody, Threads, YamlBody
from cerberus.engine.kestra.flow_views import SourceSearch
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Invalid

BASE = "/api/v1/main"
router = APIRouter(prefix=BASE, tags=["flows"])

Subflows = Annotated[list[str] | None, Query()]


@router.get("/flows/distinct-namespaces")
async def distinct_namespaces(
    kestra: KestraPart, threads: Threads, q: str | None = None
) -> list[str]:
    """List the namespaces that hold flows."""
    return await threads.call(kestra.flow_views.namespaces, q)


@router.get("/flows/source")
async def search_sources(
    kestra: KestraPart,
    threads: Threads,
    page: PageOf,
    q: str = "",
    namespace: str | None = None,
    caseSensitive: bool = False,
    wholeWord: bool = False,
    regex: bool = False,
    scope: str | None = None,
) -> JsonObject:
    """List the flows whose source holds a text, with the lines."""
    wanted = SourceSearch(q, namespace, caseSensitive, wholeWord, regex, scope)
    return await threads.call(kestra.flow_views.search_sources, page, wanted)


@router.get("/flows/deprecated")
async def deprecated(
    kestra: KestraPart, threads: Threads, namespace: str | None = None
) -> list[JsonObject]:
    """List the flows that use a task which is to go."""
    return await threads.call(kestra.flow_views.deprecated, namespace)


@router.post("/flows/graph")
async def graph_of_source(
    kestra: KestraPart, threads: Threads, source: YamlBody, subflows: Subflows = None
) -> JsonObject:
    """Return the graph of a flow that is not written yet."""
    return await threads.call(kestra.flow_views.graph_of_source, source, subflows or ())


@router.post("/flows/expressions")
async def expressions(
    kestra: KestraPart, threads: Threads, source: YamlBody, taskId: str | None = None
) -> JsonObject:
    """Return the expressions that a flow, or one of its tasks, may use."""
    return await threads.call(kestra.flow_views.expressions, source, taskId)


@router.post("/flows/validate/task")
async def validate_task(
    kestra: KestraPart, threads: Threads, given: TextBody, section: str = "tasks"
) -> JsonObject:
    """Check one task or trigger; nothing is written."""
    return await threads.call(kestra.flow_views.validate_part, section, given)


@router.post("/flows/validate/trigger")
async def validate_trigger(kestra: KestraPart, threads: Threads, given: TextBody) -> JsonObject:
    """Check one trigger; nothing is written."""
    return await threads.call(kestra.flow_views.validate_part, "triggers", given)


@router.get("/flows/{namespace}/{id_}/revisions")
async def revisions(
    kestra: KestraPart, threads: Threads, namespace: str, id_: str, allowDelete: bool = False
) -> list[JsonObject]:
    """List every revision of a flow."""
    return await threads.call(kestra.flow_views.revisions, namespace, id_, deleted_too=allowDelete)


@router.delete("/flows/{namespace}/{id_}/revisions", status_code=204)
async def delete_revisions(
    kestra: KestraPart, threads: Threads, namespace: str, id_: str, revisions: str
) -> Response:
    """Delete revisions of a flow, but not the one that is in use."""
    try:
        numbers = [int(each) for each in revisions.split(",")]
    except ValueError as error:
        raise Invalid("revisions", f"numbers are required, was {revisions!r}") from error
    await threads.call(kestra.flow_views.delete_revisions, namespace, id_, numbers)
    return Response(status_code=204)


@router.get("/flows/{namespace}/{id_}/graph")
async def graph(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    revision: int | None = None,
    subflows: Subflows = None,
) -> JsonObject:
    """Return the graph of a flow's tasks."""
    return await threads.call(kestra.flow_views.graph, namespace, id_, revision, subflows or ())


@router.get("/flows/{namespace}/{id_}/dependencies")
async def dependencies(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    destinationOnly: bool = False,
    expandAll: bool = False,
) -> JsonObject:
    """Return the flows that a flow starts and those that start it."""
    return await threads.call(
        kestra.flow_views.dependencies,
        namespace,
        id_,
        destination_only=destinationOnly,
        expand=expandAll,
    )


@router.get("/flows/{namespace}/{id_}/tasks/{task_id}")
async def task(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    task_id: str,
    revision: int | None = None,
) -> JsonObject:
    """Return one task of a flow."""
    return await threads.call(kestra.flow_views.task, namespace, id_, task_id, revision)


@router.get("/namespaces/{namespace}/dependencies")
async def dependencies_of_namespace(
    kestra: KestraPart, threads: Threads, namespace: str
) -> JsonObject:
    """Return how the flows of a namespace start each other."""
    return await threads.call(kestra.flow_views.dependencies_of_namespace, namespace)


@router.get("/concurrency-limit/search")
async def concurrency_limits(kestra: KestraPart, threads: Threads) -> JsonObject:
    """List how many executions of each limited flow run."""
    return await threads.call(kestra.flow_views.concurrency)


@router.put("/concurrency-limit/{namespace}/{id_}")
async def set_concurrency(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    running: Annotated[int, Body(embed=True, ge=0)],
) -> JsonObject:
    """Correct the number of running executions of a limited flow."""
    return await threads.call(kestra.flow_views.set_concurrency, namespace, id_, running)
