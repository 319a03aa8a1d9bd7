"""`var/data/supervisor.json`: what the watch process sees, for the API, `up` and `status`.

The shape is described in docs/supervisor.md.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cerberus.supervisor.decisions import Health, Phase
from cerberus.supervisor.stack import Limits

VERSION = 1
EVENTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened to a process."""

    number: int
    at: datetime
    process: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The health and the process id of every process, and the last events."""

    updated_at: datetime
    health: dict[str, Health] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    #: line and reason of each flow file that the engine did not take
    broken_flow_files: Mapping[str, str] = field(default_factory=dict)
    #: why each schedule had to be unlocked of late
    stuck_schedules: Mapping[str, str] = field(default_factory=dict)

    @property
    def given_up(self) -> list[str]:
        """Return the names of the processes that are not started any more."""
        return sorted(name for name, item in self.health.items() if item.phase is Phase.GIVEN_UP)

    def with_event(self, at: datetime, process: str, kind: str, detail: str = "") -> "State":
        """Return a state that remembers one event more."""
        number = self.events[-1].number + 1 if self.events else 1
        event = Event(number, at, process, kind, detail)
        return replace(self, events=(*self.events, event)[-EVENTS_KEPT:])


def write(path: Path, state: State, limits: Limits) -> None:
    """Replace the file in one step, so that a reader never sees a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(_to_json(state, limits), indent=1))
    scratch.replace(path)


def read(path: Path) -> State | None:
    """Return what was last written, or nothing when the file is absent or of no use."""
    try:
        return _from_json(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _to_json(state: State, limits: Limits) -> dict[str, object]:
    now = state.updated_at
    return {
        "version": VERSION,
        "updated_at": _time(now),
        "given_up": state.given_up,
        "broken_flow_files": dict(state.broken_flow_files),
        "stuck_schedules": dict(state.stuck_schedules),
        "processes": {
            name: {
                "state": item.phase.value,
                "pid": state.pids.get(name, 0),
                "since": _time(item.since),
                "answered_at": _time(item.answered_at),
                "restarts": item.restarts(now, limits),
                "deaths": [_time(death) for death in item.deaths],
                "last_reason": item.last_reason,
                "given_up": item.phase is Phase.GIVEN_UP,
            }
            for name, item in state.health.items()
        },
        "events": [
            {
                "number": event.number,
                "at": _time(event.at),
                "process": event.process,
                "event": event.kind,
                "detail": event.detail,
            }
            for event in state.events
        ],
    }


def _from_json(found: dict[str, object]) -> State:
    processes, events = found["processes"], found["events"]
    if found["version"] != VERSION or not isinstance(processes, dict):
        raise ValueError(f"version {found['version']} is not {VERSION}")
    if not isinstance(events, list):
        raise TypeError("events is no list")
    health = {
        name: Health(
            name=name,
            phase=Phase(item["state"]),
            since=_parsed(item["since"]),
            answered_at=_parsed(item["answered_at"]),
            deaths=tuple(_parsed(death) for death in item["deaths"]),
            last_reason=item["last_reason"],
        )
        for name, item in processes.items()
    }
    return State(
        updated_at=_parsed(str(found["updated_at"])),
        health=health,
        pids={name: int(item["pid"]) for name, item in processes.items()},
        events=tuple(
            Event(
                item["number"], _parsed(item["at"]), item["process"], item["event"], item["detail"]
            )
            for item in events
        ),
        broken_flow_files=_reasons(found.get("broken_flow_files", {})),
        stuck_schedules=_reasons(found.get("stuck_schedules", {})),
    )


def _reasons(found: object) -> dict[str, str]:
    if not isinstance(found, dict):
        raise TypeError(f"reasons by name were expected, not {found!r}")
    return {str(name): str(reason) for name, reason in found.items()}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)
