"""What the venue was asked, and when each call came: for tests that look at order and pace."""

from collections import deque

from cerberus.simulator.messages import Incoming

#: older calls are forgotten
_KEPT = 20_000


class CallLog:
    """The newest calls of every wire, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[tuple[int, str, str]] = deque(maxlen=_KEPT)

    def note(self, at_ms: int, incoming: Incoming) -> None:
        """Keep a call as it came, before any delay or fault."""
        self._calls.append((at_ms, incoming.method, incoming.target))

    def clear(self) -> None:
        """Forget all of them."""
        self._calls.clear()

    def told(self) -> list[dict[str, object]]:
        """Return the calls; `at_ms` is wall time."""
        return [
            {"at_ms": at_ms, "method": method, "target": target}
            for at_ms, method, target in self._calls
        ]
