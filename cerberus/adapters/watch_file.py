"""What the supervisor tells of the processes, as docs/supervisor.md describes its file."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

#: a watch process writes every 5 seconds; one that has not for so long is gone
STALE_AFTER = timedelta(seconds=30)


class WatchFile:
    """The supervisor's file; its absence says that nothing was started by `scripts/up`."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now

    def given_up(self) -> str:
        """Return why entries are blocked: a process that is not started again; else empty."""
        told = self._told().get("given_up")
        gone = [str(name) for name in told] if isinstance(told, list) else []
        return f"the supervisor has given up on {', '.join(gone)}" if gone else ""

    def broken_flow_files(self) -> dict[str, str]:
        """Return the flow files that the engine did not take, each with line and reason."""
        return self._reasons("broken_flow_files")

    def stuck_schedules(self) -> dict[str, str]:
        """Return the schedules of the engine that had to be unlocked of late, each with why."""
        return self._reasons("stuck_schedules")

    def problem(self) -> str:
        """Return what is wrong with the watching itself; empty when it goes on, or never began."""
        told = self._told().get("updated_at")
        if told is None:
            return ""
        try:
            age = self._now() - datetime.fromisoformat(str(told))
        except (ValueError, TypeError):
            return f"the supervisor's file tells no time, was {told}"
        if age <= STALE_AFTER:
            return ""
        seconds, limit = age.total_seconds(), STALE_AFTER.total_seconds()
        return f"nobody watches: the supervisor wrote {seconds:.0f} s ago, limit {limit:.0f} s"

    def _reasons(self, field: str) -> dict[str, str]:
        told = self._told().get(field)
        found = told if isinstance(told, dict) else {}
        return {str(name): str(reason) for name, reason in found.items()}

    def _told(self) -> dict[str, object]:
        try:
            told = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}
