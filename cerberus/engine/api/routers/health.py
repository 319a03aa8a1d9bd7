"""Health, open to everybody: it says up or down and nothing else."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from cerberus.engine.api.parameters import KestraPart, Threads
from cerberus.engine.care.database import is_open

router = APIRouter(tags=["health"])


@router.get("/health")
@router.get("/health/readiness")
async def readiness(kestra: KestraPart, threads: Threads) -> JSONResponse:
    """Tell whether all services of the engine run and its database answers."""
    services, context = kestra.engine.services, kestra.engine.context
    is_up = await threads.call(lambda: services.are_up() and is_open(context))
    return JSONResponse({"status": "UP" if is_up else "DOWN"}, 200 if is_up else 503)


@router.get("/health/liveness")
async def liveness() -> JSONResponse:
    """Tell that the process answers."""
    return JSONResponse({"status": "UP"})
