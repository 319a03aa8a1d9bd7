"""The hold of one process on a lease: taken, kept by a heartbeat, checked by what it protects.

The token makes it safe, not the clocks: whatever they show, of two owners only the later one's
token is in the store, and every commit looks at it. The clocks decide how soon the next one may
take it. A clock that was wrong delays nobody for ever: a lease that is seen unchanged for its whole
lifetime, by the watcher's own stopwatch, is over too.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from cerberus.domain.leases import Lease, taken_over
from cerberus.errors import NotTheWriter, StoreFailed
from cerberus.ports import Clock, Store, Transaction

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LIFETIME = timedelta(seconds=15)
#: a heartbeat may be late three times
BEAT_SECONDS = 3.0
#: nothing begins in a lease's last moments: what is sent must expire before it does
MARGIN = timedelta(seconds=2)


class LeaseKeeper:
    """One owner's hold on one lease; several threads may check it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        name: str,
        owner: str,
        *,
        is_gone: Callable[[str], bool] = lambda _: False,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.owner = name, owner
        self._store, self._clock = store, clock
        self._is_gone, self._stopwatch = is_gone, stopwatch
        #: ours while it is not 0
        self._token = 0
        self._seen: Lease | None = None
        self._watched: tuple[Lease, float] | None = None
        self._failure = ""

    @property
    def token(self) -> int:
        """The token of our hold, 0 while we have none."""
        return self._token

    @property
    def seen(self) -> Lease | None:
        """The lease as it was last seen in the store, whoever holds it."""
        return self._seen

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else held it when it was last looked at."""
        return self._token == 0 and self._seen is not None and not self._failure

    def ends_at(self) -> datetime | None:
        """Return until when our hold lasts unless it is renewed, None without one."""
        return self._seen.expires_at if self._token and self._seen is not None else None

    async def beat(self) -> None:
        """Renew our hold, or take the lease where it is free.

        Raises
        ------
        NotTheWriter
            Somebody else holds it.
        StoreFailed
            The store could not be asked, or could not take it.
        """
        try:
            held = await self._store.read(lambda transaction: transaction.leases.get(self.name))
            if not self._may_claim(held):
                raise self._held_by_another(held)
            self._seen = await self._store.write(lambda tx: self._claim(tx, held))
        except StoreFailed as error:
            self._failure = str(error)
            raise
        self._failure = ""
        if self._seen.owner != self.owner:
            raise self._held_by_another(self._seen)
        if self._token != self._seen.token:
            log.info("lease_taken name=%s token=%s", self.name, self._seen.token)
        self._token = self._seen.token

    def check(self, transaction: Transaction) -> Lease:
        """Return our hold, inside the transaction that relies on it.

        Raises
        ------
        NotTheWriter
            Somebody else holds the lease, or it was never taken.
        StoreFailed
            It is ours, and has run out because it could not be renewed.
        """
        token, now = self._token, self._clock.now()
        held = transaction.leases.get(self.name)
        if held is None or not token or not held.belongs_to(self.owner, token):
            if self._failure:
                raise StoreFailed(f"the lease {self.name} cannot be taken: {self._failure}")
            raise NotTheWriter(self._told(held))
        if held.is_over_at(now + MARGIN):
            until = held.expires_at.isoformat(timespec="seconds")
            raise StoreFailed(f"the lease {self.name} runs out at {until}, it must be renewed")
        return held

    async def give_up(self) -> None:
        """Leave the lease to whoever asks next."""
        token, self._token = self._token, 0

        def leave(transaction: Transaction) -> None:
            held = transaction.leases.get(self.name)
            if held is not None and held.belongs_to(self.owner, token):
                transaction.leases.put(held.given_up(self._clock.now()))

        if token:
            await self._store.write(leave)

    def problem(self) -> str:
        """Return why this process may not write, as far as is known; else empty."""
        return "" if self._token else self._told(self._seen)

    def _may_claim(self, held: Lease | None) -> bool:
        if held is None or held.owner == self.owner:
            return True
        if held.is_over_at(self._clock.now()) or self._is_gone(held.owner):
            return True
        return self._is_unchanged(held)

    def _is_unchanged(self, held: Lease) -> bool:
        now = self._stopwatch()
        if self._watched is None or self._watched[0] != held:
            self._watched = held, now
        return now - self._watched[1] >= LIFETIME.total_seconds()

    def _claim(self, transaction: Transaction, expected: Lease | None) -> Lease:
        """Renew or take the lease, unless somebody was faster."""
        held, now = transaction.leases.get(self.name), self._clock.now()
        if held is not None and held.belongs_to(self.owner, self._token):
            mine = held.renewed(now, LIFETIME)
        elif held is None or held == expected:
            mine = taken_over(held, self.name, self.owner, now, LIFETIME)
            told = f"{self.owner}, token {mine.token}"
            transaction.facts.note(now, "lease", "lease_taken", self.name, told)
        else:
            return held
        transaction.leases.put(mine)
        return mine

    def _held_by_another(self, held: Lease | None) -> NotTheWriter:
        self._token, self._seen, self._failure = 0, held, ""
        return NotTheWriter(self._told(held))

    def _told(self, held: Lease | None) -> str:
        if held is None or held.owner == self.owner:
            return f"the lease {self.name} has not been taken yet"
        until = held.expires_at.isoformat(timespec="seconds")
        return f"another process has the lease {self.name}: {held.owner}, until {until}"
