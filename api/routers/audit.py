"""The audit trail: what people do through a client of the API is noted under their name."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import Caller, TheDesk
from api.idempotency import IdempotentRoute
from api.schemas import Input

router = APIRouter(prefix="/api", tags=["system"], route_class=IdempotentRoute)


class NoteIn(Input):
    """Who does what; `actor` is the person as the client knows them, behind the token's role."""

    actor: Annotated[str, Field(pattern=r"^[a-z]{1,16}:[A-Za-z0-9._@-]{1,36}$")]
    action: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    subject: Annotated[str, Field(max_length=128)] = ""
    detail: Annotated[str, Field(max_length=1000)] = ""


class NotedOut(BaseModel):
    """When it was noted."""

    at: datetime


@router.post("/audit", status_code=201)
async def note(role: Caller, desk: TheDesk, body: NoteIn) -> NotedOut:
    """Note what a person is about to do through a client; what the API does notes itself."""
    now, actor = desk.wall_clock.now(), f"{role} {body.actor}"
    await desk.store.write(
        lambda transaction: transaction.facts.note(
            now, actor, body.action, body.subject, body.detail
        )
    )
    return NotedOut(at=now)
