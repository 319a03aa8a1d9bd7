"""Backups of the state, and the drill that proves one by restoring it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field

from api.dependencies import Caller, TheDesk, TheRuntime
from api.idempotency import IdempotentRoute
from api.schemas import Input
from api.views import View
from cerberus.services.backups import drill_restore, take_backup

router = APIRouter(prefix="/api/system", tags=["system"], route_class=IdempotentRoute)


class BackupOut(View):
    """A backup below var/backup; its checksum lies beside it too."""

    file: str
    bytes: int
    sha256: str
    taken_at: datetime


class BackupTakenOut(BackupOut):
    """A backup that was just taken."""

    seconds: float


class BackupsOut(BaseModel):
    """Every backup, newest first."""

    backups: list[BackupOut]
    total: int


class DrillIn(Input):
    """Which backup is restored; without a name the newest."""

    file: Annotated[str, Field(pattern=r"^cerberus-[0-9]{8}T[0-9]{12}Z\.db$")] | None = None


class BookCheckOut(View):
    """One thing that must hold of a restored state."""

    name: str
    holds: bool
    detail: str


class DrillOut(View):
    """What restoring a backup has shown; the restored copy is gone already."""

    file: str
    holds: bool
    seconds: float
    checks: list[BookCheckOut]


@router.post("/backup", status_code=201)
async def back_up(role: Caller, desk: TheDesk, runtime: TheRuntime) -> BackupTakenOut:
    """Copy the state as it is now, check the copy, and drop the oldest backups.

    Trading goes on meanwhile. With PostgreSQL it is refused with 409: its own tools do it.
    """
    taken = await take_backup(desk, runtime.backups, role)
    shown = BackupOut.model_validate(taken.backup).model_dump()
    return BackupTakenOut(**shown, seconds=taken.seconds)


@router.get("/backups")
async def backups(_: Caller, runtime: TheRuntime) -> BackupsOut:
    """List the backups, newest first."""
    found = [BackupOut.model_validate(one) for one in await runtime.backups.all()]
    return BackupsOut(backups=found, total=len(found))


@router.post("/restore-drill")
async def restore_drill(
    role: Caller,
    desk: TheDesk,
    runtime: TheRuntime,
    body: Annotated[DrillIn | None, Body()] = None,
) -> DrillOut:
    """Restore a backup into a scratch folder, check file and books, and remove it again.

    A check that fails is an answer, not an error: `holds` is false then.
    """
    told = (body or DrillIn()).file
    return DrillOut.model_validate(await drill_restore(desk, runtime.backups, told, role))
