"""What an order has left of a position that is too little for the venue to take."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.services.cancel import cancel_order
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.explain import TradeStory, tell_trade
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from tests.model.venue import ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
LEAST = D("0.005")


@pytest.fixture(autouse=True)
def least(desk: Desk) -> None:
    desk.instruments = {SWAP.symbol: replace(SWAP, quantity_min=LEAST)}


async def enter(desk: Desk, **told: object) -> TradeStory:
    plain = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    taken = await take_in(desk, replace(plain, **told))
    outcome = await execute(desk, taken.record.signal_id, Wish())
    assert outcome.trade is not None
    return await tell_trade(desk, outcome.trade.trade_id)


@pytest.mark.parametrize(("depth", "is_dust"), [("0.4", True), ("0.5", False)])
async def test_an_entry_that_brings_too_little_is_over_at_once(
    desk: Desk, venue: ModelVenue, depth: str, is_dust: bool
) -> None:
    venue.depth = D(depth)

    story = await enter(desk)

    assert story.position is not None
    assert story.position.is_open is not is_dust
    assert story.position.quantity + story.position.dust == D("0.01") * D(depth)
    assert story.dust_value == story.position.dust * venue.price
    assert story.trade.status is (TradeStatus.CLOSED if is_dust else TradeStatus.OPEN)


async def test_one_that_may_fill_further_is_held_until_its_end(
    desk: Desk, venue: ModelVenue
) -> None:
    story = await enter(desk, entry_type=EntryType.LIMIT, price=venue.price)
    venue.trade(D("0.3"))
    assert await follow_all(desk)
    [held] = await desk.store.read(lambda tx: tx.positions.open())
    assert held.quantity == D("0.003")

    await cancel_order(desk, story.orders[0])

    over = await tell_trade(desk, story.trade.trade_id)
    assert over.position is not None
    assert (over.position.quantity, over.position.dust) == (0, D("0.003"))
    assert over.trade.status is TradeStatus.CLOSED
    assert await follow_all(desk)
    assert venue.open_triggers == {}
    assert await desk.store.read(lambda tx: tx.exits.live()) == []
