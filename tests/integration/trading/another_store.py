"""A second installation on the same account, with books of its own, in the test's process."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from cerberus.adapters.clock import WallClock
from cerberus.bootstrap import build, open_desk
from cerberus.domain.holds import Key, Kind
from cerberus.domain.market import MarketType
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.risk import Refused
from cerberus.domain.signals import Side, Signal, Size, SizeUnit, TimeInForce
from cerberus.ids import new_client_id, new_id
from cerberus.services.adoption import TAKEN, adopt
from cerberus.services.cancel import cancel_order
from cerberus.services.desk import Desk
from cerberus.services.judge import Wish, judge
from cerberus.services.reconcile import reconcile
from cerberus.services.snapshot import read_holds
from tests.integration.trading.steps import Body, Pair

D = Decimal
#: what was filled a moment ago is not judged at once
PATIENCE_SECONDS = 90.0


async def waits_for_a_person(pair: Pair, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the first installation trade, and see what the second one makes of it."""
    trade = pair.until(lambda: _entered(pair), PATIENCE_SECONDS)
    async with _installation(pair, folder, patch) as desk:
        is_spot = desk.rules.market_type is MarketType.SPOT
        held = {Kind.TRIGGER} if is_spot else {Kind.POSITION, Kind.TRIGGER}
        await _until_foreign(desk, held)
        assert await _refusal(desk) == "foreign"
        by_hand = _resting(desk)
        told = await desk.exchange.place(by_hand)
        try:
            await _until_foreign(desk, held | {Kind.ORDER})
            assert pair.close(trade["trade_id"])[0] == 200
            await _until_foreign(desk, {Kind.ORDER})
            assert await _refusal(desk) == "foreign"
            assert await adopt(desk, by_hand.symbol, told.venue_id, "a person") == TAKEN
            await _until_foreign(desk, set())
            assert await _refusal(desk) != "foreign"
            (taken,) = await desk.store.read(lambda transaction: transaction.orders.live())
            async with desk.locks[taken.symbol]:
                booked = await cancel_order(desk, taken)
            assert booked is not None
            assert booked.order.status is OrderStatus.CANCELLED
        finally:
            await desk.exchange.cancel(by_hand)
    # whatever the first one saw of the order meanwhile holds nobody back any more
    pair.until(lambda: _runs_clean(pair) or None, PATIENCE_SECONDS)


@asynccontextmanager
async def _installation(pair: Pair, folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    _prepare(pair, folder, patch)
    runtime = build()
    desk = runtime.desk
    desk.lease = None  # nothing renews it here, and nobody else has this store
    try:
        await open_desk(desk, pair.simulator.url)
        assert desk.recovered
        yield desk
    finally:
        await runtime.connection.stop()
        runtime.store.close()


def _prepare(pair: Pair, folder: Path, patch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "secrets").symlink_to(pair.api.var / "secrets")
    for name, value in (pair.api.environment | {"CERBERUS_VAR": str(folder)}).items():
        patch.setenv(name, value)


async def _until_foreign(desk: Desk, kinds: set[Kind]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := {kind for kind, *_ in await _foreign(desk)}) != kinds:
        assert time.monotonic() < deadline, f"{found} in place of {kinds}"
        # both installations live on one budget of requests, and this asks the venue for much
        await asyncio.sleep(2)
        await reconcile(desk)


async def _foreign(desk: Desk) -> set[Key]:
    holds = await desk.store.read(read_holds)
    # the first installation's gains and fees drift the wallet, which blocks nothing
    return {key for key in holds.foreign if key[0] is not Kind.BALANCE}


async def _refusal(desk: Desk) -> str:
    """Return the check that refuses an entry, empty when none does."""
    signal = Signal(
        symbol="ETH/USDT" if desk.rules.market_type is MarketType.SPOT else "ETH/USDT:USDT",
        side=Side.BUY,
        strategy="test",
        confidence=D(1),
        created_at=desk.market_clock.now(),
        size=Size(D("0.5"), SizeUnit.QUANTITY),
    )
    decision = await judge(desk, signal, Wish())
    return decision.check if isinstance(decision, Refused) else ""


def _resting(desk: Desk) -> Order:
    """Return an order far from the market, as a person would send it."""
    now = WallClock().now()
    return Order(
        order_id=new_id(),
        client_id=new_client_id(),
        trade_id="",
        symbol="BTC/USDT" if desk.rules.market_type is MarketType.SPOT else "BTC/USDT:USDT",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        purpose=Purpose.ENTRY,
        quantity=D("0.05"),
        time_in_force=TimeInForce.GTC,
        created_at=now,
        expires_at=now + desk.rules.placement_lifetime,
        price=D(4000),
    )


def _entered(pair: Pair) -> Body | None:
    """Enter, unless what was traded before has used the requests of this minute up."""
    status, told = pair.send(quantity="0.05")
    if status == 503:
        return None
    assert status == 201, told
    return pair.until_trade(told["trade_id"], lambda trade: trade["protected"])


def _runs_clean(pair: Pair) -> bool:
    status, report = pair.api.post("/api/reconciliation/run")
    assert status == 200, report
    ours = [one for one in report["items"] if one["kind"] != "balance"]
    return not any(one["outcome"] == "foreign" for one in ours)
