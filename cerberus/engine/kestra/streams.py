"""Events of executions and log lines, as the engine publishes them.

All streams end in one queue, and one thread reads it, whoever and however many follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cerberus.engine.jvm.engine import Engine
from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.java import Java, java
from cerberus.engine.kestra.json_text import mapper
from cerberus.engine.kestra.lookup import find_execution, flow_of

_MATCHER = "io.kestra.core.services.FollowLogEventMatcher"


@dataclass(frozen=True, slots=True)
class Event:
    """What came on a stream; the last event of a stream has no text."""

    stream: int
    id: str
    text: str
    is_last: bool


class Streams:
    """Opens and closes streams, and reads what came on all of them."""

    def __init__(self, engine: Engine, beans: Beans) -> None:
        streams = java("io.cerberus.kestra.Streams")
        # the engine's own matcher is part of its web server, which is not here
        engine.context.registerSingleton(java(_MATCHER).class_, streams.everyLine())
        self._beans = beans
        self._logs = engine.bean("io.kestra.core.services.LogStreamingService")
        self._streams: Java = streams(mapper())

    def follow(self, stream: int, execution_id: str) -> None:
        """Begin to collect an execution's states; its end ends the stream."""
        execution = find_execution(self._beans, execution_id)
        flow = flow_of(self._beans, execution)
        self._streams.follow(stream, self._beans.webhooks.followExecution(execution, flow))

    def follow_logs(self, stream: int, execution_id: str) -> None:
        """Begin to collect an execution's log lines; such a stream does not end by itself."""
        find_execution(self._beans, execution_id)
        self._streams.followLogs(stream, self._logs, execution_id)

    def close(self, stream: int) -> None:
        """Collect no more of a stream."""
        self._streams.close(stream)

    def take(self, seconds: float) -> Iterator[Event]:
        """Yield what has come; wait for the first event if there is none."""
        for item in self._streams.take(round(seconds * 1000)):
            is_last = bool(item.isLast())
            texts = ("", "") if is_last else (str(item.id() or "progress"), str(item.text()))
            yield Event(int(item.stream()), *texts, is_last)
