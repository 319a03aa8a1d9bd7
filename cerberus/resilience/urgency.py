"""Cancels and exits go first: whether the work of the present task is urgent."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

_urgent: ContextVar[bool] = ContextVar("urgent", default=False)


def is_urgent() -> bool:
    """Return whether what is being done takes risk away."""
    return _urgent.get()


@contextmanager
def urgently(urgent: bool = True) -> Iterator[None]:
    """Mark everything inside, and the tasks it starts, as a cancel or an exit."""
    token = _urgent.set(urgent)
    try:
        yield
    finally:
        _urgent.reset(token)


def urgent_work(
    work: Callable[Parameters, Awaitable[Answer]],
) -> Callable[Parameters, Awaitable[Answer]]:
    """Mark everything that a coroutine function does as urgent, its reads too."""

    @wraps(work)
    async def marked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        with urgently():
            return await work(*args, **kwargs)

    return marked
