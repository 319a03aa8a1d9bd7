"""Stop asking a venue that does not answer, and find out on its own when it does again."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from cerberus.errors import (
    BreakerOpen,
    ClockSkewed,
    RateLimited,
    Rejected,
    StoreFailed,
    Transient,
    Unknown,
)

#: these say nothing about the venue's health: it has answered, or was not asked
_NO_FAILURES = (RateLimited, ClockSkewed, StoreFailed, BreakerOpen)


class State(StrEnum):
    """Whether calls pass: all, those that are urgent and one probe, none."""

    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a breaker opens and for how long; each pause is up to half as long again by chance."""

    failures: int = 5
    pause_seconds: float = 2.0
    pause_max_seconds: float = 30.0


class CircuitBreaker:
    """Opens after so many failures in a row; each failed probe doubles the pause."""

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        rhythm: Rhythm | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.trips = 0
        self.reason = ""
        self._clock = clock
        self._rhythm = rhythm or Rhythm()
        self._chance = chance
        self._failures = 0
        self._reopened = 0
        self._until: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """The present state; an open breaker becomes half-open by time alone."""
        if self._until is None:
            return State.CLOSED
        return State.OPEN if self._clock() < self._until else State.HALF_OPEN

    @property
    def seconds_left(self) -> float:
        """How long it stays open."""
        return 0.0 if self._until is None else max(0.0, self._until - self._clock())

    @contextmanager
    def guard(self, *, urgent: bool) -> Iterator[None]:
        """Let a call pass and learn from how it ends.

        Raises
        ------
        BreakerOpen
            Nothing was sent.
        """
        is_probe = self._admit(urgent=urgent)
        try:
            yield
        except Rejected:
            self._succeeded()  # the venue has answered
            raise
        except (Transient, Unknown) as error:
            if not isinstance(error, _NO_FAILURES):
                self._failed(str(error))
            raise
        else:
            self._succeeded()
        finally:
            if is_probe:
                self._probing = False

    def _admit(self, *, urgent: bool) -> bool:
        state = self.state
        if state is State.OPEN:
            raise BreakerOpen(self.told(), max(1.0, self.seconds_left))
        if state is State.CLOSED or urgent:
            return False
        if self._probing:
            raise BreakerOpen(f"breaker {self.name} is half-open, a probe is under way", 1.0)
        self._probing = True
        return True

    def told(self) -> str:
        """Return the state as a sentence."""
        left = f", asked again in {self.seconds_left:.1f} s" if self.seconds_left else ""
        return f"breaker {self.name} is {self.state}{left}: {self.reason}"

    def _succeeded(self) -> None:
        if self.state is State.OPEN:
            return  # it was sent before the failures that opened it
        self._failures = self._reopened = 0
        self._until, self.reason = None, ""

    def _failed(self, reason: str) -> None:
        state = self.state
        if state is State.OPEN:
            return
        self._failures += 1
        if state is State.CLOSED and self._failures < self._rhythm.failures:
            return
        if state is State.CLOSED:
            self.trips += 1
        pause = self._rhythm.pause_seconds * 2.0 ** min(self._reopened, 16)
        pause = min(pause, self._rhythm.pause_max_seconds) * (1 + self._chance() / 2)
        self._reopened += 1
        self._until, self.reason = self._clock() + pause, reason
