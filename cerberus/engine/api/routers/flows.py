"""Flows: `/api/v1/main/flows`."""

from fastapi import APIRouter, Request, Response

from cerberus.engine.api.parameters import (
    Filters,
    KestraPart,
    PageOf,
    Threads,
    YamlBody,
    read_parts,
    read_text,
)
from cerberus.engine.kestra.flow_writes import FlowSet
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/flows", tags=["flows"])


@router.post("")
async def create_flow(kestra: KestraPart, threads: Threads, source: YamlBody) -> JsonObject:
    """Create a flow from its YAML source."""
    return await threads.call(kestra.flows.create, source)


@router.post("/validate")
async def validate_flows(
    request: Request, kestra: KestraPart, threads: Threads
) -> list[JsonObject]:
    """Check each document of a YAML text, or of the files of a form; nothing is written."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await threads.call(kestra.flows.validate, await read_text(request))
    texts = [
        (part.file_name or part.name, part.file.read().decode(errors="replace"))
        for part in await read_parts(request)
        if part.file is not None
    ]
    return await threads.call(kestra.flows.validate_files, texts)


@router.get("/search")
async def search_flows(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the flows that pass the filters."""
    return await threads.call(kestra.flows.search, page, filters)


@router.get("/{namespace}/{id_}")
async def read_flow(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    id_: str,
    revision: int | None = None,
    source: bool = False,
    allowDeleted: bool = False,
) -> JsonObject:
    """Return a flow, with its source when asked for."""
    return await threads.call(
        kestra.flows.get,
        namespace,
        id_,
        revision=revision,
        with_source=source,
        deleted_too=allowDeleted,
    )


@router.put("/{namespace}/{id_}")
async def update_flow(
    kestra: KestraPart, threads: Threads, namespace: str, id_: str, source: YamlBody
) -> JsonObject:
    """Replace the source of a flow; a changed one gets the next revision."""
    return await threads.call(kestra.flows.update, namespace, id_, source)


@router.delete("/{namespace}/{id_}", status_code=204)
async def delete_flow(kestra: KestraPart, threads: Threads, namespace: str, id_: str) -> Response:
    """Delete a flow."""
    await threads.call(kestra.flows.delete, namespace, id_)
    return Response(status_code=204)


@router.get("/{namespace}")
async def flows_of_namespace(
    kestra: KestraPart, threads: Threads, namespace: str
) -> list[JsonObject]:
    """List all flows of a namespace."""
    return await threads.call(kestra.flows.in_namespace, namespace)


@router.post("/{namespace}")
async def update_namespace(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    source: YamlBody,
    delete: bool = True,
    override: bool = False,
) -> list[JsonObject]:
    """Write all flows of a namespace; with `delete`, Kestra's default, the others go."""
    wanted = FlowSet(source, delete, namespace, override=override)
    return await threads.wait(kestra.flow_writes.replace, wanted)
