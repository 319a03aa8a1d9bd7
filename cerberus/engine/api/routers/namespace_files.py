"""Files of namespaces: `/api/v1/main/namespaces/{namespace}/files`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cerberus.engine.api.parameters import FormParts, KestraPart, Threads
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Invalid

router = APIRouter(prefix="/api/v1/main/namespaces/{namespace}/files", tags=["files"])


@router.get("")
async def read_file(
    kestra: KestraPart, threads: Threads, namespace: str, path: str, revision: int | None = None
) -> Response:
    """Return a file's content."""
    content = await threads.call(kestra.namespace_files.read, namespace, path, revision)
    return Response(content, media_type="application/octet-stream")


@router.post("")
async def write_file(
    kestra: KestraPart, threads: Threads, namespace: str, path: str, parts: FormParts
) -> Response:
    """Write a file; a zip is unpacked."""
    for part in parts:
        if part.name == "fileContent" and part.file is not None:
            await threads.call(kestra.namespace_files.write, namespace, path, part.file)
            return Response(status_code=200)
    raise Invalid("fileContent", "a file of this name is required")


@router.put("")
async def move_file(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    source: Annotated[str, Query(alias="from")],
    target: Annotated[str, Query(alias="to")],
) -> Response:
    """Move a file or folder."""
    await threads.call(kestra.namespace_files.move, namespace, source, target)
    return Response(status_code=200)


@router.delete("", status_code=204)
async def delete_file(kestra: KestraPart, threads: Threads, namespace: str, path: str) -> Response:
    """Delete a file, or a folder with all that is in it."""
    await threads.call(kestra.namespace_files.delete, namespace, path)
    return Response(status_code=204)


@router.get("/directory")
async def list_directory(
    kestra: KestraPart, threads: Threads, namespace: str, path: str | None = None
) -> list[JsonObject]:
    """List what a folder holds."""
    return await threads.call(kestra.namespace_files.list_directory, namespace, path)


@router.post("/directory")
async def make_directory(
    kestra: KestraPart, threads: Threads, namespace: str, path: str
) -> Response:
    """Make a folder."""
    await threads.call(kestra.namespace_files.make_directory, namespace, path)
    return Response(status_code=200)


@router.get("/stats")
async def file_attributes(
    kestra: KestraPart, threads: Threads, namespace: str, path: str | None = None
) -> JsonObject:
    """Return name, kind, size and times of a file or folder."""
    return await threads.call(kestra.namespace_files.attributes, namespace, path)


@router.get("/revisions")
async def file_revisions(
    kestra: KestraPart, threads: Threads, namespace: str, path: str
) -> list[JsonObject]:
    """List the revisions of a file."""
    return await threads.call(kestra.namespace_files.revisions, namespace, path)


@router.get("/search")
async def search_files(kestra: KestraPart, threads: Threads, namespace: str, q: str) -> list[str]:
    """List the paths that hold a text."""
    return await threads.call(kestra.namespace_files.search, namespace, q)


@router.get("/export")
async def export_files(kestra: KestraPart, threads: Threads, namespace: str) -> Response:
    """Return all files as a zip."""
    content = await threads.call(kestra.namespace_files.export, namespace)
    headers = {"Content-Disposition": 'attachment; filename="files.zip"'}
    return Response(content, headers=headers, media_type="application/octet-stream")
