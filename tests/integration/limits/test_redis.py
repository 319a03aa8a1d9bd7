"""Several processes on one real Redis, which is killed and begun again."""

import asyncio
import multiprocessing
import socket
import time

import pytest

from cerberus.adapters.shared_limits import open_redis_ledger
from cerberus.errors import Misconfigured
from cerberus.resilience.ledger import Budget, Charge
from cerberus.resilience.shared_ledger import LedgerGone, SharedLedger
from tests.integration.limits.conftest import Opener
from tests.redis_server import RedisServer

pytestmark = pytest.mark.xdist_group("redis")

BUDGET = Budget("orders", 20, 0.5)
MINUTE = Budget("a minute", 30, 60.0)


def spend(url: str, name: str, seconds: float) -> list[tuple[float, float]]:
    """Take as much as there is, as another process, and return when each call passed."""

    async def run() -> list[tuple[float, float]]:
        ledger = SharedLedger(open_redis_ledger(url, name), 3)
        gone, until = list[tuple[float, float]](), time.monotonic() + seconds
        while time.monotonic() < until:
            before = time.monotonic()
            if await ledger.take([Charge(BUDGET)], (), urgent=False) == 0:
                gone.append((before, time.monotonic()))
            else:
                await asyncio.sleep(0.005)
        await ledger.close()
        return gone

    return asyncio.run(run())


async def beat(ledgers: list[SharedLedger], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.gather(*(one.beat() for one in ledgers))
        await asyncio.sleep(0.1)


def test_three_processes_never_spend_more_than_one_budget(redis: RedisServer) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        told = pool.starmap(spend, [(redis.url, f"process {n}", 2.0) for n in range(3)])
        pool.close()
        pool.join()

    gone = [call for calls in told for call in calls]
    assert all(calls for calls in told)
    assert len(gone) >= 18 * 2
    for first, _ in gone:
        inside = [1 for began, ended in gone if first <= began and ended < first + BUDGET.seconds]
        assert len(inside) <= BUDGET.limit


async def test_a_redis_killed_in_the_middle_leaves_each_process_its_share(
    open_shared: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ledgers = [open_shared(), open_shared()]
    await beat(ledgers, 0.2)
    assert await ledgers[0].take([Charge(BUDGET)], (), urgent=False) == 0

    open_shared.server.kill()
    began = time.monotonic()
    first = [await ledgers[0].take([Charge(BUDGET)], (), urgent=urgent) for urgent in (False, True)]
    assert first[0] > 0
    assert first[1] == 0
    assert time.monotonic() - began < 0.3
    await asyncio.sleep(BUDGET.seconds)
    waits = [await ledgers[0].take([Charge(BUDGET)], (), urgent=False) for _ in range(20)]
    assert waits.count(0) == 9  # half of 20, less what is kept for cancels

    open_shared.server.start()
    await beat(ledgers, BUDGET.seconds + 2.5)
    assert [one.state for one in ledgers] == ["shared", "shared"]
    waits = [await ledgers[n % 2].take([Charge(BUDGET)], (), urgent=False) for n in range(20)]
    assert waits.count(0) == 18
    told = [one.getMessage().split()[0] for one in caplog.records if "ledger" in one.name]
    assert sorted(told) == ["ledger_gone"] * 2 + ["ledger_returned"] * 2


async def test_a_redis_that_has_lost_its_memory_unseen_is_noticed(open_shared: Opener) -> None:
    ledgers = [open_shared(), open_shared()]
    for _ in range(27):
        assert await ledgers[0].take([Charge(MINUTE)], (), urgent=False) == 0
    await ledgers[1].beat()
    open_shared.server.kill()
    open_shared.server.start()

    waits = [await one.take([Charge(MINUTE)], (), urgent=False) for one in (*ledgers, *ledgers)]

    assert all(waits)
    assert "shared" not in {one.state for one in ledgers}


async def test_a_rest_is_told_to_every_process(open_shared: Opener) -> None:
    ledgers = [open_shared(), open_shared()]
    await ledgers[0].rest("venue", 9)
    assert 8 < await ledgers[1].take([Charge(MINUTE)], ["venue"], urgent=True) <= 9


async def test_a_server_that_does_not_answer_is_given_up_at_once() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"redis://:secret@127.0.0.1:{listener.getsockname()[1]}"
        remote, began = open_redis_ledger(url, "one"), time.monotonic()
        with pytest.raises(LedgerGone) as caught:
            await remote.look([MINUTE])
        assert time.monotonic() - began < 1.0
        assert "secret" not in str(caught.value)
        await remote.close()


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(Misconfigured, match="CERBERUS_REDIS_URL"):
        open_redis_ledger("http://elsewhere", "one")
