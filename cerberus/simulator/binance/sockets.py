"""The websocket side of the user-data streams."""

import asyncio
from collections.abc import Mapping

import orjson
from aiohttp import WSMsgType, web

from cerberus.simulator.binance.streams import Streams, Subscription

_FUTURES = ("/private/ws", "/ws/")
_SPOT = "/ws-api/v3"
_HEARTBEAT_SECONDS = 20.0


def is_stream(path: str) -> bool:
    """Return whether a path is one of the websockets'."""
    return path == _SPOT or path.startswith(_FUTURES)


async def serve(request: web.BaseRequest, streams: Streams) -> web.StreamResponse:
    """Serve one websocket until either side ends it."""
    if request.path == _SPOT:
        return await _serve_spot(request, streams)
    key = request.query.get("listenKey") or request.path.rpartition("/")[2]
    subscription = streams.listen(key)
    if subscription is None:
        return web.Response(status=400, text="Invalid listenKey")
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS)
    await socket.prepare(request)
    sending = asyncio.create_task(_send(socket, subscription))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str('{"result":null,"id":1}')
    finally:
        await _over(sending, streams, subscription)
    return socket


async def _serve_spot(request: web.BaseRequest, streams: Streams) -> web.StreamResponse:
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS)
    await socket.prepare(request)
    sending: asyncio.Task[None] | None = None
    opened: Subscription | None = None
    try:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            subscription, answer = streams.ask(_parsed(message.data))
            await socket.send_str(orjson.dumps(answer).decode())
            if subscription is None:
                continue
            if opened is None:
                opened = subscription
                sending = asyncio.create_task(_send(socket, subscription))
            else:
                streams.end(subscription)
    finally:
        if sending is not None and opened is not None:
            await _over(sending, streams, opened)
    return socket


async def _send(socket: web.WebSocketResponse, subscription: Subscription) -> None:
    while (event := await subscription.waiting.get()) is not None:
        await socket.send_str(event.decode())
    await socket.close()


async def _over(
    sending: "asyncio.Task[None]", streams: Streams, subscription: Subscription
) -> None:
    streams.end(subscription)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


def _parsed(text: str) -> Mapping[str, object]:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
