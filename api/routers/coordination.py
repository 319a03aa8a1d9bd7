"""Who works on this store, what the parts of this process do, and tasks for the one that trades."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import Caller, Limit, Offset, TheDesk, TheRuntime
from api.idempotency import IdempotentRoute
from api.schemas import Identifier, Input
from api.views import View
from cerberus.domain.leases import Lease
from cerberus.domain.workers import Worker
from cerberus.ports import Transaction
from cerberus.services.tasks import ask, find_task

router = APIRouter(prefix="/api/system", tags=["system"], route_class=IdempotentRoute)


class WorkerOut(View):
    """A process that is registered for a kind of work; the active one has the kind's lease."""

    worker_id: str
    kind: str
    is_active: bool
    registered_at: datetime
    beat_at: datetime
    silent_seconds: float
    tasks_done: int
    tasks_failed: int


class LeaseOut(View):
    """Who alone may do something, until when; every new owner has a higher token."""

    name: str
    token: int
    owner: str
    taken_at: datetime
    renewed_at: datetime
    expires_at: datetime


class WorkersOut(BaseModel):
    """Workers, leases, and how many tasks there are by kind and status."""

    workers: list[WorkerOut]
    leases: list[LeaseOut]
    tasks: dict[str, dict[str, int]]


class UsageOut(View):
    """What the process uses; the ratio is that of the machine, or of the container's limit."""

    cpu_percent: float
    resident_bytes: int
    memory_used_ratio: float
    threads: int


class ComponentOut(View):
    """One loop of the process."""

    name: str
    seconds: float
    steps: int
    failures: int
    errors_a_minute: int
    silent_seconds: float
    is_silent: bool
    restarts: int
    problem: str
    succeeded_at: datetime | None


class MonitorOut(BaseModel):
    """The process and its parts."""

    usage: UsageOut
    components: list[ComponentOut]


class TaskIn(Input):
    """What the process that trades is to do; a restart names its component."""

    name: Literal["reconcile", "restart_component"]
    subject: Annotated[str, Field(max_length=64, examples=["follow"])] = ""


class TaskOut(View):
    """A task, and what became of it."""

    task_id: str
    kind: str
    name: str
    subject: str
    asked_by: str
    created_at: datetime
    status: str
    attempts: int
    worker_id: str | None
    finished_at: datetime | None
    result: str


class TasksOut(BaseModel):
    """One page of tasks, newest first."""

    tasks: list[TaskOut]
    total: int


@router.get("/workers")
async def workers(_: Caller, desk: TheDesk) -> WorkersOut:
    """List who works on this store, the leases, and the tasks by status."""
    now = desk.wall_clock.now()

    def read(transaction: Transaction) -> WorkersOut:
        leases = transaction.leases.all()
        tasks: dict[str, dict[str, int]] = {}
        for (kind, status), count in transaction.tasks.tally().items():
            tasks.setdefault(kind, {})[status] = count
        return WorkersOut(
            workers=[_worker(one, leases, now) for one in transaction.workers.all()],
            leases=[LeaseOut.model_validate(one) for one in leases],
            tasks=tasks,
        )

    return await desk.store.read(read)


@router.get("/monitor")
async def monitor(_: Caller, runtime: TheRuntime) -> MonitorOut:
    """Tell what this process uses, and how each of its loops is."""
    found = runtime.monitor
    return MonitorOut(
        usage=UsageOut.model_validate(found.usage),
        components=[ComponentOut.model_validate(one) for one in found.components()],
    )


@router.post("/tasks", status_code=202)
async def ask_for_task(role: Caller, desk: TheDesk, body: TaskIn) -> TaskOut:
    """Leave a task to the process that trades; it may be asked for at any other one."""
    return TaskOut.model_validate(await ask(desk, body.name, body.subject, role))


@router.get("/tasks")
async def tasks(_: Caller, desk: TheDesk, limit: Limit = 50, offset: Offset = 0) -> TasksOut:
    """List tasks, newest first."""
    found, total = await desk.store.read(lambda tx: tx.tasks.newest(limit, offset))
    return TasksOut(tasks=[TaskOut.model_validate(one) for one in found], total=total)


@router.get("/tasks/{task_id}")
async def task(_: Caller, desk: TheDesk, task_id: Identifier) -> TaskOut:
    """Return one task."""
    return TaskOut.model_validate(await find_task(desk, task_id))


def _worker(worker: Worker, leases: list[Lease], now: datetime) -> WorkerOut:
    active = [one for one in leases if one.name == worker.kind and not one.is_over_at(now)]
    return WorkerOut(
        worker_id=worker.worker_id,
        kind=worker.kind,
        is_active=any(one.owner == worker.worker_id for one in active),
        registered_at=worker.registered_at,
        beat_at=worker.beat_at,
        silent_seconds=max(0.0, (now - worker.beat_at).total_seconds()),
        tasks_done=worker.tasks_done,
        tasks_failed=worker.tasks_failed,
    )
