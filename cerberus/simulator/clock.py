"""Market time: a pure function of wall time, a stored anchor and the speed."""

from dataclasses import dataclass
from decimal import Decimal

MINUTE_MS = 60_000

#: the data is moved in time by a multiple of this, so that candles up to it keep their content
ALIGNMENT_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Anchor:
    """Ties market time to wall time, and the data to market time.

    `first_minute` is the minute of market time (since the epoch) at which bar 0 first plays.
    """

    dataset: str
    first_minute: int
    wall_ms: int
    market_ms: int
    speed: Decimal

    def market_time(self, wall_ms: int) -> int:
        """Return market time in milliseconds; it never runs backwards past the anchor."""
        elapsed = max(0, wall_ms - self.wall_ms)
        return self.market_ms + int(elapsed * self.speed)

    def at_speed(self, speed: Decimal, wall_ms: int) -> "Anchor":
        """Return the anchor from which market time goes on at another speed."""
        if speed == self.speed:
            return self
        return Anchor(self.dataset, self.first_minute, wall_ms, self.market_time(wall_ms), speed)


def new_anchor(dataset: str, start_bar: int, speed: Decimal, wall_ms: int) -> Anchor:
    """Tie the data to now: bar `start_bar`, or one at most 14 later, is the open one."""
    minute = wall_ms // MINUTE_MS
    first_minute = minute - minute % ALIGNMENT_MINUTES - start_bar
    return Anchor(dataset, first_minute, wall_ms, wall_ms, speed)
