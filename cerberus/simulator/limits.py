"""The venue's rate limits: windows per endpoint group, in wall time."""

from dataclasses import dataclass

#: forgotten windows are swept when there are more than this
_SWEEP_AT = 5_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: int


PUBLIC = Limit(200, 10)
PRIVATE = Limit(200, 10)
SPOT_PLACE = Limit(10, 1)
SPOT_CANCEL = Limit(200, 1)
FUTURES_PLACE = Limit(100, 1)
FUTURES_CANCEL = Limit(200, 1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer to one request, and what its headers say."""

    is_allowed: bool
    limit: int
    remaining: int
    reset_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """The venue's three headers."""
        return {
            "X-Gate-RateLimit-Requests-Remain": str(self.remaining),
            "X-Gate-RateLimit-Limit": str(self.limit),
            "X-Gate-RateLimit-Reset-Timestamp": str(self.reset_seconds),
        }


class RateLimits:
    """Counts requests in fixed windows; a refused request does not count."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, int], tuple[int, int]] = {}

    def take(self, group: str, limit: Limit, now_seconds: float) -> Allowance:
        """Count one request against its group."""
        window = int(now_seconds) // limit.seconds
        key = (group, limit.seconds)
        counted_window, count = self._windows.get(key, (window, 0))
        if counted_window != window:
            count = 0
        if count >= limit.requests:
            reset = (window + 1) * limit.seconds
            return Allowance(False, limit.requests, 0, reset)
        self._windows[key] = (window, count + 1)
        if len(self._windows) > _SWEEP_AT:
            self._sweep(int(now_seconds))
        return Allowance(True, limit.requests, limit.requests - count - 1, int(now_seconds))

    def _sweep(self, now: int) -> None:
        self._windows = {
            key: value for key, value in self._windows.items() if value[0] == now // key[1]
        }
