"""Workers and the tasks that they take: one worker of a kind is active, the others stand by."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

#: a worker that has given no sign of life for so long is gone
STALE_AFTER = timedelta(seconds=60)
#: a task whose worker died is taken so often at most
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that can do tasks of a kind."""

    worker_id: str
    kind: str
    registered_at: datetime
    beat_at: datetime
    tasks_done: int = 0
    tasks_failed: int = 0

    def is_stale_at(self, now: datetime) -> bool:
        """Return whether its last sign of life is too old."""
        return now - self.beat_at > STALE_AFTER


class TaskStatus(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of it."""
        return self in (TaskStatus.DONE, TaskStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done once by whichever worker of a kind is active."""

    task_id: str
    kind: str
    name: str
    subject: str
    asked_by: str
    created_at: datetime
    status: TaskStatus = TaskStatus.WAITING
    attempts: int = 0
    worker_id: str | None = None
    #: that of the lease under which it was taken: a later owner's is higher
    token: int | None = None
    finished_at: datetime | None = None
    result: str = ""

    def taken(self, worker_id: str, token: int) -> "Task":
        """Return it in the hands of a worker."""
        return replace(
            self,
            status=TaskStatus.TAKEN,
            attempts=self.attempts + 1,
            worker_id=worker_id,
            token=token,
        )

    def is_held_by(self, worker_id: str, token: int) -> bool:
        """Return whether a worker still has it, under this token."""
        held = (self.status, self.worker_id, self.token)
        return held == (TaskStatus.TAKEN, worker_id, token)

    def finished(self, status: TaskStatus, result: str, now: datetime) -> "Task":
        """Return it with its end."""
        return replace(self, status=status, result=result[:1000], finished_at=now)

    def dropped(self, now: datetime) -> "Task":
        """Return it after its worker's death: to be taken again, or given up."""
        if self.attempts >= ATTEMPTS:
            return self.finished(TaskStatus.FAILED, f"its worker died, {self.attempts} times", now)
        return replace(self, status=TaskStatus.WAITING, worker_id=None, token=None)
