"""Tell people that the API was given up: it cannot, and Kestra may be dead too."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from cerberus.supervisor.decisions import Health
from cerberus.supervisor.stack import Stack

#: how long to wait until it is tried again
PAUSE = timedelta(minutes=1)
#: what a process returns once somebody was told, and when nobody can be: the rules are wrong
_SETTLED = (0, 78)
_API = "api"

Start = Callable[[list[str], dict[str, str]], "subprocess.Popen[bytes]"]


def _start(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    # what it says goes to the watch's log; standard output belongs to supervisord's protocol
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


class DirectLine:
    """One alert at a time, by a process of its own, so that the watch never waits for a vendor."""

    def __init__(self, stack: Stack, start: Start = _start) -> None:
        self._stack = stack
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._tried_at: datetime | None = None
        self._given_up_at: datetime | None = None

    def look(self, health: Health, now: datetime, *, is_given_up: bool) -> None:
        """Tell of an API that was given up until somebody has heard of it, once each time."""
        if health.name != _API:
            return
        if not is_given_up:
            self._given_up_at, self._process = None, None
            return
        self._given_up_at = self._given_up_at or health.since
        if self._process is None or self._is_to_be_tried_again(now):
            self._tell(health, self._given_up_at, now)

    def _is_to_be_tried_again(self, now: datetime) -> bool:
        code = None if self._process is None else self._process.poll()
        is_over = code is not None and code not in _SETTLED
        return is_over and self._tried_at is not None and now - self._tried_at >= PAUSE

    def _tell(self, health: Health, given_up_at: datetime, now: datetime) -> None:
        self._tried_at = now
        file = self._stack.run / "alert.json"
        file.write_text(json.dumps(_alert(health, given_up_at)))
        self._process = self._start(
            [sys.executable, "-m", "api.tell_directly", str(file)], self._environment()
        )

    def _environment(self) -> dict[str, str]:
        where = {"CERBERUS_ROOT": str(self._stack.root), "CERBERUS_VAR": str(self._stack.var)}
        return {**os.environ, **where}


def _alert(health: Health, given_up_at: datetime) -> dict[str, str]:
    """Return what `POST /api/alerts` would take; the same giving up has the same id."""
    return {
        "id": f"given-up-{health.name}-{given_up_at:%Y%m%dT%H%M%S%f}",
        "name": "given_up",
        "level": "CRITICAL",
        "title": f"the supervisor has given up on {health.name}",
        "message": f"{health.last_reason}; nothing is traded, and exits at the venue stay. "
        "See: cerberus status; close everything without it: cerberus emergency-stop --direct",
        "source": "cerberus.supervisor",
        "fingerprint": health.name,
    }
