"""What reconciliation makes of orders, triggers and fills that the books have wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.exits import VenueTrigger
from cerberus.domain.holds import Kind
from cerberus.domain.orders import Order, OrderStatus, OrderType
from cerberus.domain.positions import Position
from cerberus.domain.reconciliation import Outcome
from cerberus.domain.reconciliation_report import Report
from cerberus.domain.signals import EntryType, Side
from cerberus.domain.trades import TradeStatus
from cerberus.errors import NotFound, Transient
from cerberus.ports import Transaction
from cerberus.services.cancel import cancel_order
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.fired import adopt
from cerberus.services.follow import follow_all
from cerberus.services.reconcile import reconcile
from tests.model.test_deciding import enter
from tests.model.test_exits import hold
from tests.model.venue import Clock, ModelVenue, Mood
from tests.unit.domain.examples import SWAP, order

D = Decimal


class Forgetful:
    """A store before each write of which the desk forgets which leverage it has set."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._store = desk, desk.store

    async def write(self, work: Callable[[Transaction], object]) -> object:
        self._desk.leverages.clear()
        return await self._store.write(work)

    async def read(self, work: Callable[[Transaction], object]) -> object:
        return await self._store.read(work)


async def test_an_order_that_never_arrived_is_given_up_after_its_expiry(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    venue.moods["place"].append(Mood.LOST)
    outcome = await enter(desk)
    assert outcome.trade is not None
    report = await reconcile(desk)
    assert "in flight" in report.unsettled[SWAP.symbol]
    clock.tick(60)
    for _ in range(2):
        assert await follow_all(desk)
    trade = await desk.store.read(lambda tx: tx.trades.get(str(outcome.record.trade_id)))
    assert trade is not None
    assert (trade.status, venue.orders) == (TradeStatus.NOT_PLACED, {})


@pytest.mark.parametrize("knows_its_id", [True, False])
async def test_an_order_of_ours_that_was_given_up_and_rests_is_cancelled(
    desk: Desk, venue: ModelVenue, knows_its_id: bool
) -> None:
    resting = await _resting(desk)
    await _given_up(desk, resting, resting.venue_id if knows_its_id else None)
    assert await _foreign(desk) == set()
    assert [one.status for one in venue.orders.values()] == [OrderStatus.CANCELLED]


@pytest.mark.parametrize("client_id", ["t-by-hand", None])
async def test_an_order_of_somebody_else_is_left_and_blocks(
    desk: Desk, venue: ModelVenue, client_id: str | None
) -> None:
    await venue.place(_by_hand(Side.BUY, "0.01", OrderType.LIMIT))
    [held] = venue.orders.values()
    held.told[-1] = replace(held.told[-1], client_id=client_id)
    assert await _foreign(desk) == {Kind.ORDER}


async def test_more_strays_than_one_run_repairs_are_left_to_the_next(
    desk: Desk, venue: ModelVenue
) -> None:
    resting = await _resting(desk)
    await _given_up(desk, resting, resting.venue_id)
    for number in range(3):
        twin = replace(resting, order_id=f"twin{number}", client_id=f"t-twin{number}")
        told = await venue.place(twin)
        over = replace(twin, status=OrderStatus.CANCELLED, venue_id=told.venue_id)
        await desk.store.write(lambda tx, one=over: tx.orders.add(one, None))  # type: ignore[misc]  # as in settle.py
    report = await reconcile(desk)
    assert report.unsettled == {SWAP.symbol: "it does not come to rest"}
    assert await _foreign(desk) == set()


async def test_fills_of_an_order_that_was_given_up_are_booked(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    resting = await _resting(desk)
    await _given_up(desk, resting, resting.venue_id)
    venue.trade(D(1))
    clock.tick(10)
    assert await _foreign(desk) == set()
    [held] = await desk.store.read(lambda tx: tx.positions.open())
    assert held.quantity == venue.position == resting.quantity


@pytest.mark.parametrize("knows_its_id", [True, False])
async def test_an_exit_that_is_over_in_the_books_and_rests_is_cancelled(
    desk: Desk, venue: ModelVenue, knows_its_id: bool
) -> None:
    held = await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    kept = dict(venue.open_triggers)
    await close_position(desk, held, "test")
    venue.open_triggers.update(kept)  # the venue did not do what it said
    if not knows_its_id:
        exits = await desk.store.read(lambda tx: tx.exits.of_trade(held.trade_id))
        for one in exits:
            nameless = replace(one, venue_id=None)
            await desk.store.write(lambda tx, it=nameless: tx.exits.save(it))  # type: ignore[misc]  # as in settle.py
    assert await _foreign(desk) == set()
    assert venue.open_triggers == {}


async def test_a_trigger_that_is_gone_when_it_is_looked_for_is_judged_anew(
    desk: Desk, venue: ModelVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = VenueTrigger("77", SWAP.symbol, Side.SELL, D(1), D(90), True, venue.clock.now())
    answers: list[Sequence[VenueTrigger]] = [[stray], [], []]

    async def triggers(_: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        return answers.pop(0) if is_open and answers else []

    venue.open_triggers["77"] = stray
    monkeypatch.setattr(venue, "triggers", triggers)
    report = await reconcile(desk)
    assert [one.outcome for one in report.items if one.finding.kind is Kind.TRIGGER] == [
        Outcome.FOREIGN
    ]


async def test_a_position_that_fills_do_not_explain_puts_its_symbol_in_quarantine(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    await venue.place(_by_hand(Side.SELL, "0.005", OrderType.MARKET))
    await venue.place(_by_hand(Side.BUY, "0.001", OrderType.MARKET))
    clock.tick(10)
    report = await reconcile(desk)
    told = [one.outcome for one in report.items if one.finding.kind is Kind.POSITION]
    assert told == [Outcome.QUARANTINED]


async def test_a_trigger_that_fired_is_adopted_once(desk: Desk, venue: ModelVenue) -> None:
    held = await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    exits = {one.venue_id: one for one in await desk.store.read(lambda tx: tx.exits.live())}
    venue.move(D(9000))
    [fired] = [one for one in venue.over_triggers if one.order_venue_id is not None]
    for _ in range(2):
        await adopt(desk, exits[fired.venue_id], fired)
    orders = await desk.store.read(lambda tx: tx.orders.of_trade(held.trade_id))
    assert [str(one.purpose) for one in orders].count("stop") == 1


async def test_a_close_on_its_way_is_the_only_one(desk: Desk, venue: ModelVenue) -> None:
    held = await hold(desk, venue, Mood.BUSY)
    assert await follow_all(desk)
    venue.moods["place"].append(Mood.ANSWER_LOST)
    for _ in range(2):
        trade = await close_position(desk, held, "test")
        assert trade.status is TradeStatus.OPEN
    assert len(venue.orders) == 2
    assert await follow_all(desk)
    present = await desk.store.read(lambda tx: tx.positions.of_trade(held.trade_id))
    assert present is not None
    assert (await close_position(desk, present, "test")).status is TradeStatus.CLOSED
    assert len(venue.orders) == 2


async def test_a_cancel_that_is_asked_for_twice_changes_nothing(desk: Desk) -> None:
    resting = await _resting(desk)
    for _ in range(2):
        booked = await cancel_order(desk, resting)
        assert booked is not None
        assert (booked.order.status, booked.trade.status) == (
            OrderStatus.CANCELLED,
            TradeStatus.NOT_PLACED,
        )
    assert await desk.store.read(lambda tx: tx.exits.live()) == []


async def test_a_position_of_no_trade_is_not_closed(desk: Desk, clock: Clock) -> None:
    over = Position("none", "none", SWAP.symbol, Side.BUY, clock.now(), closed_at=clock.now())
    with pytest.raises(NotFound, match="trade none is not known"):
        await close_position(desk, over, "test")


async def test_leverage_that_was_forgotten_meanwhile_is_set_again(
    desk: Desk, venue: ModelVenue
) -> None:
    store = desk.store
    desk.store = Forgetful(desk)  # type: ignore[assignment]  # of one test
    with pytest.raises(Transient, match="has changed meanwhile"):
        await enter(desk, signal_id="again")
    desk.store = store
    assert venue.orders == {}
    await enter(desk, signal_id="again")
    assert len(venue.orders) == 1


async def _resting(desk: Desk) -> Order:
    await enter(desk, entry_type=EntryType.LIMIT, price=D(9000))
    [found] = await desk.store.read(lambda tx: tx.orders.live())
    return found


async def _given_up(desk: Desk, one: Order, venue_id: str | None) -> None:
    over = replace(one, status=OrderStatus.CANCELLED, venue_id=venue_id)
    await desk.store.write(lambda tx: tx.orders.save(over))


def _by_hand(side: Side, quantity: str, kind: OrderType) -> Order:
    price = D(9000) if kind is OrderType.LIMIT else None
    return order(
        client_id=f"t-by-hand-{side}",
        side=side,
        quantity=D(quantity),
        order_type=kind,
        price=price,
    )


async def _foreign(desk: Desk) -> set[Kind]:
    report: Report = await reconcile(desk)
    return {one.finding.kind for one in report.items if one.outcome is Outcome.FOREIGN}
