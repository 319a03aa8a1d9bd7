"""The key-value store: `/api/v1/main/namespaces/{namespace}/kv`, and `/api/v1/main/kv` for all."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Response

from cerberus.engine.api.parameters import Filters, KestraPart, PageOf, TextBody, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main", tags=["kv"])


@router.get("/kv")
async def all_keys(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the keys of all namespaces."""
    return await threads.call(kestra.kv.search, page, filters)


@router.get("/namespaces/{namespace}/kv")
async def keys(kestra: KestraPart, threads: Threads, namespace: str) -> list[JsonObject]:
    """List the keys of a namespace."""
    return await threads.call(kestra.kv.in_namespace, namespace)


@router.get("/namespaces/{namespace}/kv/inheritance")
async def inherited_keys(kestra: KestraPart, threads: Threads, namespace: str) -> list[JsonObject]:
    """List the keys which a namespace has from those above it."""
    return await threads.call(kestra.kv.inherited, namespace)


@router.get("/namespaces/{namespace}/kv/{key}")
async def read_value(kestra: KestraPart, threads: Threads, namespace: str, key: str) -> JsonObject:
    """Return a value with its type; 410 when its time is over."""
    return await threads.call(kestra.kv.get, namespace, key)


@router.put("/namespaces/{namespace}/kv/{key}")
async def set_value(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    key: str,
    text: TextBody,
    ttl: Annotated[str | None, Header()] = None,
    description: Annotated[str | None, Header()] = None,
) -> Response:
    """Set a key to a literal; the header `ttl` says for how long."""
    await threads.call(kestra.kv.put, namespace, key, text, description=description, ttl=ttl)
    return Response(status_code=200)


@router.delete("/namespaces/{namespace}/kv/{key}")
async def delete_value(kestra: KestraPart, threads: Threads, namespace: str, key: str) -> bool:
    """Delete a key and tell whether it was there."""
    return await threads.call(kestra.kv.delete, namespace, key)


@router.delete("/namespaces/{namespace}/kv")
async def delete_values(
    kestra: KestraPart,
    threads: Threads,
    namespace: str,
    keys: Annotated[list[str], Body(embed=True)],
) -> JsonObject:
    """Delete keys and return those that were there."""
    return await threads.call(kestra.kv.delete_all, namespace, keys)
