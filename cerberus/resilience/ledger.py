"""What was spent of each request limit: the port, and the ledger of a single process."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cerberus.resilience.rate_limiter import SlidingWindow

#: of each budget, what only cancels and exits may use
URGENT_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """So much weight in so many seconds, under one name for whoever shares it."""

    name: str
    limit: int
    seconds: float

    def most(self, *, urgent: bool) -> int:
        """Return what a call may find used with itself; a part is kept for what is urgent."""
        return self.limit if urgent else self.limit - self.reserve

    @property
    def reserve(self) -> int:
        """What is kept for cancels and exits; a budget of one is for everybody."""
        return max(0, min(self.limit - 1, math.ceil(self.limit * URGENT_SHARE)))


@dataclass(frozen=True, slots=True)
class Charge:
    """What one call costs of one budget."""

    budget: Budget
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a budget is used at present."""

    name: str
    limit: int
    seconds: float
    used: int


class Ledger(Protocol):
    """Counts calls against their budgets: all of a call's charges, or none."""

    @property
    def state(self) -> str:
        """Say who counts: this process, several together, or this one for its share."""
        ...

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> float:
        """Count a call that fits and return 0; else count nothing and return the wait."""
        ...

    async def rest(self, scope: str, seconds: float) -> None:
        """Let no call of a scope pass for so long: the venue has said so."""
        ...

    async def usage(self) -> Sequence[Usage]:
        """Return how much of each budget is used."""
        ...


class MemoryLedger:
    """The ledger of one process; it never waits for anything itself."""

    state = "memory"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, SlidingWindow] = {}
        self._closed_until: dict[str, float] = {}

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> float:
        """Count a call that fits and return 0; else count nothing and return the wait."""
        wait = self.wait(charges, scopes, urgent=urgent)
        if wait <= 0:
            self.record(charges)
        return wait

    def wait(self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool) -> float:
        """Return how long a call has to wait, and count nothing."""
        now, wait = self._clock(), 0.0
        for scope in scopes:
            wait = max(wait, self._closed_until.get(scope, now) - now)
        for charge in charges:
            most = charge.budget.most(urgent=urgent)
            wait = max(wait, self._window(charge.budget).wait(now, charge.weight, most))
        return wait

    def record(self, charges: Sequence[Charge]) -> None:
        """Count a call, whether it fits or not."""
        now = self._clock()
        for charge in charges:
            self._window(charge.budget).count(now, charge.weight)

    async def rest(self, scope: str, seconds: float) -> None:
        """Let no call of a scope pass for so long; a shorter order changes nothing."""
        until = self._clock() + seconds
        self._closed_until[scope] = max(until, self._closed_until.get(scope, until))

    async def usage(self) -> Sequence[Usage]:
        """Return how much of each budget is used."""
        now = self._clock()
        for window in self._windows.values():
            window.forget(now)
        return [
            Usage(name, window.limit, window.seconds, window.used)
            for name, window in sorted(self._windows.items())
        ]

    def _window(self, budget: Budget) -> SlidingWindow:
        found = self._windows.get(budget.name)
        if found is None:
            found = self._windows[budget.name] = SlidingWindow(budget.limit, budget.seconds)
        found.limit, found.seconds = budget.limit, budget.seconds
        return found
