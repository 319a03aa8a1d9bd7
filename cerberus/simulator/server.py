"""The HTTP side: aiohttp in front of the exchange, with faults where a test ordered them."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiohttp import web

from cerberus.simulator.binance.sockets import is_stream, serve
from cerberus.simulator.control import PREFIX, Control
from cerberus.simulator.exchange import Exchange
from cerberus.simulator.faults import Fault
from cerberus.simulator.feed import STEP_MS
from cerberus.simulator.messages import Incoming, Outgoing

_log = logging.getLogger(__name__)

#: how long open requests may go on after the order to stop
_SHUTDOWN_SECONDS = 0.5
#: the ticker wakes at least this often, in wall time
_TICK_SECONDS_MAX = 15.0
_TICK_SECONDS_MIN = 0.05

_TOO_LARGE = Outgoing(413, b'{"label":"INVALID_REQUEST_BODY","message":"Request body too large"}')


class Server:
    """Listens, answers, and lets market time pass when nobody asks."""

    def __init__(self, exchange: Exchange, control: Control, latency_ms: int = 0) -> None:
        self._exchange = exchange
        self._control = control
        self._latency_seconds = latency_ms / 1000
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=_SHUTDOWN_SECONDS
        )
        self._ticker: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Catch up with what happened while nothing ran, then listen."""
        self._exchange.catch_up()
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Stop listening, end what is open."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        await self._runner.cleanup()

    async def _tick(self) -> None:
        anchor = self._exchange.venue.anchor
        while True:
            market_ms = anchor.market_time(self._exchange.wall_ms())
            until_next = (STEP_MS - market_ms % STEP_MS) / 1000 / float(anchor.speed)
            await asyncio.sleep(min(max(until_next, _TICK_SECONDS_MIN), _TICK_SECONDS_MAX))
            try:
                self._exchange.catch_up()
            except Exception:
                # the edge of the process: the next request or tick tries again from the same state
                _log.exception("market time could not advance")

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if is_stream(request.path):
            return await serve(request, self._exchange.streams)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _response(_TOO_LARGE)
        incoming = Incoming(
            method=request.method,
            target=request.raw_path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            peer=request.remote or "",
        )
        if incoming.target.startswith(PREFIX):
            return _response(self._control.answer(incoming))
        self._control.note(incoming)
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        fault = self._control.faults.next(incoming.method, incoming.target)
        if fault is None:
            return _response(self._exchange.answer(incoming))
        return await self._fail(request, fault, lambda: self._exchange.answer(incoming))

    async def _fail(
        self, request: web.BaseRequest, fault: Fault, answer: Callable[[], Outgoing]
    ) -> web.StreamResponse:
        pause = fault.milliseconds / 1000
        match fault.kind:
            case "status":
                told = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
                return web.Response(status=fault.status, text=fault.body, headers=told)
            case "latency":
                await asyncio.sleep(pause)
                return _response(answer())
            case "malformed":
                answer()
                return web.Response(text='{"id": 1, "te', content_type="application/json")
            case "slow_body":
                return await _drip(request, answer(), pause)
            case "timeout_after" | "reset_after":
                answer()
        if fault.kind.startswith("timeout"):
            await asyncio.sleep(pause)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)


async def _drip(request: web.BaseRequest, whole: Outgoing, pause: float) -> web.StreamResponse:
    """Send half of an answer, and the rest after a pause."""
    half = len(whole.body) // 2
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    response.content_length = len(whole.body)
    with contextlib.suppress(ConnectionError):  # the caller may have hung up meanwhile
        await response.prepare(request)
        await response.write(whole.body[:half])
        await asyncio.sleep(pause)
        await response.write(whole.body[half:])
    return response


def _response(outgoing: Outgoing) -> web.Response:
    return web.Response(
        status=outgoing.status,
        body=outgoing.body,
        headers=dict(outgoing.headers),
        content_type="application/json",
    )
