"""The names of secrets: `/api/v1/main/secrets`; their values leave the engine nowhere."""

from fastapi import APIRouter

from cerberus.engine.api.parameters import Filters, KestraPart, PageOf, Threads
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/secrets", tags=["secrets"])


@router.get("")
async def list_secrets(
    kestra: KestraPart, threads: Threads, page: PageOf, filters: Filters
) -> JsonObject:
    """List the names of the secrets that flows may use."""
    return await threads.call(kestra.namespaces.secrets, page, filters)
