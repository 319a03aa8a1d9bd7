"""Telegram's webhook: commands of people, where they are not polled."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.exceptions import HTTPException

from api.dependencies import TheRuntime
from cerberus.chat.webhook import PATH

router = APIRouter(tags=["webhooks"])


@router.post(PATH, include_in_schema=False)
async def update(
    request: Request,
    runtime: TheRuntime,
    secret: Annotated[str, Header(alias="X-Telegram-Bot-Api-Secret-Token")] = "",
) -> dict[str, bool]:
    """Take an update; whoever is not Telegram learns no more than of a path that is not there."""
    chat = runtime.telegram
    if chat is None or chat.webhook is None or not chat.webhook.is_telegram(secret):
        raise HTTPException(404)
    await chat.deliver(await request.body())
    return {"ok": True}
