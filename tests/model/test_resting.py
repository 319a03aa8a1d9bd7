"""What becomes of an entry that rests when its signal expires."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cerberus.domain.orders import Order, OrderStatus
from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from tests.model.moods import Mood
from tests.model.venue import Clock, ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
S = OrderStatus


async def rest(desk: Desk, venue: ModelVenue) -> Order:
    """Return an entry that rests, and whose signal ends in a minute."""
    told = Signal(
        SWAP.symbol,
        Side.BUY,
        "test",
        D(1),
        desk.today(),
        entry_type=EntryType.LIMIT,
        price=venue.price,
        size=Size(D("0.01")),
        expires_at=desk.today() + timedelta(seconds=60),
    )
    taken = await take_in(desk, told)
    await execute(desk, taken.record.signal_id, Wish())
    [order] = await desk.store.read(lambda tx: tx.orders.live())
    return order


async def present(desk: Desk, order: Order) -> Order:
    found = await desk.store.read(lambda tx: tx.orders.get(order.order_id))
    assert found is not None
    return found


async def test_it_rests_until_then_and_is_cancelled(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await rest(desk, venue)
    clock.tick(59)
    assert await follow_all(desk)
    assert (await present(desk, order)).status is S.OPEN
    clock.tick(1)

    assert await follow_all(desk)

    over = await present(desk, order)
    trade = await desk.store.read(lambda tx: tx.trades.get(order.trade_id))
    assert trade is not None
    assert (over.status, trade.status) == (S.CANCELLED, TradeStatus.NOT_PLACED)
    assert "its signal expired at" in trade.close_reason
    assert venue.orders[order.client_id].status is S.CANCELLED
    assert await desk.store.read(lambda tx: tx.orders.reservations()) == []


async def test_what_it_has_filled_stays_and_is_protected(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await rest(desk, venue)
    venue.trade(D("0.3"))
    clock.tick(60)

    assert await follow_all(desk)

    [held] = await desk.store.read(lambda tx: tx.positions.open())
    assert held.quantity == (await present(desk, order)).filled_quantity == D("0.003")
    assert [one.quantity for one in venue.open_triggers.values()] == [held.quantity] * 2


@pytest.mark.parametrize(("mood", "status"), [(Mood.RACE, S.FILLED), (Mood.LOST, S.CANCELLED)])
async def test_a_fill_beside_the_cancel_is_booked_and_a_lost_cancel_is_repeated(
    desk: Desk, venue: ModelVenue, clock: Clock, mood: Mood, status: OrderStatus
) -> None:
    order = await rest(desk, venue)
    clock.tick(60)
    venue.moods["cancel"].append(mood)

    assert await follow_all(desk)
    assert await follow_all(desk)

    assert (await present(desk, order)).status is status
    assert len(venue.open_triggers) == (2 if status is S.FILLED else 0)
