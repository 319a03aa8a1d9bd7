"""An order that somebody asks about while its placement still waits for the answer.

An emergency stop waits a second for the symbol's lock and then goes on without it.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.orders import Order, OrderStatus, VenueOrder
from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.errors import Unknown
from cerberus.services.book import book_report
from cerberus.services.cancel import cancel_order
from cerberus.services.desk import Desk
from cerberus.services.execute import Outcome, execute
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.send import resolve
from tests.model.moods import Mood
from tests.model.venue import ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal


async def enter(desk: Desk, venue: ModelVenue) -> Outcome:
    signal = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    at_a_limit = {"entry_type": EntryType.LIMIT, "price": venue.price}
    taken = await take_in(desk, replace(signal, **at_a_limit))
    return await execute(desk, taken.record.signal_id, Wish())


async def only_order(desk: Desk) -> Order:
    [order] = (await desk.store.read(lambda tx: tx.orders.newest(10, 0)))[0]
    return order


@pytest.mark.parametrize(
    ("cancels", "status"),
    [(0, OrderStatus.OPEN), (1, OrderStatus.CANCEL_REQUESTED)],
)
async def test_a_timeout_does_not_unsay_what_the_venue_has_told_meanwhile(
    desk: Desk, venue: ModelVenue, monkeypatch: pytest.MonkeyPatch, cancels: int, status: str
) -> None:
    proper = venue.place

    async def place(order: Order) -> VenueOrder:
        await proper(order)
        await resolve(desk, order)
        for _ in range(cancels):
            venue.moods["cancel"].append(Mood.LOST)
            await cancel_order(desk, await only_order(desk))
        raise Unknown("no answer")

    monkeypatch.setattr(venue, "place", place)

    outcome = await enter(desk, venue)

    order = await only_order(desk)
    assert (order.status, order.venue_id) == (status, "1")
    assert outcome.trade is not None
    assert outcome.trade.status is TradeStatus.PENDING


async def test_one_that_was_not_found_in_time_is_not_forgotten_again(
    desk: Desk, venue: ModelVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue.moods["place"].append(Mood.ANSWER_LOST)
    await enter(desk, venue)
    in_doubt = await only_order(desk)
    assert in_doubt.is_in_doubt
    proper = venue.find

    async def find(order: Order) -> VenueOrder | None:
        told = await proper(order)
        assert told is not None
        await book_report(desk, order, told)  # whoever asked at the same time
        return None

    monkeypatch.setattr(venue, "find", find)

    assert await resolve(desk, in_doubt) is None

    order = await only_order(desk)
    assert (order.status, order.venue_id, order.misses) == (OrderStatus.OPEN, "1", 0)
