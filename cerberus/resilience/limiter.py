"""Let calls pass as their budgets allow, cancels and exits first, and keep statistics."""

import asyncio
import itertools
import time
from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from cerberus.errors import RateLimited
from cerberus.resilience.ledger import Charge, Ledger, Usage

#: a call that would wait longer is given back to its caller
PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Tally:
    """What became of the calls on one budget since the start."""

    calls: int = 0
    weight: int = 0
    delayed: int = 0
    delayed_seconds: float = 0.0
    refused: int = 0


@dataclass(order=True, slots=True)
class _Waiter:
    rank: tuple[bool, int]
    budgets: frozenset[str] = field(compare=False)
    wake: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class Limiter:
    """Calls on one budget pass in their order; what is urgent overtakes what is not."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._numbers = itertools.count()
        self._queue: list[_Waiter] = []
        self._rests: dict[str, float] = {}
        self._tallies: dict[str, Tally] = {}
        self.rests = 0

    async def acquire(
        self,
        charges: Sequence[Charge],
        scopes: Sequence[str] = (),
        *,
        urgent: bool = False,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Count a call and return when it may go.

        Raises
        ------
        RateLimited
            It would have to wait longer than the caller's patience; nothing was counted.
        """
        await self._tell_rests()
        names = frozenset(charge.budget.name for charge in charges)
        waiter = _Waiter((not urgent, next(self._numbers)), names)
        began = self._clock()
        insort(self._queue, waiter)
        try:
            await self._until_it_fits(waiter, charges, scopes, began + patience_seconds)
        except RateLimited:
            for name in names:
                self._tally(name).refused += 1
            raise
        finally:
            self._queue.remove(waiter)
            for other in self._queue:
                other.wake.set()
        self._passed(charges, self._clock() - began)

    def cool_off(self, scope: str, seconds: float) -> None:
        """Let nothing of a scope pass for so long: the venue has answered 418 or 429."""
        self.rests += 1
        until = self._clock() + seconds
        self._rests[scope] = max(until, self._rests.get(scope, until))

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return len(self._queue)

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """What became of the calls, by budget."""
        return self._tallies

    @property
    def ledger_state(self) -> str:
        """Who counts at present."""
        return self._ledger.state

    async def usage(self) -> Sequence[Usage]:
        """Return how much of each budget is used."""
        return await self._ledger.usage()

    async def _until_it_fits(
        self, waiter: _Waiter, charges: Sequence[Charge], scopes: Sequence[str], deadline: float
    ) -> None:
        while True:
            waiter.wake.clear()
            left = deadline - self._clock()
            if self._is_next(waiter):
                urgent = not waiter.rank[0]
                wait = await self._ledger.take(charges, scopes, urgent=urgent)
                if wait <= 0:
                    return
            else:
                wait = left
            if wait > left or left <= 0:
                text = f"the next request has to wait {wait:.1f} s, the limit is {left:.1f} s"
                raise RateLimited(text, min(max(wait, 1.0), 3600.0))
            with suppress(TimeoutError):
                await asyncio.wait_for(waiter.wake.wait(), wait)

    def _is_next(self, waiter: _Waiter) -> bool:
        for other in self._queue:
            if other is waiter:
                return True
            if other.budgets & waiter.budgets:
                return False
        return True

    def _passed(self, charges: Sequence[Charge], waited: float) -> None:
        for charge in charges:
            tally = self._tally(charge.budget.name)
            tally.calls += 1
            tally.weight += charge.weight
            if waited > 0.001:  # the bare passage takes some microseconds
                tally.delayed += 1
                tally.delayed_seconds += waited

    def _tally(self, name: str) -> Tally:
        return self._tallies.setdefault(name, Tally())

    async def _tell_rests(self) -> None:
        # an answer is read where nothing can be awaited
        while self._rests:
            scope, until = self._rests.popitem()
            await self._ledger.rest(scope, until - self._clock())
