"""What a former engine left in the queue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cerberus.engine.kestra.java import Java, java

_OF_TYPE = 'select "value" from "QUEUES" where "type" = ?'


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What the database held before this engine's services began to take from it.

    A job that waits in the queue will be run. One that is submitted and no longer waits was taken
    by a worker which died before it began. An iteration of which a message tells is not told again.
    An execution that a message begins waits in no line, and holds the slots that the message names.
    """

    taken_at: Java
    waiting: frozenset[str]
    told_iterations: frozenset[str]
    told_executions: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, context: Java) -> Self:
        """Read it; call this before the services start."""
        # the bean itself gives connections inside a transaction only
        unwrap = java("io.micronaut.data.connection.jdbc.advice.DelegatingDataSource")
        source = unwrap.unwrapDataSource(context.getBean(java("javax.sql.DataSource")))
        connection = source.getConnection()
        try:
            jobs = [_task_run_of(job) for job in _messages(connection, "worker_job_event")]
            ends = [_execution_of(end) for end in _messages(connection, "loop_execution_event")]
            begun = [_slots_of(one) for one in _messages(connection, "execution")]
        finally:
            connection.close()
        now = java("java.time.Instant").now()
        return cls(now, frozenset(jobs) - {""}, frozenset(ends) - {""}, dict(begun))


def _messages(connection: Java, kind: str) -> list[str]:
    statement = connection.prepareStatement(_OF_TYPE)
    statement.setString(1, kind)
    rows = statement.executeQuery()
    found = []
    while rows.next():
        found.append(str(rows.getString(1)))
    return found


def _task_run_of(job_event: str) -> str:
    try:
        return str(json.loads(job_event)["job"]["taskRun"]["id"])
    except (ValueError, KeyError, TypeError):
        return ""  # a trigger's job


def _execution_of(end: str) -> str:
    try:
        return str(json.loads(end)["executionId"])
    except (ValueError, KeyError, TypeError):
        return ""


def _slots_of(execution: str) -> tuple[str, tuple[str, ...]]:
    try:
        begun = json.loads(execution)
        scopes = (begun.get("metadata") or {}).get("concurrencyScopes")
        return str(begun["id"]), tuple(map(str, scopes or ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ()
