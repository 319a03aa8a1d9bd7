"""Which signals were told before: the newest in memory, so that a repeat costs no read.

It only remembers what is committed. The store's unique rows decide: a signal that is not found
here is looked for there, and two processes that each think theirs the first are told by it.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple


class First(NamedTuple):
    """The first of equal signals; `is_unique` when every later one is its duplicate."""

    signal_id: str
    received_at: datetime
    is_unique: bool


@dataclass(slots=True)
class Tally:
    """What became of the signals since the start."""

    new: int = 0
    from_cache: int = 0
    from_store: int = 0
    #: stored by another process between our look and our write
    lost_races: int = 0


@dataclass(slots=True)
class Deduplicator:
    """The first signal of each key, at most `capacity` keys; time is passed in."""

    window: timedelta
    capacity: int = 65_536
    tally: Tally = field(default_factory=Tally)
    _firsts: OrderedDict[str, First] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._firsts)

    def find(self, keys: tuple[str, ...], now: datetime) -> str | None:
        """Return the id of the first signal under one of these keys, None when it is not here."""
        firsts = self._firsts
        for key in keys:
            first = firsts.get(key)
            if first is None:
                continue
            if first.is_unique or now - first.received_at <= self.window:
                self.tally.from_cache += 1
                return first.signal_id
            del firsts[key]  # a repeat does not extend the window, so it is of no use any more
        return None

    def remember(self, keys: tuple[str, ...], first: First) -> None:
        """Take in a committed signal; beyond the capacity, what came longest ago goes."""
        for key in keys:
            self._firsts[key] = first
            self._firsts.move_to_end(key)
        while len(self._firsts) > self.capacity:
            self._firsts.popitem(last=False)

    def forget_old(self, now: datetime) -> int:
        """Drop what has run out, and return how many keys that were."""
        old = [
            key
            for key, first in self._firsts.items()
            if not first.is_unique and now - first.received_at > self.window
        ]
        for key in old:
            del self._firsts[key]
        return len(old)

    def newest(self, count: int) -> Iterator[First]:
        """Give the signals taken in last, newest first, each once."""
        given: set[str] = set()
        for first in reversed(self._firsts.values()):
            if len(given) == count:
                return
            if first.signal_id not in given:
                given.add(first.signal_id)
                yield first
