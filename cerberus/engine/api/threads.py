"""Threads for calls into Java: none of them runs on the event loop."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

#: quick calls: more than the engine's own threads would only queue in Java
CALLS = 24
#: calls that wait for the end of an execution, so that they cannot starve the quick ones
WAITS = 64

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class JavaThreads:
    """Two limits, one for quick calls and one for those that wait."""

    def __init__(self) -> None:
        self._calls = CapacityLimiter(CALLS)
        self._waits = CapacityLimiter(WAITS)

    async def call(
        self,
        function: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run a quick call."""
        return await _run(self._calls, lambda: function(*args, **kwargs))

    async def wait(
        self,
        function: Callable[Arguments, Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run a call that may last as long as an execution."""
        return await _run(self._waits, lambda: function(*args, **kwargs))


async def _run(limiter: CapacityLimiter, function: Callable[[], Answer]) -> Answer:
    # a client that goes away frees the request, not the Java call
    return await to_thread.run_sync(function, limiter=limiter, abandon_on_cancel=True)
