"""What every ledger must do, whoever keeps it."""

import asyncio
import random
import time

import pytest

from cerberus.errors import RateLimited
from cerberus.resilience.ledger import Budget, Charge, Ledger
from cerberus.resilience.limiter import Limiter

pytestmark = pytest.mark.xdist_group("redis")

MINUTE = Budget("a minute", 10, 60.0)
SHORT = Budget("a moment", 3, 0.15)


async def test_a_call_passes_while_there_is_room_and_then_learns_its_wait(ledger: Ledger) -> None:
    waits = [await ledger.take([Charge(MINUTE, 3)], (), urgent=True) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 58 < waits[3] <= 60


async def test_all_charges_of_a_call_are_counted_or_none(ledger: Ledger) -> None:
    other = Budget("another", 1, 60.0)
    await ledger.take([Charge(other)], (), urgent=True)

    assert await ledger.take([Charge(MINUTE, 4), Charge(other)], (), urgent=True) > 0

    used = {one.name: one.used for one in await ledger.usage()}
    assert (used["a minute"], used["another"]) == (0, 1)


async def test_a_part_is_kept_for_what_is_urgent(ledger: Ledger) -> None:
    waits = [await ledger.take([Charge(MINUTE)], (), urgent=False) for _ in range(10)]
    assert waits.count(0) == 9
    assert await ledger.take([Charge(MINUTE)], (), urgent=True) == 0


async def test_a_call_heavier_than_the_budget_never_passes(ledger: Ledger) -> None:
    assert await ledger.take([Charge(MINUTE, 11)], (), urgent=True) == float("inf")


async def test_there_is_room_again_when_the_window_has_passed(ledger: Ledger) -> None:
    for _ in range(3):
        assert await ledger.take([Charge(SHORT)], (), urgent=True) == 0
    wait = await ledger.take([Charge(SHORT)], (), urgent=True)
    assert 0 < wait <= SHORT.seconds
    await asyncio.sleep(wait)
    assert await ledger.take([Charge(SHORT)], (), urgent=True) == 0


async def test_a_scope_rests_as_long_as_it_was_told_to_at_most(ledger: Ledger) -> None:
    await ledger.rest("venue", 20)
    await ledger.rest("venue", 5)

    wait = await ledger.take([Charge(MINUTE)], ["endpoint", "venue"], urgent=True)

    assert 19 < wait <= 20
    assert await ledger.take([Charge(MINUTE)], ["elsewhere"], urgent=True) == 0


async def test_usage_tells_limit_window_and_what_is_used(ledger: Ledger) -> None:
    await ledger.take([Charge(MINUTE, 4)], (), urgent=False)
    found = [(one.name, one.limit, one.seconds, one.used) for one in await ledger.usage()]
    assert found == [("a minute", 10, 60.0, 4)]


async def test_never_more_than_the_budget_whatever_the_order_of_calls(ledger: Ledger) -> None:
    dice = random.Random(7)  # noqa: S311 - repeatable, no secret
    gone: list[tuple[float, float, int]] = []
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        weight, before = dice.randint(1, 3), time.monotonic()
        wait = await ledger.take([Charge(SHORT, weight)], (), urgent=dice.random() < 0.5)
        if wait == 0:
            gone.append((before, time.monotonic(), weight))
        await asyncio.sleep(dice.choice([0, 0, 0.01, 0.03]))
    assert len(gone) > 5
    for first, _, _ in gone:
        # only what has surely fallen into one window
        inside = [w for began, ended, w in gone if first <= began and ended < first + SHORT.seconds]
        assert sum(inside) <= SHORT.limit


async def test_a_limiter_on_it_lets_all_pass_in_time_and_cancels_first(ledger: Ledger) -> None:
    limiter, passed, began = Limiter(ledger), list[str](), time.monotonic()

    async def call(name: str, *, urgent: bool) -> None:
        await limiter.acquire([Charge(SHORT)], urgent=urgent)
        passed.append(name)

    entries = [asyncio.create_task(call("entry", urgent=False)) for _ in range(6)]
    await asyncio.sleep(0.05)
    cancel = asyncio.create_task(call("cancel", urgent=True))
    await asyncio.gather(*entries, cancel)

    assert time.monotonic() - began >= 2 * SHORT.seconds
    assert passed.index("cancel") <= 2
    with pytest.raises(RateLimited):
        await limiter.acquire([Charge(MINUTE, 11)])
