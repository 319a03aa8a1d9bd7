"""An exact sliding window: never more than so much weight in any stretch of so many seconds."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class SlidingWindow:
    """Counts weights; time is passed in and never goes back, a wait is returned, not slept."""

    limit: int
    seconds: float
    used: int = 0
    _taken: deque[tuple[float, int]] = field(default_factory=deque)

    def take(self, now: float, weight: int = 1) -> float:
        """Count a call that fits and return 0; else count nothing and return the wait."""
        taken = self._taken
        if taken and taken[0][0] <= now - self.seconds:
            self.forget(now)
        excess = self.used + weight - self.limit
        if excess > 0:
            if taken and taken[0][1] >= excess:  # the common case, without a walk
                return taken[0][0] + self.seconds - now
            return self._wait(now, weight, self.limit)
        taken.append((now, weight))
        self.used += weight
        return 0.0

    def wait(self, now: float, weight: int, most: int) -> float:
        """Return how long a call has to wait to find no more than `most` used with itself."""
        self.forget(now)
        return self._wait(now, weight, most)

    def count(self, now: float, weight: int) -> None:
        """Count a call, whether it fits or not."""
        self._taken.append((now, weight))
        self.used += weight

    def forget(self, now: float) -> None:
        """Leave out what the window no longer covers."""
        taken, over = self._taken, now - self.seconds
        while taken and taken[0][0] <= over:
            self.used -= taken.popleft()[1]

    def _wait(self, now: float, weight: int, most: int) -> float:
        excess = self.used + weight - most
        if excess <= 0:
            return 0.0
        for at, taken in self._taken:
            excess -= taken
            if excess <= 0:
                return max(0.0, at + self.seconds - now)
        return float("inf")  # heavier than the whole budget
