"""What a follower of an execution is sent, event by event."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from functools import partial

from anyio import sleep

from cerberus.engine.api.streams import KEEP_ALIVE_SECONDS, Followers, next_event, sse
from cerberus.engine.api.threads import JavaThreads
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.logs import LEVELS, LogSelection, level_name

ALIVE = ": alive\n\n"
#: log lines reach the store a moment after the execution has ended
LAST_LINES_SECONDS = 0.5
DEPENDENCIES_POLL_SECONDS = 0.5


async def execution_frames(followers: Followers, kestra: Kestra, id_: str) -> AsyncIterator[str]:
    """Yield an execution at each change of its state, and at its end for the last time."""
    async with followers.following(partial(_follow, kestra, id_)) as (_, queue):
        while True:
            event = await next_event(queue, KEEP_ALIVE_SECONDS)
            if event is None:
                yield ALIVE
            elif event.is_last:
                return
            else:
                yield sse(event.id, event.text)


class LogFrames:
    """The log lines of an execution: those already stored, then those that come, each once."""

    def __init__(self, kestra: Kestra, threads: JavaThreads, id_: str, level: str | None) -> None:
        self._kestra = kestra
        self._threads = threads
        self._id = id_
        self._levels = LEVELS[LEVELS.index(level_name(level)) :]
        self._sent: Counter[int] = Counter()

    async def frames(self, followers: Followers) -> AsyncIterator[str]:
        """Yield until the execution has ended and its last line is sent."""
        kestra, id_ = self._kestra, self._id
        opens = (partial(_follow_logs, kestra, id_), partial(_follow, kestra, id_))
        async with followers.following(*opens) as (numbers, queue):
            for frame in await self._stored():
                yield frame
            first = frozenset(self._sent)
            has_ended, patience = False, KEEP_ALIVE_SECONDS
            while (event := await next_event(queue, patience)) is not None or not has_ended:
                if event is None:
                    yield ALIVE
                elif event.stream == numbers[0] and not event.is_last:
                    line = json.loads(event.text)
                    if line.get("level") in self._levels and _key(line) not in first:
                        self._sent[_key(line)] += 1
                        yield sse("progress", event.text)
                elif event.is_last:
                    has_ended, patience = True, LAST_LINES_SECONDS
        for frame in await self._stored():
            yield frame

    async def _stored(self) -> list[str]:
        wanted = LogSelection(self._id, self._levels[0])
        lines = json.loads(await self._threads.call(self._kestra.logs.lines, wanted))
        return [sse("progress", json.dumps(line)) for line in self._unsent(lines)]

    def _unsent(self, lines: Iterable[JsonObject]) -> Iterable[JsonObject]:
        stored: Counter[int] = Counter()
        for line in lines:
            key = _key(line)
            stored[key] += 1
            if stored[key] > self._sent[key]:
                self._sent[key] += 1
                yield line


async def dependency_frames(kestra: Kestra, threads: JavaThreads, id_: str) -> AsyncIterator[str]:
    """Yield the state of an execution and of all that it set off, until all have ended."""
    shown: dict[str, str] = {}
    silent = 0.0
    while True:
        found = await threads.call(kestra.views.related, id_)
        for each in found:
            key, text = str(each["executionId"]), json.dumps(each)
            if shown.get(key) != text:
                shown[key] = text
                yield sse("progress", text)
                silent = 0.0
        if all(each["isTerminated"] for each in found):
            yield sse("end", json.dumps(found[0]))
            return
        if silent >= KEEP_ALIVE_SECONDS:
            yield ALIVE
            silent = 0.0
        await sleep(DEPENDENCIES_POLL_SECONDS)
        silent += DEPENDENCIES_POLL_SECONDS


def _follow(kestra: Kestra, id_: str, stream: int) -> None:
    kestra.streams.follow(stream, id_)


def _follow_logs(kestra: Kestra, id_: str, stream: int) -> None:
    kestra.streams.follow_logs(stream, id_)


def _key(line: JsonObject) -> int:
    # the store keeps fewer decimals than the stream has
    second, _, decimals = str(line.get("timestamp", "")).rstrip("Z").partition(".")
    moment = f"{second}.{decimals[:3].ljust(3, '0')}"
    return hash((moment, line.get("taskRunId"), line.get("attemptNumber"), line.get("message")))
