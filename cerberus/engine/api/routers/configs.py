"""What kind of Kestra this is: `/api/v1/configs`."""

from fastapi import APIRouter

from cerberus.engine.api.parameters import KestraPart, Threads
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Conflict

router = APIRouter(tags=["configs"])

VERSION = "2.0.0"


@router.get("/api/v1/configs")
async def configs() -> JsonObject:
    """Return version and edition, as clients probe them."""
    return {
        "version": VERSION,
        "edition": "OSS",
        "isBasicAuthInitialized": True,
        "isAnonymousUsageEnabled": False,
        "isCustomDashboardsEnabled": True,
        "isPluginAutoInstallEnabled": False,
        "isAiEnabled": False,
        "systemNamespace": "system",
        "hiddenLabelsPrefixes": ["system."],
    }


@router.get("/api/v1/configs/login")
async def login() -> JsonObject:
    """Return what a client must know before it has credentials."""
    return {"isBasicAuthInitialized": True}


@router.get("/api/v1/basicAuthValidationErrors")
async def validation_errors() -> list[str]:
    """Return what is wrong with the credentials of the configuration: nothing."""
    return []


@router.post("/api/v1/main/basicAuth")
async def create_credentials() -> None:
    """Refuse other credentials: those of this engine are a file that it makes itself."""
    raise Conflict("the credentials are set; they are in var/secrets/kestra_password")


@router.get("/api/v1/pebble/filters")
async def pebble_filters(kestra: KestraPart, threads: Threads) -> list[str]:
    """List the filters that expressions may use."""
    return await threads.call(kestra.namespaces.pebble_filters)


@router.get("/api/v1/pebble/functions")
async def pebble_functions(kestra: KestraPart, threads: Threads) -> list[JsonObject]:
    """List the functions that expressions may use."""
    return await threads.call(kestra.namespaces.pebble_functions)
