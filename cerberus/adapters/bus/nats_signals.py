"""Signals by NATS JetStream: a durable consumer that acknowledges what the API has committed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cerberus.domain.inbox import Handled, Outcome, Received, pause_before
from cerberus.errors import Misconfigured

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

log = logging.getLogger(__name__)

_FETCH_SECONDS = 2.0
_CONNECT_SECONDS = 3
#: longer than the API takes at most for one signal
_ACK_SECONDS = 90.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 15.0
_REASON_LENGTH = 400


@dataclass(slots=True)
class NatsSignals:
    """One consumer; `run` it, then `close` and cancel it."""

    url: str
    stream: str
    subject: str
    dead_subject: str
    durable: str
    tries: int
    #: may take as long as the API does, and runs in a thread
    handle: Callable[[Received], Handled]
    name: str = "nats"
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="nats-signals")
    )
    _problem: str = ""
    #: the library, and waiting in Python 3.11, lose a cancellation that comes at the wrong moment
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Take messages for as long as the process lives; a server that is gone is asked again."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._closing.is_set():
            began = asyncio.get_running_loop().time()
            try:
                await self._consume()
            except Exception as error:
                # an edge: whatever a library or a network makes of it, the server is asked again;
                # its messages may hold the URL, which may hold a password
                self._note(type(error).__name__)
            if asyncio.get_running_loop().time() - began > _LONGEST_PAUSE_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def close(self) -> None:
        """Take nothing more."""
        self._closing.set()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _consume(self) -> None:
        import nats
        from nats.errors import TimeoutError as NothingThere
        from nats.js.api import ConsumerConfig

        connection = await nats.connect(
            self.url,
            name="cerberus",
            allow_reconnect=False,
            connect_timeout=_CONNECT_SECONDS,
            error_cb=_quiet,
        )
        try:
            jetstream = connection.jetstream()
            stream = await _stream_of(jetstream, self.stream, self.subject)
            await _stream_of(jetstream, f"{self.stream}-dead", self.dead_subject)
            pulled = await jetstream.pull_subscribe(
                self.subject,
                durable=self.durable,
                stream=stream,
                config=ConsumerConfig(ack_wait=_ACK_SECONDS, max_deliver=-1),
            )
            self._note("")
            while not self._closing.is_set():
                try:
                    messages = await pulled.fetch(1, timeout=_FETCH_SECONDS)
                except NothingThere:
                    _ensure_open(connection)
                    continue
                for message in messages:
                    await self._take(jetstream, message)
        finally:
            await connection.close()

    async def _take(self, jetstream: JetStreamContext, message: Msg) -> None:
        told = message.metadata
        received = Received(
            name=f"nats-{told.stream}-{told.sequence.stream}",
            data=message.data,
            at=told.timestamp.astimezone(UTC),
            tries=told.num_delivered,
            message_id=(message.headers or {}).get("Nats-Msg-Id"),
        )
        handled = (await self._handle(received)).after(received.tries, self.tries)
        log.info(
            "signal_message name=%s try=%d outcome=%s reason=%s",
            *(received.name, received.tries, handled.outcome, handled.reason[:_REASON_LENGTH]),
        )
        if handled.outcome in (Outcome.LATER, Outcome.BROKEN):
            await message.nak(delay=pause_before(received.tries))
            return
        if handled.outcome is Outcome.DEAD:
            await self._bury(jetstream, received, handled.reason)
        # only now: what is acknowledged is committed, here or among the dead
        await message.ack_sync()

    async def _handle(self, received: Received) -> Handled:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self.handle, received)
        except Exception as error:
            # an edge: one message must not end the others
            log.exception("signal_message_broke name=%s", received.name)
            return Handled(Outcome.BROKEN, type(error).__name__)

    async def _bury(self, jetstream: JetStreamContext, received: Received, reason: str) -> None:
        headers = {
            # a burial that is repeated is one
            "Nats-Msg-Id": f"dead-{received.name}",
            "Cerberus-Name": received.name,
            "Cerberus-Subject": self.subject,
            "Cerberus-Reason": _one_line(reason),
        }
        await jetstream.publish(self.dead_subject, received.data, headers=headers)
        log.warning("signal_message_dead name=%s reason=%s", received.name, _one_line(reason))

    def _note(self, problem: str) -> None:
        if problem and not self._problem:
            log.warning("nats_gone reason=%s", problem)
        elif self._problem and not problem:
            log.info("nats_returned")
        self._problem = problem


def ensure_installed() -> None:
    """Refuse to start without the library.

    Raises
    ------
    Misconfigured
        It is not installed.
    """
    if find_spec("nats") is None:
        raise Misconfigured("CERBERUS_NATS_URL is set, and the package nats-py is not installed")


async def _stream_of(jetstream: JetStreamContext, name: str, subject: str) -> str:
    """Return the stream that keeps a subject, made here where there is none yet."""
    from nats.js.errors import NotFoundError

    try:
        return await jetstream.find_stream_name_by_subject(subject)
    except NotFoundError:
        await jetstream.add_stream(name=name, subjects=[subject])
        return name


def _ensure_open(connection: Client) -> None:
    if not connection.is_connected:
        raise ConnectionError("the connection was lost")


async def _quiet(_: Exception) -> None:
    """Leave errors to the loop; the library would write them with a traceback."""


def _one_line(text: str) -> str:
    bare = "".join(one if one.isascii() and one.isprintable() else " " for one in text)
    return " ".join(bare.split())[:_REASON_LENGTH]
