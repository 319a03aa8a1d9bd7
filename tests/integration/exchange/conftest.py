"""One simulator for all contract tests; each test runs against every venue it speaks."""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.adapters.exchange import CcxtExchange, open_binance, open_gate
from cerberus.domain.orders import Order, OrderType, Purpose
from cerberus.domain.signals import Side, TimeInForce
from cerberus.ids import new_client_id
from tests.simulator_process import SimulatorProcess, simulator_process

D = Decimal
SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
PRICE = D(4500)
OPENERS = {"gate": open_gate, "binance": open_binance}

#: what a first test has loaded, for the tests after it
_MARKETS: dict[str, Any] = {}
_NUMBERS = itertools.count(1)


@dataclass
class Venue:
    """An adapter on one venue's wire, and the simulator behind it."""

    name: str
    exchange: CcxtExchange
    client: Any
    simulator: SimulatorProcess

    def move(self, price: object) -> None:
        self.simulator.move_price("BTC", str(price), hold_seconds=80_000)

    def order(self, symbol: str, **changes: Any) -> Order:
        """Return a limit order that rests far from the market, unless told otherwise."""
        now = WallClock().now()
        number = next(_NUMBERS)
        plain = Order(
            order_id=f"o{number}",
            client_id=new_client_id(),
            trade_id=f"t{number}",
            symbol=symbol,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            purpose=Purpose.ENTRY,
            quantity=D("0.1"),
            time_in_force=TimeInForce.GTC,
            created_at=now,
            expires_at=now + timedelta(seconds=5),
            price=PRICE - 400,
        )
        return replace(plain, **changes)

    def taker(self, symbol: str, side: Side = Side.BUY, **changes: Any) -> Order:
        """Return an order that fills at once."""
        price = PRICE + 200 if side is Side.BUY else PRICE - 200
        fields = {"side": side, "price": price, "time_in_force": TimeInForce.IOC}
        return self.order(symbol, **{**fields, **changes})

    def at_venue(self, client_id: str) -> list[dict[str, Any]]:
        """Return what the venue has taken under a client id."""
        return [one for one in self.simulator.orders() if one["text"] == client_id]

    async def flatten(self) -> None:
        """Leave nothing open and no fault ordered."""
        self.simulator.ask("DELETE", "/sim/fault")
        self.move(PRICE)
        for symbol in (SPOT, SWAP):
            for told in await self.exchange.triggers(symbol, is_open=True):
                await self.exchange.cancel_trigger(symbol, told.venue_id)
        for listed in await self.exchange.open_orders():
            await self.client.cancel_order(listed.report.venue_id, listed.symbol)
        for held in (await self.exchange.account()).positions:
            side = Side.SELL if held.side is Side.BUY else Side.BUY
            quantity = {"quantity": held.quantity, "purpose": Purpose.CLOSE}
            await self.exchange.place(self.taker(held.symbol, side, **quantity))


@pytest.fixture(scope="package")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with simulator_process(tmp_path_factory.mktemp("contract") / "var") as running:
        running.move_price("BTC", str(PRICE), hold_seconds=80_000)
        yield running


@pytest.fixture(params=sorted(OPENERS))
async def venue(
    request: pytest.FixtureRequest, simulator: SimulatorProcess
) -> AsyncIterator[Venue]:
    key, secret = simulator.credentials
    known = _MARKETS.get(request.param)
    client = OPENERS[request.param](key, secret, url=simulator.url, timeout_seconds=1.2)
    simulator.ask("DELETE", "/sim/limits")
    opened = Venue(request.param, CcxtExchange(client, WallClock()), client, simulator)
    try:
        if known is not None:
            client.set_markets(known)
        await opened.exchange.instruments()
        _MARKETS[request.param] = list(client.markets.values())
        yield opened
        await opened.flatten()
    finally:
        await opened.exchange.close()
