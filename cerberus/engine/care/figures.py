"""Figures of this engine that Kestra's own meters do not give."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cerberus.engine.care.database import connection, rows
from cerberus.engine.kestra.beans import TENANT
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java
from cerberus.engine.kestra.paging import Page

#: everybody reads these; they stay until the cleaner takes them and are no backlog
BROADCAST = frozenset(
    {
        "async_operation_processed_event",
        "cluster_event",
        "execution_killed",
        "flow_interface",
        "follow_execution_event",
        "follow_log_event",
        "scheduler_event",
    }
)
_QUEUES = """
    select "type", count(*), datediff(millisecond, min("created"), localtimestamp)
    from "QUEUES" group by "type"
"""
_MOST_TRIGGERS = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a queue, and for how long its oldest message has."""

    messages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ScheduleFigures:
    """How late the latest trigger is, and what is locked."""

    lag_seconds: float = 0.0
    locked: int = 0
    longest_lock_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """All of them at one moment."""

    queues: dict[str, Backlog] = field(default_factory=dict)
    schedules: ScheduleFigures = field(default_factory=ScheduleFigures)
    database_bytes: int = 0


def read_figures(kestra: Kestra, home: Path) -> EngineFigures:
    """Measure; takes some milliseconds."""
    states = kestra.beans.triggers.find(Page(1, _MOST_TRIGGERS).to_java(), TENANT, to_filters(()))
    return EngineFigures(
        _backlogs(kestra.engine.context),
        schedule_figures(states, datetime.now(UTC)),
        sum(path.stat().st_size for path in (home / "h2").glob("*.db")),
    )


def schedule_figures(states: Iterable[Java], now: datetime) -> ScheduleFigures:
    """Return how late triggers are; one that waits for its execution is locked, not late."""
    lags, locks = [0.0], []
    for state in states:
        if state.isDisabled():
            continue
        if state.isLocked():
            locks.append(_seconds_since(state.getUpdatedAt(), now))
        elif state.getNextEvaluationDate() is not None:
            lags.append(_seconds_since(state.getNextEvaluationDate(), now))
    return ScheduleFigures(max(lags), len(locks), max(locks, default=0.0))


def _backlogs(context: Java) -> dict[str, Backlog]:
    with connection(context) as given:
        found = rows(given, _QUEUES)
    return {
        str(kind): Backlog(int(str(messages)), max(0.0, int(str(waited)) / 1000))
        for kind, messages, waited in found
        if str(kind) not in BROADCAST
    }


def _seconds_since(instant: Java, now: datetime) -> float:
    return now.timestamp() - int(instant.toEpochMilli()) / 1000 if instant is not None else 0.0
