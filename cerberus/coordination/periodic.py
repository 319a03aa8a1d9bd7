"""Steps that are taken again and again, each on its own, with what became of the last one."""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from cerberus.errors import CerberusError
from cerberus.ports import Clock

log = logging.getLogger(__name__)

#: failures that are remembered with their moments
_REMEMBERED = 200


@dataclass(slots=True)
class Periodic:
    """One step and its rhythm; a failure is noted, logged once, and does not end it.

    Each pause is longer by a random share of `jitter_seconds`, so that many do not ask at once.
    """

    name: str
    seconds: float
    step: Callable[[], Awaitable[object]]
    clock: Clock
    jitter_seconds: float = 0
    succeeded_at: datetime | None = None
    problem: str = ""
    steps: int = 0
    failures: int = 0
    #: of the stopwatch, which no change of the clock moves
    last_sign: float = field(default_factory=time.monotonic)
    _failed_at: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    async def run(self) -> None:
        """Take the step until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(self.seconds + self.jitter_seconds * random.random())  # noqa: S311 - no secret

    async def once(self) -> None:
        """Take the step now."""
        self.last_sign = time.monotonic()
        try:
            await self.step()
        except CerberusError as error:
            self._failed(f"{type(error).__name__}: {error}")
        except Exception as error:
            # an edge: whatever went wrong in one step, the next one must still be taken
            log.exception("step_failed name=%s", self.name)
            self._count(f"{type(error).__name__}: {error}")
        else:
            if self.problem:
                log.info("step_recovered name=%s", self.name)
            self.problem, self.succeeded_at = "", self.clock.now()
        self.steps += 1
        self.last_sign = time.monotonic()

    def failures_within(self, seconds: float, now: float) -> int:
        """Return how many steps have failed in the last seconds of the stopwatch."""
        return sum(now - at <= seconds for at in self._failed_at)

    def _failed(self, problem: str) -> None:
        if not self.problem:
            log.warning("step_failed name=%s reason=%s", self.name, problem)
        self._count(problem)

    def _count(self, problem: str) -> None:
        self.problem = problem
        self.failures += 1
        self._failed_at.append(time.monotonic())
