"""Is the process alive, is it ready, and what is wrong."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from api.dependencies import TheDesk, TheRuntime
from api.metrics import as_json, as_text
from api.routers.limits import breaker_parts
from cerberus import __version__
from cerberus.bootstrap import Runtime
from cerberus.coordination.periodic import Periodic
from cerberus.errors import StoreFailed
from cerberus.services.figures import figures
from cerberus.services.snapshot import take

router = APIRouter(tags=["health"])
STARTED_AT = datetime.now(UTC)


@router.get("/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "alive"}


@router.get("/ready", responses={503: {"description": "not ready yet, with the reason"}})
async def ready(runtime: TheRuntime) -> JSONResponse:
    """Say whether signals can be executed: markets are known, recovery has finished.

    Beside another API on the same store this one is ready to be read from, and says `standby`.
    """
    desk = runtime.desk
    if desk.recovered and not desk.stopping:
        return JSONResponse({"status": "ready"})
    if desk.is_standby and desk.instruments and not desk.stopping:
        return JSONResponse({"status": "standby", "reason": desk.blocked_by()})
    problem = runtime.opening.problem or desk.blocked_by()
    return JSONResponse({"status": "not ready", "reason": problem}, 503)


@router.get("/health")
async def health(runtime: TheRuntime) -> dict[str, object]:
    """Say how things are, in one line."""
    blocked = await _blocked_by(runtime)
    problems = [loop.name for loop in _steps(runtime) if loop.problem]
    problems += [runtime.watch.problem()] if runtime.watch.problem() else []
    status = "unhealthy" if not runtime.desk.recovered else "degraded" if problems else "healthy"
    if runtime.desk.is_standby:
        status = "standby"
    return {
        "status": status,
        "mode": runtime.mode,
        "version": __version__,
        "uptime_seconds": round((datetime.now(UTC) - STARTED_AT).total_seconds(), 1),
        "market_time": runtime.desk.today().isoformat(),
        "entries_allowed": not blocked,
        "blocked_by": blocked,
    }


@router.get("/health/detailed")
async def health_detailed(runtime: TheRuntime) -> dict[str, object]:
    """Say how each part is."""
    found = await health(runtime)
    parts = {
        loop.name: {
            "status": "failing" if loop.problem else "ok" if loop.succeeded_at else "not run yet",
            "succeeded_at": None if loop.succeeded_at is None else loop.succeeded_at.isoformat(),
            "problem": loop.problem,
        }
        for loop in _steps(runtime)
    }
    if runtime.desk.guard is not None:
        parts |= breaker_parts(runtime.desk.guard)
    watch = runtime.watch.problem()
    parts["supervisor"] = {"status": "failing" if watch else "ok", "problem": watch}
    numbers = {
        figure.name: figure.value for figure in await figures(runtime.desk) if not figure.labels
    }
    return found | {"components": parts, "figures": numbers}


@router.get(
    "/metrics",
    response_model=None,
    responses={200: {"content": {"application/json": {}, "text/plain": {}}}},
)
async def metrics(
    desk: TheDesk, accept: Annotated[str, Header()] = "application/json"
) -> Response | dict[str, object]:
    """Give the metrics as JSON, or as Prometheus text where that is asked for."""
    if "text/plain" in accept or "openmetrics" in accept:
        return await metrics_text(desk)
    return as_json(await figures(desk))


@router.get(
    "/metrics/prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics_text(desk: TheDesk) -> Response:
    """Give the metrics as Prometheus text."""
    return Response(as_text(await figures(desk)), media_type=CONTENT_TYPE_LATEST)


def _steps(runtime: Runtime) -> list[Periodic]:
    later = [*runtime.connection.loops, *runtime.loops, *runtime.alerting.loops]
    found = [runtime.opening, *runtime.crew.members, *later]
    return list({one.name: one for one in found}.values())


async def _blocked_by(runtime: Runtime) -> list[str]:
    try:
        snapshot = await runtime.desk.store.read(take)
    except StoreFailed as error:
        return [f"store: {error}", f"entries: {runtime.desk.blocked_by()}"]
    reasons = {
        "emergency stop": snapshot.emergency_stop,
        "maintenance": snapshot.maintenance.reason_at(runtime.desk.wall_clock.now()),
        "entries": runtime.desk.blocked_by(),
        "drawdown": "latched" if snapshot.performance.drawdown_latched else "",
    }
    return [f"{name}: {reason}" for name, reason in reasons.items() if reason]
