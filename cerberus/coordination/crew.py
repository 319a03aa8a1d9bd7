"""The loops of one part of the process, each a task of its own that can be begun anew."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from cerberus.coordination.periodic import Periodic


class Crew:
    """Loops that run; stopping ends all of them."""

    def __init__(self) -> None:
        self._members: dict[str, Periodic] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.restarts: Counter[str] = Counter()

    @property
    def members(self) -> list[Periodic]:
        """The loops that were started."""
        return list(self._members.values())

    def start(self, members: Iterable[Periodic]) -> None:
        """Let loops run; each name once."""
        for one in members:
            self._members[one.name] = one
            self._tasks[one.name] = asyncio.create_task(one.run(), name=one.name)

    def begin_anew(self, name: str) -> None:
        """End the step that a loop is in, whatever it waits for, and let the loop run again.

        What the step had sent is found out as after a crash: it was committed before.
        """
        self._tasks[name].cancel()
        self.restarts[name] += 1
        self.start([self._members[name]])

    async def stop(self) -> None:
        """End all loops."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
