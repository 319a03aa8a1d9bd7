"""A worker: registered, alive by its heartbeat, and at work while it has the lease of its kind."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from cerberus.coordination.lease import LeaseKeeper
from cerberus.domain.workers import Task, TaskStatus, Worker
from cerberus.errors import CerberusError, Conflict, NotTheWriter, StoreFailed
from cerberus.ports import Clock, Store, Transaction

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
LOOK_SECONDS = 2.0

Handler = Callable[[Task], Awaitable[str]]


class TaskWorker:
    """One worker of a kind.

    Many may stand by; the one that has the lease takes tasks, one at a time. A task is taken and
    finished under the lease's token: what a worker finishes that has lost it counts for nothing,
    and the next one does it again. So handlers must be right to repeat.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        kind: str,
        lease: LeaseKeeper,
        handlers: Mapping[str, Handler],
        is_gone: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.kind, self.worker_id = kind, lease.owner
        self._store, self._clock, self._lease = store, clock, lease
        self._handlers, self._is_gone = handlers, is_gone
        self._done = self._failed = 0

    async def beat(self) -> None:
        """Register, or give a sign of life; clear away whoever gave none, and free his tasks."""
        now = self._clock.now()

        def store(transaction: Transaction) -> None:
            for other in transaction.workers.all():
                if other.worker_id != self.worker_id and self._has_gone(other):
                    log.warning("worker_gone kind=%s worker_id=%s", other.kind, other.worker_id)
                    _forget(transaction, other, self._clock)
            known = transaction.workers.get(self.worker_id, self.kind)
            registered_at = now if known is None else known.registered_at
            me = Worker(self.worker_id, self.kind, registered_at, now, self._done, self._failed)
            transaction.workers.put(me)

        await self._store.write(store)

    async def work(self) -> None:
        """Do every task that waits, while the lease is ours."""
        while self._lease.token and (task := await self._take()) is not None:
            await self._finish(task, *await self._carry_out(task))

    async def leave(self) -> None:
        """Sign off; a task that is under way is left to the next worker."""

        def remove(transaction: Transaction) -> None:
            me = transaction.workers.get(self.worker_id, self.kind)
            if me is not None:
                _forget(transaction, me, self._clock)

        await self._store.write(remove)

    def _has_gone(self, other: Worker) -> bool:
        return other.is_stale_at(self._clock.now()) or self._is_gone(other.worker_id)

    async def _take(self) -> Task | None:
        if await self._store.read(lambda tx: tx.tasks.next(self.kind)) is None:
            return None  # so that looking costs no commit

        def take(transaction: Transaction) -> Task | None:
            token = self._lease.check(transaction).token
            waiting = transaction.tasks.next(self.kind)
            if waiting is None:
                return None
            taken = waiting.taken(self.worker_id, token)
            transaction.tasks.save(taken)
            return taken

        return await self._store.write(take)

    async def _carry_out(self, task: Task) -> tuple[TaskStatus, str]:
        handler = self._handlers.get(task.name)
        if handler is None:
            return TaskStatus.FAILED, f"nobody knows how to do {task.name}"
        try:
            return TaskStatus.DONE, await handler(task)
        except (StoreFailed, NotTheWriter):
            raise  # it stays taken, and is done again
        except CerberusError as error:
            return TaskStatus.FAILED, str(error)

    async def _finish(self, task: Task, status: TaskStatus, result: str) -> None:
        now, token = self._clock.now(), task.token or 0

        def store(transaction: Transaction) -> None:
            self._lease.check(transaction)
            present = transaction.tasks.get(task.task_id)
            if present is None or not present.is_held_by(self.worker_id, token):
                raise Conflict(f"task {task.task_id} was given to another worker")
            transaction.tasks.save(present.finished(status, result, now))

        await self._store.write(store)
        self._done += status is TaskStatus.DONE
        self._failed += status is TaskStatus.FAILED


def _forget(transaction: Transaction, worker: Worker, clock: Clock) -> None:
    for task in transaction.tasks.taken_by(worker.worker_id, worker.kind):
        transaction.tasks.save(task.dropped(clock.now()))
    transaction.workers.remove(worker.worker_id, worker.kind)
