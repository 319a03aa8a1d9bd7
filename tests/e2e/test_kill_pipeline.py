"""The pipeline under concurrency, and while one of the three processes is killed."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.invariants import broken_invariants
from tests.whole_stack import WholeStack, whole_stack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.engine,
    pytest.mark.xdist_group("whole_stack"),
    pytest.mark.timeout(600),
]


def later(*seconds: float) -> list[Any]:
    """Return the moments of a kill that only the long version tries."""
    return [pytest.param(one, marks=pytest.mark.long) for one in seconds]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    with whole_stack(tmp_path_factory.mktemp("stack") / "var") as running:
        yield running


@pytest.fixture(autouse=True)
def _flat(stack: WholeStack) -> Iterator[None]:
    yield
    stack.close_positions()


def test_twenty_webhook_calls_with_one_signal_id_make_one_order(stack: WholeStack) -> None:
    signal = {"symbol": "BTC_USDT", "side": "buy", "size_usd": "50", "id": "twenty"}
    before = stack.api.get("/api/orders?limit=1")[1]["total"]
    with ThreadPoolExecutor(20) as pool:
        started = list(pool.map(lambda _: stack.trigger(signal), range(20)))
    assert [stack.ended(one, 180) for one in started] == ["SUCCESS"] * 20
    assert stack.api.get("/api/orders?limit=1")[1]["total"] - before == 1
    assert broken_invariants(stack.simulator, stack.api) == []


@pytest.mark.parametrize("seconds", [0.4, *later(0.15, 0.7)])
def test_a_kill_of_the_engine_in_a_pipeline_loses_and_doubles_nothing(
    stack: WholeStack, seconds: float
) -> None:
    execution = _start_and_kill(stack, stack.engine.kill, seconds, f"engine-{seconds}")
    stack.engine.start()
    state = stack.ended(execution)
    assert state in ("SUCCESS", "FAILED")
    _assert_at_most_one_trade(stack, f"engine-{seconds}")
    # the next signal goes its whole way: nothing is left locked
    after = stack.trigger({"symbol": "ETH_USDT", "side": "buy", "id": f"after-{seconds}"})
    assert stack.ended(after) == "SUCCESS"


@pytest.mark.parametrize("seconds", [0.2, *later(0.5)])
def test_a_kill_of_the_simulator_in_a_pipeline_loses_and_doubles_nothing(
    stack: WholeStack, seconds: float
) -> None:
    execution = _start_and_kill(stack, stack.simulator.kill, seconds, f"simulator-{seconds}")
    time.sleep(1)
    stack.simulator.start()
    assert stack.ended(execution, 120) in ("SUCCESS", "FAILED")
    _assert_at_most_one_trade(stack, f"simulator-{seconds}")


@pytest.mark.parametrize("seconds", [0.3, *later(0.6)])
def test_a_kill_of_the_api_in_a_pipeline_loses_and_doubles_nothing(
    stack: WholeStack, seconds: float
) -> None:
    execution = _start_and_kill(stack, stack.api.kill, seconds, f"api-{seconds}")
    stack.api.start()
    assert stack.ended(execution, 120) == "SUCCESS", "the flow's retries outlast the restart"
    _assert_at_most_one_trade(stack, f"api-{seconds}")


def _start_and_kill(
    stack: WholeStack, kill: Callable[[], None], seconds: float, signal_id: str
) -> str:
    execution = stack.trigger({"symbol": "BTC_USDT", "side": "sell", "id": signal_id})
    time.sleep(seconds)
    kill()
    return execution


def _assert_at_most_one_trade(stack: WholeStack, signal_id: str) -> None:
    deadline = time.monotonic() + 30
    while (broken := broken_invariants(stack.simulator, stack.api)) != []:
        assert time.monotonic() < deadline, broken
        time.sleep(0.2)
    trades = stack.api.get("/api/trades?limit=500")[1]["trades"]
    signals = {
        one["signal_id"]: one for one in stack.api.get("/api/signals?limit=500")[1]["signals"]
    }
    mine = [
        trade
        for trade in trades
        if signals[trade["signal_id"]]["signal"]["id"] == signal_id
        and trade["status"] != "not_placed"
    ]
    assert len(mine) <= 1
