"""Watch the loops of the process: signs of life, errors, processor and memory.

A loop that gives no sign is begun anew here; a process whose event loop stands still cannot help
itself, and the supervisor ends it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from cerberus.coordination.crew import Crew
from cerberus.coordination.periodic import Periodic
from cerberus.domain.components import SILENT_SECONDS, Component, Usage
from cerberus.errors import NotFound
from cerberus.ports import Clock

log = logging.getLogger(__name__)

ERRORS_A_MINUTE = 10
MEMORY_RATIO = 0.9
#: how long a restart is told of
RESTART_TOLD = timedelta(minutes=10)


class Monitor:
    """What is known of the components, and the hand that begins a silent one anew."""

    def __init__(
        self,
        clock: Clock,
        usage: Callable[[], Usage],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._measure, self._stopwatch = clock, usage, stopwatch
        self._crews: list[Crew] = []
        self._restarted: dict[str, tuple[datetime, float]] = {}
        self.usage = usage()

    def watch(self, *crews: Crew) -> None:
        """Watch these loops too."""
        self._crews += crews

    async def step(self) -> None:
        """Measure, and begin anew what is silent."""
        self.usage = self._measure()
        for crew in self._crews:
            for one in crew.members:
                found = self._component(crew, one)
                if found.is_silent:
                    log.critical("silent name=%s seconds=%.0f", one.name, found.silent_seconds)
                    self._restarted[one.name] = self._clock.now(), found.silent_seconds
                    one.last_sign = self._stopwatch()
                    crew.begin_anew(one.name)

    def begin_anew(self, name: str) -> None:
        """Begin a component anew because somebody asked for it.

        Raises
        ------
        NotFound
            There is no such component.
        """
        for crew in self._crews:
            if any(one.name == name for one in crew.members):
                crew.begin_anew(name)
                return
        raise NotFound(f"component {name} is not known")

    def components(self) -> list[Component]:
        """Return how each component is now."""
        return [self._component(crew, one) for crew in self._crews for one in crew.members]

    def problems(self) -> Mapping[tuple[str, str], str]:
        """Return what calls for a person now, by the alert's name and the component."""
        now = self._clock.now()
        found: dict[tuple[str, str], str] = {}
        for name, (at, seconds) in self._restarted.items():
            if now - at < RESTART_TOLD:
                limit = SILENT_SECONDS
                told = f"no sign of life for {seconds:.0f} s, limit {limit:.0f} s beyond its pause"
                found["component_silent", name] = f"{told}; begun anew at {at.isoformat()}"
        for one in self.components():
            if one.errors_a_minute >= ERRORS_A_MINUTE:
                told = f"{one.errors_a_minute} errors in a minute, limit {ERRORS_A_MINUTE}"
                found["component_errors", one.name] = f"{told}: {one.problem}"
        if self.usage.memory_used_ratio >= MEMORY_RATIO:
            used, mine = self.usage.memory_used_ratio, self.usage.resident_bytes // 2**20
            told = f"{used:.0%} of the memory is used, limit {MEMORY_RATIO:.0%}"
            found["memory_high", "memory"] = f"{told}; {mine} MiB by the API"
        return found

    def _component(self, crew: Crew, one: Periodic) -> Component:
        now = self._stopwatch()
        return Component(
            name=one.name,
            seconds=one.seconds + one.jitter_seconds,
            steps=one.steps,
            failures=one.failures,
            errors_a_minute=one.failures_within(60, now),
            silent_seconds=max(0.0, now - one.last_sign),
            restarts=crew.restarts[one.name],
            problem=one.problem,
            succeeded_at=one.succeeded_at,
        )
