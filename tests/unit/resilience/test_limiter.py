import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cerberus.errors import RateLimited
from cerberus.resilience.ledger import Budget, Charge, MemoryLedger
from cerberus.resilience.limiter import Limiter
from cerberus.resilience.urgency import is_urgent, urgent_work, urgently

PLAIN = Budget("plain", 2, 0.1)


def limiter() -> Limiter:
    return Limiter(MemoryLedger())


async def test_a_cancel_overtakes_what_waits_already() -> None:
    budget, passed = Budget("one", 1, 0.05), list[str]()
    shared = limiter()

    async def call(name: str, *, urgent: bool) -> None:
        await shared.acquire([Charge(budget)], urgent=urgent)
        passed.append(name)

    await call("first", urgent=False)
    tasks = [asyncio.create_task(call(f"entry {n}", urgent=False)) for n in range(2)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(call("cancel", urgent=True)))
    await asyncio.gather(*tasks)

    assert passed == ["first", "cancel", "entry 0", "entry 1"]
    assert shared.waiting == 0


async def test_a_part_of_each_budget_is_kept_for_cancels_and_exits() -> None:
    budget, shared = Budget("ten", 10, 60.0), limiter()
    for _ in range(9):
        await shared.acquire([Charge(budget)])

    with pytest.raises(RateLimited):
        await shared.acquire([Charge(budget)], patience_seconds=0)
    await shared.acquire([Charge(budget)], urgent=True)

    assert [one.used for one in await shared.usage()] == [10]


async def test_a_call_on_another_budget_does_not_wait_behind_a_full_one() -> None:
    full, free, shared = Budget("full", 1, 60.0), Budget("free", 1, 60.0), limiter()
    await shared.acquire([Charge(full)])
    waiting = asyncio.create_task(shared.acquire([Charge(full)]))
    await asyncio.sleep(0)

    await asyncio.wait_for(shared.acquire([Charge(free)]), 1)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert shared.waiting == 0


async def test_nothing_passes_a_cool_off_and_only_its_scope_rests() -> None:
    shared = limiter()
    shared.cool_off("venue", 60)

    with pytest.raises(RateLimited) as caught:
        await shared.acquire([Charge(PLAIN)], ["venue"], urgent=True)
    await shared.acquire([Charge(PLAIN)], ["another venue"])

    assert 59 < (caught.value.retry_after_seconds or 0) <= 60


async def test_a_short_cool_off_is_waited_out() -> None:
    shared, began = limiter(), time.monotonic()
    shared.cool_off("venue", 0.05)

    await shared.acquire([Charge(PLAIN)], ["venue"])

    assert time.monotonic() - began >= 0.05


async def test_a_call_that_would_come_too_late_is_given_back_and_not_counted() -> None:
    budget, shared = Budget("one", 1, 60.0), limiter()
    await shared.acquire([Charge(budget)])

    with pytest.raises(RateLimited):
        await shared.acquire([Charge(budget)], patience_seconds=1)

    assert (shared.tallies["one"].calls, shared.tallies["one"].refused) == (1, 1)


async def test_what_waited_is_told() -> None:
    shared = limiter()
    for _ in range(2):
        await shared.acquire([Charge(Budget("one", 1, 0.05), 1)])

    tally = shared.tallies["one"]
    assert (tally.calls, tally.weight, tally.delayed) == (2, 2, 1)
    assert 0.03 < tally.delayed_seconds < 1


async def test_urgency_holds_for_the_tasks_that_urgent_work_starts() -> None:
    async def told() -> bool:
        return is_urgent()

    with urgently():
        assert await asyncio.gather(told(), asyncio.create_task(told())) == [True, True]
    assert not is_urgent()


async def test_a_stop_is_urgent_in_all_that_it_does() -> None:
    @urgent_work
    async def stop(reason: str) -> tuple[str, bool]:
        return reason, is_urgent()

    assert await stop("by a person") == ("by a person", True)
    assert not is_urgent()


STEPS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("abc"), st.integers(1, 4), st.booleans()),
    max_size=50,
)


@given(STEPS, st.integers(1, 8), st.integers(1, 20))
def test_no_order_of_calls_ever_spends_more_than_any_budget(
    steps: list[tuple[int, str, int, bool]], limit: int, seconds: int
) -> None:
    now, gone = 0.0, list[tuple[float, str, int]]()
    ledger = MemoryLedger(lambda: now)
    every = Budget("every", 2 * limit, 2.0 * seconds)

    async def run() -> None:
        nonlocal now
        for gap, name, weight, urgent in steps:
            now += gap
            charges = [Charge(Budget(name, limit, seconds), weight), Charge(every, weight)]
            if await ledger.take(charges, (), urgent=urgent) == 0:
                gone.append((now, name, weight))

    asyncio.run(run())
    for start, _, _ in gone:
        inside = [(name, weight) for at, name, weight in gone if start <= at < start + seconds]
        assert all(sum(w for n, w in inside if n == name) <= limit for name in "abc")
        whole = [weight for at, _, weight in gone if start <= at < start + 2 * seconds]
        assert sum(whole) <= 2 * limit
