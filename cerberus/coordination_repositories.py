"""The repositories by which processes agree, in domain words."""

from collections.abc import Mapping
from typing import Protocol

from cerberus.domain.leases import Lease
from cerberus.domain.workers import Task, Worker


class Leases(Protocol):
    """Leases by name."""

    def get(self, name: str) -> Lease | None:
        """Return a lease as it was left last."""
        ...

    def put(self, lease: Lease, /) -> None:
        """Store or replace a lease."""
        ...

    def all(self) -> list[Lease]:
        """Return every lease, by name."""
        ...


class Workers(Protocol):
    """Workers by id and kind."""

    def get(self, worker_id: str, kind: str) -> Worker | None:
        """Return a worker."""
        ...

    def put(self, worker: Worker, /) -> None:
        """Store or replace a worker."""
        ...

    def remove(self, worker_id: str, kind: str) -> None:
        """Forget a worker."""
        ...

    def all(self) -> list[Worker]:
        """Return every worker."""
        ...


class Tasks(Protocol):
    """Tasks of workers."""

    def add(self, task: Task, /) -> None:
        """Store a new task."""
        ...

    def save(self, task: Task, /) -> None:
        """Store a task's new state."""
        ...

    def get(self, task_id: str) -> Task | None:
        """Return a task."""
        ...

    def next(self, kind: str) -> Task | None:
        """Return the oldest task of a kind that waits."""
        ...

    def taken_by(self, worker_id: str, kind: str) -> list[Task]:
        """Return the tasks that a worker has in hand."""
        ...

    def newest(self, limit: int, offset: int) -> tuple[list[Task], int]:
        """Return the newest tasks and the total."""
        ...

    def tally(self) -> Mapping[tuple[str, str], int]:
        """Return how many tasks there are, by kind and status."""
        ...
