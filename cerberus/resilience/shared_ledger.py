"""One ledger for several processes, and what each may do while it is gone.

* shared: the remote ledger decides.
* alone: it does not answer. Each process has its share, budget / last known number of processes.
  Others may have spent the whole budget just before, so within the first window only what is
  urgent goes, and only out of what is kept for it: `SAFETY_MARGIN` covers that much.
* returning: it answers again, but does not know yet what was spent meanwhile. A call needs room in
  the share and in the remote ledger, until the longest window has passed.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from cerberus.errors import Transient
from cerberus.resilience.ledger import Budget, Charge, MemoryLedger, Usage

log = logging.getLogger(__name__)

#: how often each process looks after the remote ledger
BEAT_SECONDS = 1.0


class LedgerGone(Transient):
    """The remote ledger does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the remote ledger said."""

    wait: float
    #: how many processes have spoken to it of late
    processes: int
    #: another one than before means that it has forgotten everything
    epoch: str
    used: tuple[int, ...] = ()


class Remote(Protocol):
    """A ledger elsewhere. Every method may raise LedgerGone."""

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> Answer:
        """Count a call that fits, else count nothing and tell the wait."""
        ...

    async def look(self, budgets: Sequence[Budget]) -> Answer:
        """Tell how much of each budget is used, and count nothing."""
        ...

    async def rest(self, scope: str, seconds: float) -> None:
        """Let no call of a scope pass for so long."""
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class State(StrEnum):
    """Who decides."""

    SHARED = "shared"
    ALONE = "alone"
    RETURNING = "returning"


class SharedLedger:
    """The ledger of several processes; `beat` is to be called about every second."""

    def __init__(
        self, remote: Remote, processes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the number of processes to assume as long as the remote ledger has told none."""
        self._remote = remote
        self._clock = clock
        self._own = MemoryLedger(clock)
        #: what was spent within the first window after a loss
        self._first = MemoryLedger(clock)
        self._budgets: dict[str, Budget] = {}
        self._lock = asyncio.Lock()
        self._state = State.SHARED
        self._epoch: str | None = None
        self._lost_at = self._returned_at = -math.inf
        self.processes = processes

    @property
    def state(self) -> str:
        """Say who decides at present."""
        return str(self._state)

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> float:
        """Count a call that fits and return 0; else count nothing and return the wait."""
        self._budgets.update({charge.budget.name: charge.budget for charge in charges})
        if self._state is State.SHARED:
            wait = await self._ask(charges, scopes, urgent=urgent)
            if wait is not None:
                return wait
        async with self._lock:
            return await self._take_share(charges, scopes, urgent=urgent)

    async def rest(self, scope: str, seconds: float) -> None:
        """Let no call of a scope pass for so long, in no process that can be told."""
        await self._own.rest(scope, seconds)
        try:
            await self._remote.rest(scope, seconds)
        except LedgerGone as error:
            self._lose(str(error))

    async def usage(self) -> Sequence[Usage]:
        """Return how much of each budget is used, by this process alone where it is alone."""
        budgets = list(self._budgets.values())
        if self._state is State.SHARED:
            try:
                used = (await self._remote.look(budgets)).used
            except LedgerGone as error:
                self._lose(str(error))
            else:
                pairs = zip(budgets, used, strict=True)
                return [Usage(one.name, one.limit, one.seconds, n) for one, n in pairs]
        shares = await self._own.usage()
        return [replace(one, limit=one.limit // self.processes) for one in shares]

    async def beat(self) -> None:
        """Show that this process is there, and see whether the remote ledger is."""
        try:
            answer = await self._remote.look(())
        except LedgerGone as error:
            self._lose(str(error))
            return
        if self._state is State.ALONE:
            self._state, self._returned_at = State.RETURNING, self._clock()
            self._epoch = answer.epoch
            log.warning("ledger_returned processes=%d", answer.processes)
        self._hear(answer)
        longest = max((one.seconds for one in self._budgets.values()), default=0.0)
        settled = self._returned_at + longest + 2 * BEAT_SECONDS
        if self._state is State.RETURNING and self._clock() >= settled:
            self._state = State.SHARED

    async def close(self) -> None:
        """Close the connection."""
        await self._remote.close()

    async def _ask(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> float | None:
        # None when it cannot be gone by; what it has counted then is counted too much, never less
        try:
            answer = await self._remote.take(charges, scopes, urgent=urgent)
        except LedgerGone as error:
            self._lose(str(error))
            return None
        if not self._hear(answer):
            return None
        if answer.wait <= 0:
            self._record(charges)
        return answer.wait

    async def _take_share(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> float:
        while True:
            wait = self._own_wait(charges, scopes, urgent=urgent)
            if wait > 0:
                return wait
            if self._state is State.ALONE:
                self._record(charges)
                return 0.0
            asked = await self._ask(charges, scopes, urgent=urgent)
            if asked is not None:
                return asked

    def _own_wait(self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool) -> float:
        early = self._early(charges)
        later = [charge for charge in charges if charge not in early]
        shares = [_part(charge, charge.budget.limit // self.processes) for charge in later]
        wait = self._own.wait(shares, scopes, urgent=urgent)
        for charge in early:
            kept = charge.budget.reserve // self.processes
            if not urgent or charge.weight > kept:
                wait = max(wait, self._lost_at + charge.budget.seconds - self._clock())
            else:
                wait = max(wait, self._first.wait([_part(charge, kept)], (), urgent=True))
        return wait

    def _record(self, charges: Sequence[Charge]) -> None:
        self._own.record(charges)
        self._first.record(self._early(charges))

    def _early(self, charges: Sequence[Charge]) -> Sequence[Charge]:
        since = self._clock() - self._lost_at
        return [charge for charge in charges if since < charge.budget.seconds]

    def _hear(self, answer: Answer) -> bool:
        self.processes = max(1, answer.processes)
        is_known = self._epoch in (None, answer.epoch)
        self._epoch = answer.epoch
        if not is_known:
            log.warning("ledger_forgot processes=%d", answer.processes)
            self._state = State.RETURNING
            self._first, self._lost_at = MemoryLedger(self._clock), self._clock()
            self._returned_at = self._lost_at
        return is_known

    def _lose(self, reason: str) -> None:
        if self._state is not State.ALONE:
            log.warning("ledger_gone processes=%d reason=%s", self.processes, reason)
            self._state = State.ALONE
            self._first, self._lost_at = MemoryLedger(self._clock), self._clock()


def _part(charge: Charge, limit: int) -> Charge:
    return replace(charge, budget=replace(charge.budget, limit=limit))
