import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cerberus.resilience.ledger import Budget, Charge, MemoryLedger
from cerberus.resilience.shared_ledger import Answer, LedgerGone, SharedLedger

BUDGET = Budget("orders", 20, 4.0)


class World:
    """A clock, a remote ledger that can be gone or forget, and three processes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.is_up = True
        self.epoch = 0
        self.store = MemoryLedger(lambda: self.now)
        self.seen: dict[str, float] = {}
        self.processes = [
            SharedLedger(_View(self, str(number)), 3, lambda: self.now) for number in range(3)
        ]
        self.gone: list[tuple[float, int]] = []

    def lose_memory(self) -> None:
        self.store, self.epoch = MemoryLedger(lambda: self.now), self.epoch + 1

    async def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.25
            if self.now % 1 == 0:
                for process in self.processes:
                    await process.beat()

    async def call(self, process: int, weight: int = 1, *, urgent: bool = False) -> float:
        charge = Charge(BUDGET, weight)
        wait = await self.processes[process].take([charge], (), urgent=urgent)
        if wait == 0:
            self.gone.append((self.now, weight))
        return wait

    async def settle(self) -> None:
        await self.advance(1.0)
        for process in range(3):
            await self.call(process)

    def most_in_a_window(self) -> int:
        starts = {at for at, _ in self.gone}
        span = BUDGET.seconds
        return max(
            (sum(w for at, w in self.gone if start <= at < start + span) for start in starts),
            default=0,
        )


class _View:
    def __init__(self, world: World, name: str) -> None:
        self._world, self._name = world, name

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> Answer:
        answer = await self.look(())
        wait = await self._world.store.take(charges, scopes, urgent=urgent)
        return Answer(wait, answer.processes, answer.epoch)

    async def look(self, budgets: Sequence[Budget]) -> Answer:
        world = self._world
        if not world.is_up:
            raise LedgerGone("connection refused")
        world.seen[self._name] = world.now
        used = {one.name: one.used for one in await world.store.usage()}
        counts = tuple(used.get(budget.name, 0) for budget in budgets)
        return Answer(0.0, len(world.seen), str(world.epoch), counts)

    async def rest(self, scope: str, seconds: float) -> None:
        await self.look(())
        await self._world.store.rest(scope, seconds)

    async def close(self) -> None:
        pass


@pytest.fixture
async def world() -> World:
    made = World()
    await made.settle()
    await made.advance(8.0)
    return made


async def test_several_processes_spend_one_budget(world: World) -> None:
    waits = [await world.call(number % 3) for number in range(19)]
    assert waits.count(0.0) == 18
    assert [one.used for one in await world.processes[1].usage()] == [18]
    assert await world.call(2, urgent=True) == 0


async def test_within_the_first_window_of_a_loss_only_cancels_go(world: World) -> None:
    world.is_up = False
    assert await world.call(0) == 4.0
    assert [await world.call(0, urgent=True) for _ in range(2)] == [4.0, 4.0]  # 2 kept, for 3
    assert world.processes[0].state == "alone"


async def test_then_each_has_its_share_of_the_budget(world: World) -> None:
    world.is_up = False
    await world.call(0)
    await world.advance(4.0)

    waits = [await world.call(0) for _ in range(20)]

    assert waits.count(0.0) == 5  # a third of 20, less what is kept for cancels
    assert await world.call(0, urgent=True) == 0
    assert [(one.limit, one.used) for one in await world.processes[0].usage()] == [(6, 6)]


async def test_it_is_told_once_when_it_goes_and_once_when_it_returns(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    world.processes = world.processes[:1]
    world.is_up = False
    await world.advance(5.0)
    await world.call(0)
    world.is_up = True
    await world.advance(10.0)

    told = [one.getMessage().split()[0] for one in caplog.records]
    assert told == ["ledger_gone", "ledger_returned"]
    assert world.processes[0].state == "shared"


async def test_a_ledger_that_has_forgotten_is_not_gone_by(world: World) -> None:
    for _ in range(18):
        assert await world.call(0) == 0
    world.lose_memory()

    assert await world.call(1) > 0
    assert world.processes[1].state == "returning"
    await world.advance(7.0)
    assert (world.processes[1].state, await world.call(1)) == ("shared", 0)


async def test_what_was_spent_meanwhile_is_known_before_the_ledger_decides_again(
    world: World,
) -> None:
    world.is_up = False
    await world.advance(6.0)
    for number in range(60):
        await world.call(number % 3)
    world.is_up = True
    await world.advance(2.0)
    for number in range(60):
        await world.call(number % 3)

    assert world.most_in_a_window() <= BUDGET.limit
    assert {process.state for process in world.processes} == {"returning"}
    await world.advance(6.0)
    assert {process.state for process in world.processes} == {"shared"}


async def test_a_rest_holds_while_the_ledger_is_gone(world: World) -> None:
    await world.processes[0].rest("venue", 30)
    world.is_up = False
    await world.advance(5.0)

    wait = await world.processes[0].take([Charge(BUDGET)], ["venue"], urgent=True)

    assert wait == 25.0


async def test_the_number_of_processes_is_assumed_until_the_ledger_tells_it() -> None:
    world = World()
    world.is_up = False
    await world.advance(6.0)
    assert world.processes[0].processes == 3
    world.is_up = True
    world.processes = world.processes[:1]
    await world.advance(2.0)
    assert world.processes[0].processes == 1


EVENTS = st.one_of(
    st.tuples(st.just("call"), st.integers(0, 2), st.integers(1, 3), st.booleans()),
    st.tuples(st.just("call"), st.integers(0, 2), st.integers(1, 3), st.just(False)),
    st.tuples(st.just("burst"), st.integers(0, 2), st.integers(5, 20), st.booleans()),
    st.tuples(st.just("advance"), st.integers(1, 24)),
    st.tuples(st.sampled_from(["down", "up", "forget"])),
)


@settings(max_examples=200)
@given(st.lists(EVENTS, min_size=8, max_size=40))
def test_outages_and_lost_memory_never_cost_more_than_the_safety_margin(
    events: list[tuple[str, ...]],
) -> None:
    world = World()

    async def run() -> None:
        await world.settle()
        for name, *rest in events:
            match name, *map(int, rest):
                case "call", process, weight, urgent:
                    await world.call(process, weight, urgent=bool(urgent))
                case "burst", process, count, urgent:
                    for _ in range(count):
                        await world.call(process, urgent=bool(urgent))
                case "advance", quarters:
                    await world.advance(quarters / 4)
                case ("forget",):
                    world.lose_memory()
                case _:
                    world.is_up = name == "up"

    asyncio.run(run())
    assert world.most_in_a_window() <= BUDGET.limit + BUDGET.reserve
