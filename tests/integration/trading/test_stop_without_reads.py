"""The emergency stop when the store cannot even be read: the venue alone says what is held."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.adapters.exchange import CcxtExchange, open_gate
from cerberus.adapters.latch import FileLatch
from cerberus.bootstrap_rules import risk_limits
from cerberus.domain.orders import Order, OrderType, Purpose
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import StoreFailed, Transient
from cerberus.ids import is_stop_client_id, new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.desk import Desk, TradingRules
from cerberus.services.emergency import emergency_stop, finish_stop, recall_stop
from cerberus.settings import RiskSettings
from tests.simulator_process import SimulatorProcess, simulator_process

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("full_disk")]

SYMBOL = "BTC/USDT:USDT"


class GoneStore:
    """A database that is gone."""

    async def write(self, _: Callable[[Transaction], object]) -> NoReturn:
        raise StoreFailed("the store failed: gone")

    async def read(self, _: Callable[[Transaction], object]) -> NoReturn:
        raise StoreFailed("the store failed: gone")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with simulator_process(tmp_path / "var") as simulator:
        yield simulator


@pytest.fixture
async def desk(simulator: SimulatorProcess) -> AsyncIterator[Desk]:
    client = open_gate(*simulator.credentials, url=simulator.url, timeout_seconds=5)
    exchange = CcxtExchange(client, WallClock())
    yield Desk(
        exchange=exchange,
        store=GoneStore(),
        market_clock=WallClock(),
        wall_clock=WallClock(),
        limits=risk_limits(RiskSettings()),
        rules=TradingRules(),
        latch=FileLatch(simulator.var / "stop.json"),
    )
    await exchange.close()


async def test_it_closes_once_what_the_venue_shows(desk: Desk, simulator: SimulatorProcess) -> None:
    await desk.exchange.instruments()
    await desk.exchange.place(entry(OrderType.MARKET, new_client_id(), None))
    await desk.exchange.place(entry(OrderType.LIMIT, new_client_id(), Decimal(4000)))
    await desk.exchange.place(entry(OrderType.LIMIT, "t-by-hand", Decimal(4000)))
    first, second = await asyncio.gather(
        emergency_stop(desk, "gone", "test"), emergency_stop(desk, "again", "test")
    )
    assert (first.is_flat, first.is_recorded) == (second.is_flat, second.is_recorded)
    assert (first.is_flat, first.is_recorded) == (True, False)
    assert first.closed_positions + second.closed_positions == 1
    assert first.cancelled_orders + second.cancelled_orders == 1
    closes = [one for one in simulator.orders() if is_stop_client_id(one["text"])]
    assert [one["finish_as"] for one in closes] == ["filled"]
    assert simulator.ask("GET", "/sim/status")["open_orders"] == 1  # a person's own
    assert (await desk.exchange.account()).positions == ()


async def test_it_goes_on_while_the_venue_is_gone_too(
    desk: Desk, simulator: SimulatorProcess
) -> None:
    await desk.exchange.instruments()
    await desk.exchange.place(entry(OrderType.MARKET, new_client_id(), None))
    simulator.stop()
    report = await emergency_stop(desk, "all gone", "test")
    assert (report.is_flat, report.is_recorded) == (False, False)
    assert "emergency stop, not recorded yet: all gone" in desk.blocked_by()
    simulator.start()
    with pytest.raises(Transient, match="not recorded yet"):
        await finish_stop(desk)
    assert (await desk.exchange.account()).positions == ()
    recalled = Desk(desk.exchange, desk.store, WallClock(), WallClock(), desk.limits, desk.rules)
    recalled.latch = desk.latch
    recall_stop(recalled)
    assert recalled.halt is not None
    assert (recalled.halt.reason, recalled.halt.actor) == ("all gone", "test")


def entry(kind: OrderType, client_id: str, price: Decimal | None) -> Order:
    now = WallClock().now()
    return Order(
        order_id=new_id(),
        client_id=client_id,
        trade_id="",
        symbol=SYMBOL,
        side=Side.BUY,
        order_type=kind,
        purpose=Purpose.ENTRY,
        quantity=Decimal("0.05"),
        time_in_force=TimeInForce.GTC if price else TimeInForce.IOC,
        created_at=now,
        expires_at=now + timedelta(seconds=5),
        price=price,
    )
