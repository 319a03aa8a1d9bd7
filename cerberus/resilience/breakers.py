"""One breaker for each class of endpoints of a venue."""

import logging
import time
from collections.abc import Callable, Iterable
from enum import StrEnum

from cerberus.resilience.circuit_breaker import CircuitBreaker, Rhythm, State

log = logging.getLogger(__name__)


class Part(StrEnum):
    """The classes of a venue's endpoints; a venue often fails in one and not in another."""

    MARKET = "market data"
    ACCOUNT = "account"
    ORDERS = "orders"
    EXITS = "exits"


#: what takes risk away is tried again soonest
_EXITS = Rhythm(pause_seconds=1.0, pause_max_seconds=4.0)


class Breakers:
    """The breakers of one venue."""

    def __init__(self, venue: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.venue = venue
        self._parts = {
            part: CircuitBreaker(
                f"{venue} {part}", clock, _EXITS if part is Part.EXITS else Rhythm()
            )
            for part in Part
        }
        self._logged: set[Part] = set()

    def __getitem__(self, part: Part) -> CircuitBreaker:
        return self._parts[part]

    def items(self) -> Iterable[tuple[Part, CircuitBreaker]]:
        """Return every breaker by its class."""
        return self._parts.items()

    def entry_block(self) -> str:
        """Return why no entry may be made, empty when none is open.

        Whoever cannot read, cancel or close must not enter either.
        """
        opened = (one for one in self._parts.values() if one.state is State.OPEN)
        return next((one.told() for one in opened), "")

    def log_changes(self) -> None:
        """Log what has opened and what has closed, once each."""
        for part, breaker in self._parts.items():
            is_closed = breaker.state is State.CLOSED
            if is_closed and part in self._logged:
                self._logged.discard(part)
                log.info("breaker_closed name=%r", breaker.name)
            elif not is_closed and part not in self._logged:
                self._logged.add(part)
                log.warning("breaker_opened name=%r reason=%s", breaker.name, breaker.reason)
