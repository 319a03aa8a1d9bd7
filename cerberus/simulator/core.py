"""The venue without a wire: market time passes, changes are committed whole or not at all."""

import logging
from collections.abc import Callable
from typing import TypeVar

from cerberus.simulator.engine import advance
from cerberus.simulator.store import AnyRecord
from cerberus.simulator.venue import Venue

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Core:
    """Every wire's way to the venue; `wall` returns seconds since the epoch."""

    def __init__(self, venue: Venue, wall: Callable[[], float]) -> None:
        self.venue = venue
        self.wall = wall
        self.listeners: list[Callable[[tuple[AnyRecord, ...]], None]] = []

    def wall_ms(self) -> int:
        """Return wall time in milliseconds."""
        return int(self.wall() * 1000)

    def catch_up(self) -> None:
        """Let market time pass up to now and write what happened."""
        repetition = self.venue.feed.repetition(self.venue.now_ms)
        target = self.venue.anchor.market_time(self.wall_ms())
        self.change(lambda venue: advance(venue, target))
        if self.venue.feed.repetition(self.venue.now_ms) != repetition:
            _log.warning("the data has been played to its end and starts again, scaled")

    def change(self, action: Callable[[Venue], Result]) -> Result:
        """Do something with the venue and commit it, or leave everything as it was."""
        state = self.venue.state
        point = state.checkpoint()
        try:
            result = action(self.venue)
            records = state.unsaved()
            state.save(self.venue.store)
        except BaseException:
            state.restore(point)
            raise
        if records:
            for listen in self.listeners:
                listen(records)
        return result
