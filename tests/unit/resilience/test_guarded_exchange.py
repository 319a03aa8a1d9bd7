import dataclasses
from typing import Any, cast

import pytest

from cerberus.domain.orders import Order, Purpose
from cerberus.errors import BreakerOpen, Transient
from cerberus.ports import Exchange
from cerberus.resilience.breakers import Breakers, Part
from cerberus.resilience.circuit_breaker import State
from cerberus.resilience.guard import Guard
from cerberus.resilience.guarded_exchange import GuardedExchange
from cerberus.resilience.ledger import MemoryLedger
from cerberus.resilience.limiter import Limiter
from cerberus.resilience.urgency import is_urgent
from tests.unit.domain.examples import order


class Venue:
    """Answers every call with whether it was urgent, or not at all."""

    def __init__(self) -> None:
        self.is_dead = False
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def answer(*_: object, **__: object) -> bool:
            self.asked.append(name)
            if self.is_dead:
                raise Transient("the venue cannot be reached")
            return is_urgent()

        return answer


class Desk:
    def __init__(self) -> None:
        self.now = 0.0
        self.venue = Venue()
        self.breakers = Breakers("gate", lambda: self.now)
        self.exchange = GuardedExchange(cast(Exchange, self.venue), self.breakers)
        self.guard = Guard(Limiter(MemoryLedger()), self.breakers)

    async def fail(self, part: Part) -> None:
        self.venue.is_dead = True
        calls = {
            Part.MARKET: lambda: self.exchange.quote("BTC/USDT"),
            Part.ACCOUNT: self.exchange.account,
            Part.ORDERS: lambda: self.exchange.place(entry()),
            Part.EXITS: lambda: self.exchange.cancel(entry()),
        }
        for _ in range(5):
            with pytest.raises(Transient):
                await calls[part]()


def entry() -> Order:
    return dataclasses.replace(order(), purpose=Purpose.ENTRY)


def closing() -> Order:
    return dataclasses.replace(order(), purpose=Purpose.CLOSE)


@pytest.mark.parametrize("part", list(Part))
async def test_each_class_of_endpoints_has_its_own_breaker(part: Part) -> None:
    desk = Desk()
    await desk.fail(part)

    opened = [one for one, breaker in desk.breakers.items() if breaker.state is State.OPEN]
    assert opened == [part]
    assert f"breaker gate {part} is open" in desk.breakers.entry_block()


async def test_closes_cancels_and_triggers_are_urgent_and_entries_are_not() -> None:
    exchange = Desk().exchange
    told = [
        await exchange.place(entry()),
        await exchange.place(closing()),
        await exchange.cancel_trigger("BTC/USDT", "1"),
        await exchange.place_trigger(cast(Any, None)),
        await exchange.account(),
    ]
    assert told == [False, True, True, True, False]


async def test_an_exit_is_sent_while_entries_are_held_back() -> None:
    desk = Desk()
    await desk.fail(Part.ORDERS)
    desk.venue.is_dead = False

    with pytest.raises(BreakerOpen):
        await desk.exchange.place(entry())
    assert await desk.exchange.place(closing())


@pytest.mark.parametrize(
    ("part", "question"),
    [
        (Part.MARKET, "instruments"),
        (Part.ACCOUNT, "account"),
        (Part.ORDERS, "open_orders"),
        (Part.EXITS, "open_orders"),
    ],
)
async def test_recovers_by_itself_by_asking_something_harmless(part: Part, question: str) -> None:
    desk = Desk()
    await desk.fail(part)
    desk.venue.is_dead, desk.venue.asked = False, []

    await desk.exchange.probe()
    assert desk.venue.asked == []
    desk.now = 3.1
    await desk.exchange.probe()

    assert desk.venue.asked == [question]
    assert desk.breakers[part].state is State.CLOSED
    assert desk.breakers.entry_block() == ""


async def test_a_probe_without_an_answer_leaves_it_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    await desk.fail(Part.ACCOUNT)
    for desk.now in (3.1, 3.2, 3.3):
        await desk.exchange.probe()

    assert desk.breakers[Part.ACCOUNT].state is State.OPEN
    assert desk.venue.asked.count("account") == 6
    assert len([one for one in caplog.records if "breaker_opened" in one.message]) == 1


async def test_the_state_is_a_figure() -> None:
    desk = Desk()
    await desk.fail(Part.EXITS)
    found = {
        (labels["part"], labels["state"])
        for name, _, value, labels in await desk.guard.readings()
        if name == "breaker_state_count" and value == 1
    }
    assert ("exits", "open") in found
    assert ("orders", "closed") in found
