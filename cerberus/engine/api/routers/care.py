"""What an operator of this engine looks at and does, beside Kestra's own API: `/engine`."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from fastapi import APIRouter, Request, Response

from cerberus.engine.api.parameters import KestraPart, Threads
from cerberus.engine.care.backup import take_backup
from cerberus.engine.care.compact import compact_running
from cerberus.engine.care.metrics import CONTENT_TYPE, prometheus_text
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.secrets import Vault

#: readers and writers wait for parts of it
COMPACT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Care:
    """What the care of an engine needs beside the engine."""

    vault: Vault
    home: Path
    backups: Path
    backups_kept: int


router = APIRouter(tags=["engine"])


@router.get("/engine/secrets")
async def secrets(request: Request) -> JsonObject:
    """Return the names of the secrets, and why the newest files are not used, if they are not."""
    vault = cast(Care, request.app.state.care).vault
    return {"names": sorted(vault.secrets), "problem": vault.problem}


@router.get("/prometheus")
async def prometheus(kestra: KestraPart, threads: Threads, request: Request) -> Response:
    """Return Kestra's metrics and this engine's own."""
    state = request.app.state
    text = await threads.call(prometheus_text, kestra, state.reports, state.care.home)
    return Response(text, media_type=CONTENT_TYPE)


@router.post("/engine/backups", status_code=201)
async def back_up(kestra: KestraPart, threads: Threads, request: Request) -> JsonObject:
    """Take a backup while everything goes on; it was opened once before this answers."""
    care = cast(Care, request.app.state.care)
    taken = await threads.wait(
        take_backup, kestra.engine.context, care.home, care.backups, care.backups_kept
    )
    return asdict(taken)


@router.post("/engine/compact")
async def compact(kestra: KestraPart, threads: Threads, request: Request) -> JsonObject:
    """Give back the unused part of the database's file."""
    care = cast(Care, request.app.state.care)
    done = await threads.wait(compact_running, kestra.engine.context, care.home, COMPACT_SECONDS)
    return dict(done)
