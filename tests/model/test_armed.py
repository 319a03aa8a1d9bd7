"""What becomes of an entry that waits, when its price is there and something is in the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cerberus.coordination.lease import LeaseKeeper
from cerberus.domain.market import Quote
from cerberus.domain.orders import Order, OrderStatus
from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.errors import Transient
from cerberus.services.cancel import cancel_order
from cerberus.services.desk import Desk, Halt
from cerberus.services.emergency import emergency_stop
from cerberus.services.execute import Outcome, execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.maintenance import Maintenance, switch_maintenance
from tests.model.moods import Mood
from tests.model.venue import Clock, ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
TRIGGER = D(10_100)


async def tell(desk: Desk, **changes: object) -> Outcome:
    """Take in a stop entry and execute it."""
    plain = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    told = {"entry_type": EntryType.STOP, "trigger_price": TRIGGER, "signal_id": "one"}
    taken = await take_in(desk, replace(plain, **(told | changes)))
    return await execute(desk, taken.record.signal_id, Wish())


async def arm(desk: Desk, **changes: object) -> Order:
    """Return the order of a stop entry, which waits."""
    await tell(desk, **changes)
    [order] = await desk.store.read(lambda tx: tx.orders.live())
    assert order.is_armed
    return order


def reach(venue: ModelVenue, clock: Clock) -> None:
    """Move the price to the trigger, and on to where it is asked for again."""
    venue.move(TRIGGER)
    clock.tick(1)


async def present(desk: Desk, order: Order) -> Order:
    found = await desk.store.read(lambda tx: tx.orders.get(order.order_id))
    assert found is not None
    return found


async def assert_given_up(desk: Desk, venue: ModelVenue, order: Order) -> Order:
    """Assert that nothing was sent, nothing is tied up and nothing waits any more."""
    over = await present(desk, order)
    trade = await desk.store.read(lambda tx: tx.trades.get(order.trade_id))
    exits = await desk.store.read(lambda tx: tx.exits.live())
    assert venue.orders == {}
    assert over.status.is_final
    assert trade is not None
    assert (trade.status, trade.close_reason) == (TradeStatus.NOT_PLACED, over.reason)
    assert await desk.store.read(lambda tx: tx.orders.reservations()) == []
    assert exits == []
    return over


async def assert_told(desk: Desk, order: Order) -> None:
    raised = await desk.store.read(lambda tx: tx.alerts.unrouted(10))
    assert [(one.name, one.message) for one in raised] == [("entry_refused", order.reason)]


async def test_at_its_price_it_is_sent_once_and_protected_in_the_same_step(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    assert await follow_all(desk)
    assert (await present(desk, order)).is_armed
    reach(venue, clock)

    assert await follow_all(desk)

    filled = await present(desk, order)
    assert (filled.status, filled.client_id) == (OrderStatus.FILLED, order.client_id)
    assert list(venue.orders) == [order.client_id]
    assert len(venue.open_triggers) == 2
    assert await desk.store.read(lambda tx: tx.orders.reservations()) == []


@pytest.mark.parametrize(
    ("hold", "check"),
    [
        (lambda desk: setattr(desk, "entry_block", lambda: "a process is down"), "entry_block"),
        (lambda desk: setattr(desk, "limits", replace(desk.limits, positions_max=0)), "positions"),
        (lambda desk: setattr(desk, "limits", replace(desk.limits, risk_usd=D(1))), "risk_to_stop"),
    ],
)
async def test_a_check_that_fails_at_the_trigger_ends_it(
    desk: Desk, venue: ModelVenue, clock: Clock, hold: Callable[[Desk], None], check: str
) -> None:
    order = await arm(desk)
    hold(desk)
    reach(venue, clock)

    assert await follow_all(desk)

    over = await assert_given_up(desk, venue, order)
    assert over.status is OrderStatus.REJECTED
    assert check in over.reason
    await assert_told(desk, over)


async def test_maintenance_ends_it_at_its_trigger_and_not_before(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    await switch_maintenance(desk, Maintenance("new disk"), None, "test")
    assert await follow_all(desk)
    assert (await present(desk, order)).is_armed
    reach(venue, clock)

    assert await follow_all(desk)

    assert "maintenance: new disk" in (await assert_given_up(desk, venue, order)).reason


async def test_a_stop_that_the_store_does_not_know_yet_lets_nothing_fire(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    desk.halt = Halt("the disk is full", "test", desk.wall_clock.now())
    reach(venue, clock)

    assert await follow_all(desk)
    assert (await present(desk, order)).is_armed
    report = await emergency_stop(desk, "the disk is full", "test")

    assert report.cancelled_orders == 1
    assert (await assert_given_up(desk, venue, order)).status is OrderStatus.CANCELLED


@pytest.mark.parametrize(("name", "value"), [("recovered", False), ("stopping", True)])
async def test_before_recovery_and_at_the_end_it_waits(
    desk: Desk, venue: ModelVenue, clock: Clock, name: str, value: bool
) -> None:
    order = await arm(desk)
    setattr(desk, name, value)
    reach(venue, clock)

    assert await follow_all(desk)

    assert (await present(desk, order)).is_armed
    assert venue.orders == {}


async def test_a_price_that_is_old_or_far_apart_triggers_nothing(
    desk: Desk, venue: ModelVenue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await arm(desk)
    old = Quote(SWAP.symbol, TRIGGER, TRIGGER + 1, clock.now() - timedelta(seconds=11))
    wide = Quote(SWAP.symbol, D(10_000), TRIGGER, clock.now() + timedelta(seconds=1))
    for told in (old, wide):
        clock.tick(1)  # past the moment for which a price is looked at

        async def quote(symbol: str, told: Quote = told) -> Quote:  # noqa: ARG001 - a port's name
            return told

        monkeypatch.setattr(venue, "quote", quote)
        assert await follow_all(desk)
        assert (await present(desk, order)).is_armed


async def test_it_expires_with_its_signal_though_no_price_is_told(
    desk: Desk, venue: ModelVenue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await arm(desk, expires_at=clock.now() + timedelta(seconds=60))

    async def quote(symbol: str) -> Quote:
        raise Transient(f"no price of {symbol}")

    monkeypatch.setattr(venue, "quote", quote)
    clock.tick(59)
    assert not await follow_all(desk)
    assert (await present(desk, order)).is_armed
    clock.tick(1)

    assert await follow_all(desk)

    over = await assert_given_up(desk, venue, order)
    assert (over.status, "expired at" in over.reason) == (OrderStatus.EXPIRED, True)


async def test_a_venue_that_is_busy_at_the_trigger_has_it_missed_and_not_repeated(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    reach(venue, clock)
    venue.moods["place"].append(Mood.BUSY)

    assert not await follow_all(desk)
    assert await follow_all(desk)

    over = await assert_given_up(desk, venue, order)
    assert over.status is OrderStatus.REJECTED
    await assert_told(desk, over)
    again = await tell(desk)  # the same signal, and it has had its chance
    assert again.is_duplicate
    assert venue.orders == {}


async def test_one_that_got_no_answer_is_asked_about_and_not_sent_again(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    reach(venue, clock)
    venue.moods["place"].append(Mood.ANSWER_LOST)
    await follow_all(desk)
    assert (await present(desk, order)).status is OrderStatus.UNKNOWN

    assert await follow_all(desk)

    assert (await present(desk, order)).status is OrderStatus.FILLED
    assert venue.violations == []
    assert len(venue.open_triggers) == 2


async def test_a_process_that_has_lost_its_lease_fires_nothing(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    first = LeaseKeeper(desk.store, clock, "trading", "first", is_gone=lambda _: False)
    second = LeaseKeeper(desk.store, clock, "trading", "second", is_gone=lambda _: True)
    await first.beat()
    await second.beat()
    desk.lease = first
    reach(venue, clock)

    assert not await follow_all(desk)

    assert venue.orders == {}
    assert (await present(desk, order)).is_armed


async def test_one_that_was_fired_meanwhile_is_not_taken_for_one_that_waits(
    desk: Desk, venue: ModelVenue, clock: Clock
) -> None:
    order = await arm(desk)
    reach(venue, clock)
    venue.is_slow = True
    assert await follow_all(desk)
    assert (await present(desk, order)).status is OrderStatus.OPEN

    booked = await cancel_order(desk, order)  # as it was read before

    assert booked is not None
    assert booked.order.status is OrderStatus.CANCELLED
    assert venue.orders[order.client_id].status is OrderStatus.CANCELLED


async def test_one_that_is_cancelled_while_it_is_being_fired_is_not_sent(
    desk: Desk, venue: ModelVenue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop does not wait for the symbol's lock, and the venue takes its time for the leverage."""
    order = await arm(desk)
    desk.leverages.clear()

    async def set_leverage(symbol: str, leverage: Decimal) -> Decimal:  # noqa: ARG001 - a port's name
        await cancel_order(desk, order)
        return leverage

    monkeypatch.setattr(venue, "set_leverage", set_leverage)
    reach(venue, clock)

    assert await follow_all(desk)

    assert (await assert_given_up(desk, venue, order)).status is OrderStatus.CANCELLED


async def test_one_whose_price_runs_away_while_it_is_being_fired_is_not_sent(
    desk: Desk, venue: ModelVenue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await arm(desk)
    desk.leverages.clear()

    async def set_leverage(symbol: str, leverage: Decimal) -> Decimal:  # noqa: ARG001 - a port's name
        venue.move(D(10_400))
        clock.tick(1)
        return leverage

    monkeypatch.setattr(venue, "set_leverage", set_leverage)
    reach(venue, clock)

    assert await follow_all(desk)

    over = await assert_given_up(desk, venue, order)
    assert (over.status, "10400 is more than" in over.reason) == (OrderStatus.EXPIRED, True)


async def test_one_whose_leverage_cannot_be_had_waits_on(
    desk: Desk, venue: ModelVenue, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await arm(desk)
    desk.leverages.clear()

    async def set_leverage(symbol: str, leverage: Decimal) -> Decimal:  # noqa: ARG001 - a port's name
        return leverage + 1

    monkeypatch.setattr(venue, "set_leverage", set_leverage)
    reach(venue, clock)

    assert not await follow_all(desk)

    assert (await present(desk, order)).is_armed
    assert venue.orders == {}
