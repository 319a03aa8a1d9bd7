"""Plugins: `/api/v1/plugins`."""

from fastapi import APIRouter, Response

from cerberus.engine.api.parameters import KestraPart, PageOf, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/plugins", tags=["plugins"])


@router.get("")
async def list_plugins(kestra: KestraPart, threads: Threads, page: PageOf) -> JsonObject:
    """List the groups of plugins with their classes."""
    return await threads.call(kestra.plugins.search, page)


@router.get("/groups/subgroups")
async def by_subgroup(kestra: KestraPart, threads: Threads) -> list[JsonObject]:
    """List the plugins, a group or a subgroup each."""
    return await threads.call(kestra.plugins.by_subgroup)


@router.get("/icons")
async def icons(kestra: KestraPart, threads: Threads) -> JsonObject:
    """Return the icon of each class."""
    return await threads.call(kestra.plugins.icons)


@router.get("/icons/groups")
async def group_icons(kestra: KestraPart, threads: Threads) -> JsonObject:
    """Return the icon of each group."""
    return await threads.call(kestra.plugins.group_icons)


@router.get("/icons/{name}")
async def icon(kestra: KestraPart, threads: Threads, name: str) -> JsonObject:
    """Return the icon of a class."""
    return await threads.call(kestra.plugins.icon, name)


@router.get("/icons/{name}/icon.svg")
async def icon_image(kestra: KestraPart, threads: Threads, name: str) -> Response:
    """Return the icon of a class as an image."""
    image = await threads.call(kestra.plugins.icon_image, name)
    return Response(image, media_type="image/svg+xml")


@router.get("/inputs")
async def inputs(kestra: KestraPart, threads: Threads) -> list[JsonObject]:
    """List the types of inputs that a flow may have."""
    return await threads.call(kestra.plugins.inputs)


@router.get("/inputs/{name}")
async def input_schema(kestra: KestraPart, threads: Threads, name: str) -> JsonObject:
    """Return what a type of input takes."""
    return await threads.wait(kestra.plugins.input_schema, name)


@router.get("/properties/{kind}")
async def properties(kestra: KestraPart, threads: Threads, kind: str) -> JsonObject:
    """Return the properties that flows, tasks, triggers or dashboards take."""
    return await threads.wait(kestra.plugins.properties, kind)


@router.get("/schemas/{kind}")
async def schema(
    kestra: KestraPart, threads: Threads, kind: str, arrayOf: bool = False
) -> JsonObject:
    """Return the JSON schema of flows, tasks, triggers or dashboards."""
    return await threads.wait(kestra.plugins.schema, kind, is_array=arrayOf)


@router.get("/triggers")
async def triggers(kestra: KestraPart, threads: Threads) -> JsonObject:
    """List the classes of triggers."""
    return await threads.call(kestra.plugins.triggers)


@router.get("/{name}")
async def documentation(
    kestra: KestraPart, threads: Threads, name: str, all: bool = False
) -> JsonObject:
    """Return what a class takes and gives, and its documentation."""
    return await threads.wait(kestra.plugins.documentation, name, everything=all)


@router.get("/{name}/versions")
async def versions(kestra: KestraPart, threads: Threads, name: str) -> dict[str, str | list[str]]:
    """Return the versions of a class that are here: one."""
    return await threads.call(kestra.plugins.versions, name)


@router.get("/{name}/versions/{version}")
async def documentation_of_version(
    kestra: KestraPart, threads: Threads, name: str, version: str, all: bool = False
) -> JsonObject:
    """Return the documentation of the one version that is here."""
    await threads.call(kestra.plugins.require_version, name, version)
    return await threads.wait(kestra.plugins.documentation, name, everything=all)
