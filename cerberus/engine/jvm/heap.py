"""Keep the machine's memory where it is: collect before Java takes more for what nobody needs.

Java's serial collector lets the old part of its heap grow into all it may before it looks for what
is of no use in there. An engine that runs for months would hold its whole limit and use a third.
"""

import logging
from collections.abc import Callable
from time import monotonic

from cerberus.engine.kestra.java import Java, java

LOOK_SECONDS = 5.0
#: what may gather beyond what was in use after the last collection
ALLOWANCE_BYTES = 32 << 20
#: a collection stops the engine for some tenths of a second: not more often, whatever gathers
PAUSE_SECONDS = 30.0
#: what is taken and touched at the start: the young part, what an engine needs, the allowance
FIRST_MEGABYTES = 136
YOUNG_MEGABYTES = 32
#: the old part is made larger below the one and smaller above the other share of free memory, in
#: percent: the allowance fits between, so that as a rule neither happens
FREE_RATIOS = (25, 65)

_OLD = "Tenured Gen"
_log = logging.getLogger(__name__)


class HeapKeeper:
    """Has garbage collected whenever enough of it has gathered."""

    def __init__(
        self,
        pool: Java,
        collect: Callable[[], None],
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._pool = pool
        self._collect = collect
        self._now = now
        self._collected_at = now() - PAUSE_SECONDS

    def look(self) -> None:
        """Collect if it is time."""
        used, needed = self._pool.getUsage().getUsed(), self._pool.getCollectionUsage().getUsed()
        if int(used) - int(needed) <= ALLOWANCE_BYTES:
            return
        if self._now() - self._collected_at < PAUSE_SECONDS:
            return
        began = self._now()
        self._collect()
        self._collected_at = self._now()
        left = int(self._pool.getUsage().getUsed())
        message = "collected heap_before=%d heap_after=%d seconds=%.2f"
        _log.info(message, int(used), left, self._collected_at - began)


def heap_keeper() -> HeapKeeper:
    """Return the keeper of the running machine's heap."""
    pools = java("java.lang.management.ManagementFactory").getMemoryPoolMXBeans()
    old = next(pool for pool in pools if str(pool.getName()) == _OLD)
    return HeapKeeper(old, java("java.lang.System").gc)
