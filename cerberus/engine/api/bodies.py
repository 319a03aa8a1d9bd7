"""A limit on the size of request bodies."""

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: files go through executions; nothing else comes near
MEBIBYTES = 64


class BodyLimit:
    """Refuses a body as soon as it is larger than the limit, whatever its header says."""

    def __init__(self, app: ASGIApp, limit_bytes: int = MEBIBYTES * 2**20) -> None:
        self._app = app
        self._limit = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise HTTPException(413, f"body exceeds limit {self._limit} bytes")
            return message

        await self._app(scope, counting if scope["type"] == "http" else receive, send)
