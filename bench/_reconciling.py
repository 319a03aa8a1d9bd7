"""A thousand resting orders, in the books and at a simulator, reconciled by the real services."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from cerberus.bootstrap import Runtime, build, open_desk
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.reconciliation import Outcome
from cerberus.domain.signals import Side, Signal, TimeInForce, fingerprint
from cerberus.domain.trades import SignalRecord, SignalStatus, Trade
from cerberus.ids import new_client_id, new_id
from cerberus.ports import Transaction
from cerberus.services.reconcile import reconcile
from tests.simulator_process import SimulatorProcess, simulator_process

#: the share of each market: the venue lets a hundred rest on each perpetual
SHARES = {"BTC/USDT:USDT": 0.1, "ETH/USDT:USDT": 0.1, "BTC/USDT": 0.4, "ETH/USDT": 0.4}
#: the venue takes ten spot orders a second
_CHUNK = 9


def seconds_to_reconcile(orders: int, rounds: int) -> list[float]:
    """Return how long each of some runs took, once every order has been found to agree."""
    with tempfile.TemporaryDirectory(prefix="cerberus-bench-") as folder:
        var = Path(folder) / "var"
        with simulator_process(var) as simulator, _environment(simulator):
            return asyncio.run(_measure(simulator, orders, rounds))


async def _measure(simulator: SimulatorProcess, count: int, rounds: int) -> list[float]:
    runtime = build()
    desk = runtime.desk
    await open_desk(desk, simulator.url)
    orders = [
        _order(runtime, symbol)
        for symbol, share in SHARES.items()
        for _ in range(round(count * share))
    ]
    placed = await _placed(simulator, orders)
    await desk.store.write(lambda transaction: _add(transaction, placed))
    seconds = []
    for _ in range(rounds):
        simulator.ask("DELETE", "/sim/limits")
        report = await reconcile(desk)
        agreeing = [one for one in report.items if one.finding.kind == "order"]
        if len(agreeing) != count or report.counts()[Outcome.AGREE] != len(report.items):
            raise RuntimeError(f"{len(agreeing)} orders, {report.counts()}, {report.unsettled}")
        seconds.append(report.seconds)
    await desk.exchange.close()
    runtime.store.close()
    return seconds


def _order(runtime: Runtime, symbol: str) -> Order:
    now = runtime.desk.wall_clock.now()
    return Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id=new_id(),
        symbol=symbol,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        purpose=Purpose.ENTRY,
        quantity=_quantity(runtime, symbol),
        time_in_force=TimeInForce.GTC,
        created_at=now,
        expires_at=now,
        price=Decimal(4000 if symbol.startswith("BTC") else 300),
        status=OrderStatus.OPEN,
    )


def _quantity(runtime: Runtime, symbol: str) -> Decimal:
    market = runtime.desk.instrument(symbol)
    if market.is_swap:
        return market.quantity_min
    return Decimal("0.001") if market.base == "BTC" else Decimal("0.012")


async def _placed(simulator: SimulatorProcess, orders: list[Order]) -> list[Order]:
    """Send the orders without our own pace, which is not what is measured."""
    client: Any = simulator.client()
    placed = []
    try:
        await client.load_markets()
        for number, order in enumerate(orders):
            if number % _CHUNK == 0:
                simulator.ask("DELETE", "/sim/limits")
            named = {"clientOrderId": order.client_id}
            size = 1.0 if ":" in order.symbol else float(order.quantity)
            told = await client.create_order(
                order.symbol, "limit", "buy", size, float(order.price or 0), named
            )
            placed.append(replace(order, venue_id=str(told["id"])))
    finally:
        await client.close()
    return placed


def _add(transaction: Transaction, orders: list[Order]) -> None:
    for order in orders:
        signal = Signal(
            order.symbol, order.side, "bench", Decimal(1), order.created_at, signal_id=new_id()
        )
        record = SignalRecord(
            signal_id=str(signal.signal_id),
            external_id=signal.signal_id,
            fingerprint=fingerprint(signal),
            symbol=order.symbol,
            received_at=order.created_at,
            signal=signal,
            status=SignalStatus.TRADED,
            trade_id=order.trade_id,
        )
        price = order.price or Decimal(0)
        transaction.signals.add(record)
        transaction.trades.add(
            Trade(
                trade_id=order.trade_id,
                signal_id=record.signal_id,
                symbol=order.symbol,
                side=order.side,
                strategy="bench",
                quantity=order.quantity,
                entry_price=price,
                stop_price=price,
                target_price=price,
                leverage=Decimal(1),
                created_at=order.created_at,
            )
        )
        transaction.orders.add(order, None)


@contextmanager
def _environment(simulator: SimulatorProcess) -> Iterator[None]:
    """Let this process read the settings of the simulator's folder."""
    before = dict(os.environ)
    os.environ.update(simulator.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
