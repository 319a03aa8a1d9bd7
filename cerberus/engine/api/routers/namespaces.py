"""Namespaces: `/api/v1/main/namespaces`."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from cerberus.engine.api.parameters import Filters, KestraPart, PageOf, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/namespaces", tags=["namespaces"])


class Autocomplete(BaseModel):
    """A text to complete, and namespaces that are wanted in any case."""

    model_config = ConfigDict(extra="ignore")

    q: str | None = None
    ids: list[str] | None = None


@router.get("/search")
async def search_namespaces(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the namespaces that hold something."""
    return await threads.call(kestra.namespaces.search, page, filters)


@router.post("/autocomplete")
async def autocomplete(kestra: KestraPart, threads: Threads, wanted: Autocomplete) -> list[str]:
    """List the namespaces whose name holds a text."""
    return await threads.call(kestra.namespaces.complete, wanted.q or "", wanted.ids or ())


@router.get("/{id_}")
async def read_namespace(kestra: KestraPart, threads: Threads, id_: str) -> JsonObject:
    """Return a namespace."""
    return await threads.call(kestra.namespaces.get, id_)


@router.get("/{id_}/inherited-secrets")
async def inherited_secrets(kestra: KestraPart, threads: Threads, id_: str) -> JsonObject:
    """Return the names of the secrets that a namespace's flows may use."""
    return await threads.call(kestra.namespaces.inherited_secrets, id_)
