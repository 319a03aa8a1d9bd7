"""Several steps side by side, each taken to its end before the first failure is told."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

Result = TypeVar("Result")


async def together(steps: Iterable[Awaitable[Result]]) -> list[Result]:
    """Take all steps to their ends, also when one fails, and return their results in order.

    Whoever holds a lock around it can rely on nothing going on once this has returned or raised.
    """
    done = await asyncio.gather(*steps, return_exceptions=True)
    found: list[Result] = []
    for one in done:
        if isinstance(one, BaseException):
            raise one
        found.append(one)
    return found
