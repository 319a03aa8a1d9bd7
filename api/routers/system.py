"""The system: emergency stop, release, maintenance, restart."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Request, Response
from pydantic import BaseModel

from api.dependencies import Caller, TheDesk
from api.idempotency import IdempotentRoute, UrgentRoute
from api.schemas import MaintenanceIn, ReasonIn, ReleaseIn
from cerberus.services.emergency import emergency_stop
from cerberus.services.maintenance import Maintenance, switch_maintenance
from cerberus.services.release import ask_release, release

router = APIRouter(prefix="/api/system", tags=["system"], route_class=IdempotentRoute)
urgent = APIRouter(route_class=UrgentRoute)


class StopOut(BaseModel):
    """What the emergency stop found and did."""

    status: str
    recorded: bool
    reason: str
    cancelled_orders: int
    closed_positions: int
    open_positions: int
    open_orders: int
    problems: list[str]


class ReleaseOut(BaseModel):
    """A confirmation to send back, or that the stop is released."""

    status: str
    confirmation: str | None = None
    expires_at: str | None = None


class MaintenanceOut(BaseModel):
    """Whether entries are held back, and until when."""

    maintenance: bool
    until: str | None = None


@urgent.post(
    "/emergency-stop",
    responses={
        202: {"model": StopOut, "description": "something is held or not recorded, it goes on"}
    },
)
async def stop(
    role: Caller,
    desk: TheDesk,
    response: Response,
    body: Annotated[ReasonIn | None, Body()] = None,
) -> StopOut:
    """Block entries, cancel entry orders, close every position; 202 until nothing is held.

    It goes out to the venue even when the store cannot commit; `recorded` is false then, the
    status 202, and it is recorded as soon as the store is back.
    """
    report = await emergency_stop(desk, (body or ReasonIn()).reason, role)
    if not (report.is_flat and report.is_recorded):
        response.status_code = 202
    return StopOut(
        status="flat" if report.is_flat else "not flat yet, it is being worked on",
        recorded=report.is_recorded,
        reason=report.reason,
        cancelled_orders=report.cancelled_orders,
        closed_positions=report.closed_positions,
        open_positions=report.open_positions,
        open_orders=report.open_orders,
        problems=list(report.problems),
    )


@router.post("/release")
async def release_stop(
    role: Caller, desk: TheDesk, body: Annotated[ReleaseIn | None, Body()] = None
) -> ReleaseOut:
    """Release the emergency stop in two steps: ask for a confirmation, then send it back."""
    told = (body or ReleaseIn()).confirmation
    if told is None:
        code, expires = await ask_release(desk, role)
        return ReleaseOut(status="confirm", confirmation=code, expires_at=expires.isoformat())
    await release(desk, told, role)
    return ReleaseOut(status="released")


@router.post("/maintenance")
async def maintenance(role: Caller, desk: TheDesk, body: MaintenanceIn) -> MaintenanceOut:
    """Hold entries back, for a while if an end is told, or let them through again.

    Positions stay protected either way.
    """
    wanted = Maintenance(body.reason, body.until) if body.on else Maintenance()
    switched = await switch_maintenance(desk, wanted, body.lasting, role)
    until = switched.until
    return MaintenanceOut(maintenance=body.on, until=None if until is None else until.isoformat())


@router.post("/restart", status_code=202)
async def restart(
    role: Caller, desk: TheDesk, request: Request, tasks: BackgroundTasks
) -> dict[str, str]:
    """Drain and exit; the supervisor starts the API again."""
    now = desk.wall_clock.now()
    await desk.store.write(lambda transaction: transaction.facts.note(now, role, "restart", "", ""))
    tasks.add_task(request.app.state.stop)
    return {"status": "draining"}


router.include_router(urgent)
