"""Workers of one kind on a real store: one is active, the others take over."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from cerberus.coordination.lease import LeaseKeeper
from cerberus.coordination.worker import TaskWorker
from cerberus.domain.workers import STALE_AFTER, Task, TaskStatus
from cerberus.errors import Conflict, NotTheWriter
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import Blocking

START = datetime(2026, 3, 2, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


async def _nothing() -> None:
    pass


class Staff:
    """Two workers of a kind, and what they have done."""

    def __init__(self, open_store: OpenStore) -> None:
        self.clock = Clock()
        self.store: Blocking = open_store()
        self.done: list[str] = []
        self.meanwhile: Callable[[], Awaitable[None]] = _nothing
        self.gone: set[str] = set()
        self.one, self.two = self.hire("one"), self.hire("two")

    def hire(self, name: str) -> TaskWorker:
        store = self.store.store
        lease = LeaseKeeper(store, self.clock, "counting", name)
        is_gone = self.gone.__contains__
        return TaskWorker(store, self.clock, "counting", lease, {"count": self._count}, is_gone)

    async def _count(self, task: Task) -> str:
        await self.meanwhile()
        if task.subject == "wrong":
            raise Conflict("that cannot be counted")
        self.done.append(task.subject)
        return f"{len(self.done)} so far"

    def ask(self, subject: str, name: str = "count") -> None:
        task = Task(f"task-{subject}", "counting", name, subject, "test", START)
        self.store.write(lambda tx: tx.tasks.add(task))

    def task(self, subject: str) -> Task:
        found = self.store.read(lambda tx: tx.tasks.get(f"task-{subject}"))
        assert found is not None
        return found

    def names(self) -> list[str]:
        return [one.worker_id for one in self.store.read(lambda tx: tx.workers.all())]


@pytest.fixture
def staff(open_store: OpenStore) -> Staff:
    return Staff(open_store)


def test_only_the_active_one_works_oldest_first_and_once(staff: Staff) -> None:
    for subject in ("a", "b"):
        staff.ask(subject)
    asyncio.run(staff.one._lease.beat())
    with pytest.raises(NotTheWriter):
        asyncio.run(staff.two._lease.beat())
    for worker in (staff.one, staff.two):
        asyncio.run(worker.beat())
    asyncio.run(staff.two.work())
    assert staff.done == []
    asyncio.run(staff.one.work())
    asyncio.run(staff.one.work())
    assert staff.done == ["a", "b"]
    assert (staff.task("a").status, staff.task("b").result) == (TaskStatus.DONE, "2 so far")
    asyncio.run(staff.one.beat())
    [first, _] = staff.store.read(lambda tx: tx.workers.all())
    assert (first.worker_id, first.tasks_done, first.registered_at) == ("one", 2, START)


def test_what_fails_or_nobody_knows_is_told_and_not_repeated(staff: Staff) -> None:
    staff.ask("wrong")
    staff.ask("strange", name="dance")
    asyncio.run(staff.one._lease.beat())
    asyncio.run(staff.one.work())
    assert staff.task("wrong").status is TaskStatus.FAILED
    assert staff.task("wrong").result == "that cannot be counted"
    assert staff.task("strange").result == "nobody knows how to do dance"
    assert staff.store.read(lambda tx: tx.tasks.tally()) == {("counting", "failed"): 2}


def test_a_worker_that_gave_no_sign_for_a_minute_is_cleared_and_its_task_done_again(
    staff: Staff,
) -> None:
    staff.ask("a")
    asyncio.run(staff.one.beat())
    asyncio.run(staff.one._lease.beat())
    assert asyncio.run(staff.one._take()) is not None
    staff.clock.at += STALE_AFTER
    asyncio.run(staff.two.beat())
    assert staff.names() == ["one", "two"]
    staff.clock.at += timedelta(seconds=1)
    asyncio.run(staff.two.beat())
    assert staff.names() == ["two"]
    assert staff.task("a").status is TaskStatus.WAITING
    asyncio.run(staff.two._lease.beat())
    asyncio.run(staff.two.work())
    assert (staff.done, staff.task("a").attempts) == (["a"], 2)


def test_what_a_worker_finishes_after_it_lost_its_lease_does_not_count(staff: Staff) -> None:
    async def lose() -> None:
        staff.clock.at += timedelta(seconds=15)
        await staff.two._lease.beat()

    staff.meanwhile = lose
    staff.ask("a")
    asyncio.run(staff.one._lease.beat())
    with pytest.raises(NotTheWriter):
        asyncio.run(staff.one.work())
    assert staff.task("a").status is TaskStatus.TAKEN


def test_a_task_whose_workers_keep_dying_is_given_up(staff: Staff) -> None:
    staff.ask("a")
    for number in range(3):
        name = f"mortal-{number}"
        worker = staff.hire(name)
        staff.clock.at += timedelta(seconds=20)
        asyncio.run(worker.beat())
        asyncio.run(worker._lease.beat())
        assert asyncio.run(worker._take()) is not None
        staff.gone.add(name)
    asyncio.run(staff.two.beat())
    assert staff.task("a").status is TaskStatus.FAILED
    assert staff.task("a").result == "its worker died, 3 times"


def test_who_leaves_hands_its_task_back(staff: Staff) -> None:
    staff.ask("a")
    asyncio.run(staff.one.beat())
    asyncio.run(staff.one._lease.beat())
    asyncio.run(staff.one._take())
    asyncio.run(staff.one.leave())
    assert staff.names() == []
    assert staff.task("a").status is TaskStatus.WAITING
