"""Server-sent events: any number of followers, one thread that reads for all of them."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from fastapi import HTTPException
from fastapi.responses import StreamingResponse

from cerberus.engine.api.threads import JavaThreads
from cerberus.engine.kestra.streams import Event, Streams

LARGEST_NUMBER = 1000
#: what a follower that does not read may keep waiting; more ends its stream
LARGEST_BACKLOG = 2000
KEEP_ALIVE_SECONDS = 10.0
_POLL_SECONDS = 1.0


class Followers:
    """Brings each event to the queue of its follower, on the event loop."""

    def __init__(self, streams: Streams, threads: JavaThreads) -> None:
        self._streams = streams
        self._threads = threads
        self._queues: dict[int, asyncio.Queue[Event]] = {}
        self._numbers = itertools.count(1)
        self._reader: threading.Thread | None = None
        self._stopped = threading.Event()

    def require_room(self) -> None:
        """Refuse one follower too many, while it can still be told so."""
        if len(self._queues) >= LARGEST_NUMBER:
            raise HTTPException(429, f"event streams exceed limit {LARGEST_NUMBER}")

    @asynccontextmanager
    async def following(
        self, *opens: Callable[[int], None]
    ) -> AsyncIterator[tuple[list[int], "asyncio.Queue[Event]"]]:
        """Open a stream for each call and give their numbers and the queue they share."""
        self._start_reader(asyncio.get_running_loop())
        queue: asyncio.Queue[Event] = asyncio.Queue()
        numbers = [next(self._numbers) for _ in opens]
        try:
            for number, opened in zip(numbers, opens, strict=True):
                self._queues[number] = queue
                await self._threads.call(opened, number)
            yield numbers, queue
        finally:
            for number in numbers:
                self._queues.pop(number, None)
            # also when the client has gone, which cancels this task
            with anyio.CancelScope(shield=True):
                for number in numbers:
                    await self._threads.call(self._streams.close, number)

    def stop(self) -> None:
        """End the reader; followers get no more events."""
        self._stopped.set()

    def _start_reader(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._reader is None or not self._reader.is_alive():
            read = threading.Thread(target=self._read, args=(loop,), name="streams", daemon=True)
            self._reader = read
            read.start()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while not loop.is_closed() and not self._stopped.is_set():
            events = list(self._streams.take(_POLL_SECONDS))
            if events and not self._stopped.is_set():
                loop.call_soon_threadsafe(self._deliver, events)

    def _deliver(self, events: list[Event]) -> None:
        for event in events:
            queue = self._queues.get(event.stream)
            if queue is None:
                continue
            if queue.qsize() >= LARGEST_BACKLOG:
                # it does not read: what it missed is in the store
                del self._queues[event.stream]
                event = Event(event.stream, "", "", is_last=True)
            queue.put_nowait(event)


async def next_event(queue: "asyncio.Queue[Event]", seconds: float) -> Event | None:
    """Return the next event, or None when none came in time."""
    try:
        async with asyncio.timeout(seconds):
            return await queue.get()
    except TimeoutError:
        return None


def sse(id_: str, text: str) -> str:
    """Return an event as it goes over the wire."""
    return f"id: {id_}\ndata: {text}\n\n"


def event_response(frames: AsyncIterator[str]) -> StreamingResponse:
    """Return a response that sends frames as they come."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, headers=headers, media_type="text/event-stream")
