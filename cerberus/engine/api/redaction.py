"""No answer shows a secret, whatever flow, log or file it came from."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cerberus.engine.kestra.redaction import Redacting


class RedactAnswers:
    """Takes every known secret out of every body, also where it is sent in parts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        redacting = Redacting()
        start: Message | None = None

        async def clean(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _has_length(message):
                start = message  # sent with the first part, when the length may be known
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            is_last = not message.get("more_body", False)
            body = redacting.feed(message.get("body", b""), is_last=is_last)
            if start is not None:
                await send(_with_length(start, len(body) if is_last else None, scope["method"]))
                start = None
            await send({**message, "body": body})

        await self._app(scope, receive, clean)


def _has_length(start: Message) -> bool:
    return "content-length" in MutableHeaders(raw=list(start["headers"]))


def _with_length(start: Message, length: int | None, method: str) -> Message:
    headers = MutableHeaders(raw=list(start["headers"]))
    if method == "HEAD":
        return start
    if length is None:
        del headers["content-length"]
    else:
        headers["content-length"] = str(length)
    return {**start, "headers": headers.raw}
