"""Many flows at once: `/api/v1/main/flows/...`."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from cerberus.engine.api.parameters import Filters, FormParts, KestraPart, Threads, YamlBody
from cerberus.engine.kestra.flow_writes import FlowSet
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Invalid

router = APIRouter(prefix="/api/v1/main/flows", tags=["flows"])

Names = Annotated[list[JsonObject], Body()]


@router.post("/bulk")
async def bulk_update(
    kestra: KestraPart,
    threads: Threads,
    source: YamlBody,
    delete: bool = True,
    namespace: str | None = None,
    allowNamespaceChild: bool = False,
) -> list[JsonObject]:
    """Write all documents; with `delete`, Kestra's default, others of their namespaces go."""
    wanted = FlowSet(source, delete, namespace, allowNamespaceChild)
    return await threads.wait(kestra.flow_writes.replace, wanted)


@router.post("/import")
async def import_flows(
    kestra: KestraPart, threads: Threads, parts: FormParts, failOnError: bool = False
) -> list[str]:
    """Write the flows of a YAML file or a zip and list those that were refused."""
    for part in parts:
        if part.name == "fileUpload" and part.file is not None:
            content = part.file.read()
            if (part.file_name or "").lower().endswith(".zip") or content[:4] == b"PK\x03\x04":
                return await threads.wait(
                    kestra.flow_writes.import_archive, content, strict=failOnError
                )
            return await threads.wait(
                kestra.flow_writes.import_text, _text(content), strict=failOnError
            )
    raise Invalid("fileUpload", "a file of this name is required")


@router.post("/export/by-ids")
async def export_by_ids(kestra: KestraPart, threads: Threads, names: Names) -> Response:
    """Return the sources of the named flows as a zip."""
    flows = await threads.call(kestra.flow_writes.named, names)
    return _zip(await threads.call(kestra.flow_writes.export, flows))


@router.get("/export/by-query")
async def export_by_query(kestra: KestraPart, threads: Threads, filters: Filters) -> Response:
    """Return the sources of the flows that pass the filters as a zip."""
    flows = await threads.call(kestra.flow_writes.matching, filters)
    return _zip(await threads.call(kestra.flow_writes.export, flows))


@router.get("/export/by-query/csv")
async def export_csv(kestra: KestraPart, threads: Threads, filters: Filters) -> Response:
    """Return the flows that pass the filters as CSV."""
    return Response(await threads.call(kestra.flow_views.table, filters), media_type="text/csv")


@router.delete("/delete/by-ids")
async def delete_by_ids(kestra: KestraPart, threads: Threads, names: Names) -> JsonObject:
    """Delete the named flows."""
    flows = await threads.call(kestra.flow_writes.named, names)
    return await threads.wait(kestra.flow_writes.delete, flows)


@router.delete("/delete/by-query")
async def delete_by_query(kestra: KestraPart, threads: Threads, filters: Filters) -> JsonObject:
    """Delete the flows that pass the filters."""
    flows = await threads.call(kestra.flow_writes.matching, filters)
    return await threads.wait(kestra.flow_writes.delete, flows)


@router.post("/disable/by-ids")
async def disable_by_ids(kestra: KestraPart, threads: Threads, names: Names) -> JsonObject:
    """Switch the named flows off."""
    flows = await threads.call(kestra.flow_writes.named, names)
    return await threads.wait(kestra.flow_writes.set_disabled, flows, disabled=True)


@router.post("/disable/by-query")
async def disable_by_query(kestra: KestraPart, threads: Threads, filters: Filters) -> JsonObject:
    """Switch the flows off that pass the filters."""
    flows = await threads.call(kestra.flow_writes.matching, filters)
    return await threads.wait(kestra.flow_writes.set_disabled, flows, disabled=True)


@router.post("/enable/by-ids")
async def enable_by_ids(kestra: KestraPart, threads: Threads, names: Names) -> JsonObject:
    """Switch the named flows on."""
    flows = await threads.call(kestra.flow_writes.named, names)
    return await threads.wait(kestra.flow_writes.set_disabled, flows, disabled=False)


@router.post("/enable/by-query")
async def enable_by_query(kestra: KestraPart, threads: Threads, filters: Filters) -> JsonObject:
    """Switch the flows on that pass the filters."""
    flows = await threads.call(kestra.flow_writes.matching, filters)
    return await threads.wait(kestra.flow_writes.set_disabled, flows, disabled=False)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Invalid("fileUpload", f"UTF-8 is required, byte {error.start} is not") from error


def _zip(content: bytes) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="flows.zip"'}
    return Response(content, headers=headers, media_type="application/octet-stream")
