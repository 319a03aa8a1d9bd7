"""What is decided over a signal when the account or the market is not as it was."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.balances import Account
from cerberus.domain.market import MarketType
from cerberus.domain.orders import OrderStatus
from cerberus.domain.risk import Approved, Refused
from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.errors import NotFound, Transient
from cerberus.services.cancel import cancel_order
from cerberus.services.desk import Desk
from cerberus.services.execute import Outcome, execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish, judge
from cerberus.services.reconcile import reconcile
from tests.model.test_armed import TRIGGER, arm, assert_given_up
from tests.model.venue import Clock, ModelVenue, Mood
from tests.unit.domain.examples import SWAP

D = Decimal


class Purse(ModelVenue):
    """A venue whose wallet a test changes, and that may fail to tell it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.wallet = D(1_000_000)
        self.answers = 1_000

    async def account(self) -> Account:
        self.answers -= 1
        if self.answers < 0:
            raise Transient("the wallet is not told now")
        held = (await super().account()).positions
        return Account(self.clock.now(), {(MarketType.SWAP, "USDT"): self.wallet}, held)


@pytest.fixture
def venue(clock: Clock) -> Purse:
    return Purse(clock)


def told(desk: Desk, **changes: Any) -> Signal:
    plain = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    return replace(plain, **changes)


async def enter(desk: Desk, **changes: Any) -> Outcome:
    taken = await take_in(desk, told(desk, **changes))
    return await execute(desk, taken.record.signal_id, Wish())


async def test_a_signal_that_nobody_has_told_is_not_executed(desk: Desk) -> None:
    with pytest.raises(NotFound, match="signal none is not known"):
        await execute(desk, "none", Wish())


async def test_a_signal_against_what_is_held_closes_it_and_told_again_does_nothing(
    desk: Desk, venue: Purse
) -> None:
    entered = await enter(desk)
    against = await enter(desk, side=Side.SELL, signal_id="against")
    assert (against.trade, entered.trade) != (None, None)
    assert against.trade is not None
    assert entered.trade is not None
    assert against.trade.trade_id == entered.trade.trade_id
    assert against.trade.status is TradeStatus.CLOSED
    again = await execute(desk, against.record.signal_id, Wish())
    assert again.trade == against.trade
    assert (venue.position, len(venue.orders)) == (0, 2)


async def test_what_is_reserved_beyond_the_wallet_holds_entries_back(
    desk: Desk, venue: Purse, clock: Clock
) -> None:
    assert isinstance(await judge(desk, told(desk), Wish()), Approved)
    await enter(desk, entry_type=EntryType.LIMIT, price=D(9000))
    venue.wallet = D(1)
    clock.tick(60)  # past the age of the account that was asked for
    decision = await judge(desk, told(desk), Wish())
    assert isinstance(decision, Refused)
    failed = {check.name: check.reason for check in decision.checks if not check.passed}
    assert "of what is reserved are missing" in failed["entry_block"]


async def test_an_entry_whose_cancel_got_no_answer_is_cancelled_again(
    desk: Desk, venue: Purse
) -> None:
    await enter(desk, entry_type=EntryType.LIMIT, price=D(9000))
    [live] = await desk.store.read(lambda tx: tx.orders.live())
    venue.moods["cancel"].append(Mood.BUSY)
    assert await cancel_order(desk, live) is None
    assert await follow_all(desk)
    assert await follow_all(desk)
    assert await desk.store.read(lambda tx: tx.orders.live()) == []
    assert [one.status for one in venue.orders.values()] == [OrderStatus.CANCELLED]


async def test_a_price_that_jumps_past_the_trigger_ends_the_entry(
    desk: Desk, venue: Purse, clock: Clock
) -> None:
    waiting = await arm(desk)
    venue.move(TRIGGER + 300)
    clock.tick(1)
    assert await follow_all(desk)
    over = await assert_given_up(desk, venue, waiting)
    assert over.status is OrderStatus.EXPIRED
    assert "away from its trigger" in over.reason


async def test_a_wallet_that_is_not_told_is_compared_another_time(desk: Desk, venue: Purse) -> None:
    await reconcile(desk)
    venue.answers = 1  # for the positions
    report = await reconcile(desk)
    assert [one.finding.kind for one in report.items] == []


async def test_a_symbol_that_cannot_be_settled_now_is_told_and_the_rest_goes_on(
    desk: Desk, venue: Purse
) -> None:
    await enter(desk, entry_type=EntryType.LIMIT, price=D(9000))
    venue.orders.clear()  # the venue has lost it
    venue.moods["find"].extend([Mood.BUSY] * 9)
    report = await reconcile(desk)
    assert set(report.unsettled) == {SWAP.symbol}
    assert "no answer" in report.unsettled[SWAP.symbol]
