"""What any process on the store may ask the one that trades to do."""

from collections.abc import Mapping

from cerberus.coordination.worker import Handler
from cerberus.domain.workers import Task
from cerberus.errors import Conflict, Invalid, NotFound
from cerberus.ids import new_id
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.reconcile import reconcile
from cerberus.services.standing import TRADING

RECONCILE, RESTART = "reconcile", "restart_component"
#: the loop that does the tasks: it would end itself before the task is done
TASK_LOOP = "tasks"


async def ask(desk: Desk, name: str, subject: str, actor: str) -> Task:
    """Leave a task to the worker that trades, and return it.

    Raises
    ------
    Invalid
        The task needs a component's name and has none, or an unknown one.
    """
    if name == RESTART:
        known = {one.name for one in desk.monitor.components()} if desk.monitor else set()
        if subject not in known - {TASK_LOOP}:
            allowed = ", ".join(sorted(known - {TASK_LOOP}))
            raise Invalid("subject", f"must be one of {allowed}, was {subject!r}")
    now = desk.wall_clock.now()
    task = Task(new_id(), TRADING, name, subject, actor, now)

    def add(transaction: Transaction) -> None:
        transaction.tasks.add(task)
        transaction.facts.note(now, actor, "task_asked", task.task_id, f"{name} {subject}".strip())

    await desk.store.write(add)
    return task


async def find_task(desk: Desk, task_id: str) -> Task:
    """Return a task.

    Raises
    ------
    NotFound
        There is none with this id.
    """
    task = await desk.store.read(lambda transaction: transaction.tasks.get(task_id))
    if task is None:
        raise NotFound(f"task {task_id} is not known")
    return task


def handlers(desk: Desk) -> Mapping[str, Handler]:
    """Return what the worker that trades knows how to do; each is right to repeat."""

    async def compare(_: Task) -> str:
        desk.ensure_open()
        report = await reconcile(desk)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in report.counts().items())
        return f"{counts or 'nothing to compare'}; {len(report.unsettled)} unsettled"

    async def restart(task: Task) -> str:
        if desk.monitor is None or task.subject == TASK_LOOP:
            raise Conflict(f"{task.subject} cannot be begun anew")
        desk.monitor.begin_anew(task.subject)
        return f"{task.subject} was begun anew"

    return {RECONCILE: compare, RESTART: restart}
