"""What a former engine left in the queue."""

import json
from dataclasses import dataclass
from typing import Self

from cerberus.engine.kestra.java import Java, java

_JOBS = """select "value" from "QUEUES" where "type" = 'worker_job_event'"""


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What the database held before this engine's services began to take from it.

    A job that waits in the queue will be run. One that is submitted and no longer waits was taken
    by a worker which died before it began.
    """

    taken_at: Java
    waiting: frozenset[str]

    @classmethod
    def read(cls, context: Java) -> Self:
        """Read it; call this before the services start."""
        # the bean itself gives connections inside a transaction only
        unwrap = java("io.micronaut.data.connection.jdbc.advice.DelegatingDataSource")
        source = unwrap.unwrapDataSource(context.getBean(java("javax.sql.DataSource")))
        connection = source.getConnection()
        try:
            rows = connection.createStatement().executeQuery(_JOBS)
            waiting = set()
            while rows.next():
                waiting.add(_task_run_of(str(rows.getString(1))))
        finally:
            connection.close()
        return cls(java("java.time.Instant").now(), frozenset(waiting) - {""})


def _task_run_of(job_event: str) -> str:
    try:
        return str(json.loads(job_event)["job"]["taskRun"]["id"])
    except (ValueError, KeyError, TypeError):
        return ""  # a trigger's job
