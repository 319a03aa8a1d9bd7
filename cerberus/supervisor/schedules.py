"""A watchdog for the engine's schedules, outside the engine: what hangs in there cannot stop it.

A schedule is stuck when it waits for an execution that has ended or never was, when its lock has no
execution at all, or when its time has passed and nothing was started. Seen twice, it is unlocked.
"""

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import quote, urlsplit

LOOK_SECONDS = 30.0
#: a busy engine may need some seconds; a trigger that asks a URL may take its ten minutes
LATE_SECONDS = 60.0
EVALUATION_SECONDS = 900.0
#: one that was unlocked and is stuck again is told, not unlocked every minute
AGAIN_SECONDS = 600.0

_TIMEOUT_SECONDS = 3.0
_PAGE = 1000
_LONGEST_REASON = 500
_BASE = "/api/v1/main"
#: an answer as it was parsed; what does not fit is a KeyError or TypeError, caught with the others
_Json: TypeAlias = Mapping[str, Any]
_ENDED = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})


class Trigger(NamedTuple):
    """The state of one trigger."""

    namespace: str
    flow: str
    id: str
    disabled: bool
    locked: bool
    updated_at: datetime | None
    next_at: datetime | None
    execution: str | None

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.namespace}.{self.flow}.{self.id}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Unlocked:
    """A schedule that had to be unlocked, and how often it was stuck again since."""

    at: datetime
    told_at: datetime
    reason: str
    times: int

    def is_fresh(self, now: datetime) -> bool:
        return now - self.at < timedelta(seconds=AGAIN_SECONDS)

    @property
    def line(self) -> str:
        return f"{self.reason}; unlocked {self.times} times, last at {self.at:%H:%M:%S} UTC"


class Engine(Protocol):
    """What is asked of the engine; it raises `OSError` or `ValueError` when it cannot answer."""

    def triggers(self) -> list[Trigger]:
        """Return every trigger."""

    def has_ended(self, execution: str) -> bool:
        """Tell whether an execution is over, or was never there."""

    def unlock(self, trigger: Trigger) -> None:
        """Let a trigger go on."""


class ScheduleWatchdog:
    """Looks at all triggers from time to time and frees those that are stuck."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looked_at: datetime | None = None
        self._suspects: set[str] = set()
        self._unlocked: dict[str, _Unlocked] = {}

    def unlocked(self, now: datetime) -> dict[str, str]:
        """Return what had to be unlocked in the last ten minutes, each with the reason."""
        return {name: one.line for name, one in self._unlocked.items() if one.is_fresh(now)}

    def look(self, now: datetime) -> list[Finding]:
        """Look, unless it was only a moment ago; return what is to be told."""
        if self._looked_at and now - self._looked_at < timedelta(seconds=LOOK_SECONDS):
            return []
        self._looked_at = now
        try:
            return list(self._free(now))
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
            # whether it answers at all is watched elsewhere
            self._suspects.clear()
            return []

    def _free(self, now: datetime) -> Iterator[Finding]:
        stuck = {
            trigger.name: (trigger, reason)
            for trigger in self._engine.triggers()
            if (reason := self._reason(trigger, now)) is not None
        }
        for name, (trigger, reason) in stuck.items():
            if name not in self._suspects:
                continue
            before = self._unlocked.get(name)
            self._engine.unlock(trigger)
            if before is None or not before.is_fresh(now):
                self._unlocked[name] = _Unlocked(now, now, reason, 1)
                yield Finding("schedule_unlocked", f"{name}: {reason}")
            elif now - before.told_at >= timedelta(seconds=AGAIN_SECONDS):
                self._unlocked[name] = _Unlocked(now, now, reason, before.times + 1)
                yield Finding("schedule_stuck_again", f"{name}: {reason}")
            else:
                self._unlocked[name] = _Unlocked(now, before.told_at, reason, before.times + 1)
        self._suspects = set(stuck)

    def _reason(self, trigger: Trigger, now: datetime) -> str | None:
        if trigger.disabled:
            return None
        if not trigger.locked:
            late = _seconds(trigger.next_at, now)
            return f"it is {late:.0f} s late" if late > LATE_SECONDS else None
        if trigger.execution is not None:
            if self._engine.has_ended(trigger.execution):
                return f"it waits for execution {trigger.execution}, which is over"
            return None
        held = _seconds(trigger.updated_at, now)
        return f"it has been locked for {held:.0f} s" if held > EVALUATION_SECONDS else None


class EngineOverHttp:
    """The engine's REST API; the password is read from its file each time."""

    def __init__(self, url: str, username: str, password_file: Path) -> None:
        self._url = urlsplit(url)
        self._username = username
        self._password_file = password_file

    def triggers(self) -> list[Trigger]:
        """Return every trigger."""
        _, found = self._call("GET", f"/triggers/search?size={_PAGE}")
        return [_trigger(each["state"]) for each in found["results"]]

    def has_ended(self, execution: str) -> bool:
        """Tell whether an execution is over, or was never there."""
        status, found = self._call("GET", f"/executions/{quote(execution, safe='')}")
        return status == 404 or found["state"]["current"] in _ENDED

    def unlock(self, trigger: Trigger) -> None:
        """Let a trigger go on."""
        names = "/".join(quote(part, safe="") for part in trigger[:3])
        self._call("POST", f"/triggers/{names}/unlock")

    def broken_flow_files(self) -> dict[str, str]:
        """Return the flow files that the engine did not take, each with line and reason."""
        _, found = self._call("GET", "/engine/flow-files", base="")
        return {
            str(each["file"]): _one_line(f"line {each.get('line', 1)}: {each.get('reason', '')}")
            for each in reversed(found)  # the first of a file's reports wins
            if each["outcome"] == "broken"
        }

    def _call(self, method: str, path: str, base: str = _BASE) -> tuple[int, Any]:
        pair = f"{self._username}:{self._password_file.read_text().strip()}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        host, port = self._url.hostname or "", self._url.port
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, base + path, headers=headers)
            answer = connection.getresponse()
            found = json.loads(answer.read() or b"{}")
        finally:
            connection.close()
        if answer.status >= 400 and answer.status != 404:
            raise ValueError(f"{method} {path} gave {answer.status}")
        return answer.status, found


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_REASON]


def _trigger(state: _Json) -> Trigger:
    return Trigger(
        str(state["namespace"]),
        str(state["flowId"]),
        str(state["triggerId"]),
        bool(state.get("disabled", False)),
        bool(state.get("locked", False)),
        _time(state.get("updatedAt")),
        _time(state.get("nextEvaluationDate")),
        state.get("executionId"),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _seconds(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
