"""Workers and their tasks, inside one transaction."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from cerberus.adapters.store import tables
from cerberus.adapters.store.rows import Rows
from cerberus.domain.workers import Task, TaskStatus, Worker


class WorkerRows:
    """Workers by id and kind."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = Rows(connection, tables.workers, Worker)

    def get(self, worker_id: str, kind: str) -> Worker | None:
        """Return a worker."""
        return self._rows.one(_is(worker_id, kind))

    def put(self, worker: Worker) -> None:
        """Store or replace a worker."""
        self.remove(worker.worker_id, worker.kind)
        self._connection.execute(insert(tables.workers), asdict(worker))

    def remove(self, worker_id: str, kind: str) -> None:
        """Forget a worker."""
        self._connection.execute(delete(tables.workers).where(_is(worker_id, kind)))

    def all(self) -> list[Worker]:
        """Return every worker."""
        return self._rows.all(newest=False)


class TaskRows(Rows[Task]):
    """Tasks of workers."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, tables.tasks, Task)

    def add(self, task: Task) -> None:
        """Store a new task."""
        self.insert(task)

    def save(self, task: Task) -> None:
        """Store a task's new state."""
        self.update(task)

    def get(self, task_id: str) -> Task | None:
        """Return a task."""
        return self.last_having("task_id", task_id)

    def next(self, kind: str) -> Task | None:
        """Return the oldest task of a kind that waits."""
        columns = tables.tasks.c
        waiting = and_(columns.kind == kind, columns.status == TaskStatus.WAITING)
        found = self.all(waiting, limit=1, newest=False)
        return found[0] if found else None

    def taken_by(self, worker_id: str, kind: str) -> list[Task]:
        """Return the tasks that a worker has in hand."""
        columns = tables.tasks.c
        mine = and_(columns.worker_id == worker_id, columns.kind == kind)
        return self.all(mine, columns.status == TaskStatus.TAKEN)

    def newest(self, limit: int, offset: int) -> tuple[list[Task], int]:
        """Return the newest tasks and the total."""
        return self.page(limit, offset)

    def tally(self) -> Mapping[tuple[str, str], int]:
        """Return how many tasks there are, by kind and status."""
        kind, status = tables.tasks.c.kind, tables.tasks.c.status
        rows = self._connection.execute(select(kind, status, func.count()).group_by(kind, status))
        return {(row[0], str(row[1])): row[2] for row in rows}


def _is(worker_id: str, kind: str) -> ColumnElement[bool]:
    return and_(tables.workers.c.worker_id == worker_id, tables.workers.c.kind == kind)
