"""How exits come to be in place: refused, fired in doubt, renewed, moved, watched."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.balances import Account
from cerberus.domain.exits import Exit, ExitKind, ExitStatus
from cerberus.domain.market import MarketType
from cerberus.domain.signals import Side, Signal, Size
from cerberus.domain.trades import Trade
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.protect import RENEW_BEFORE, SPOT_TRIGGER_LIFETIME, protect
from tests.model.test_exits import hold
from tests.model.venue import Clock, ModelVenue, Mood
from tests.unit.domain.examples import SWAP

D = Decimal
SPOT = replace(SWAP, market_type=MarketType.SPOT)


class SpotVenue(ModelVenue):
    """The same venue as a spot market: whatever is held lies in the wallet."""

    async def account(self) -> Account:
        return Account(self.clock.now(), {(MarketType.SPOT, "USDT"): D(1_000_000)}, ())


@pytest.fixture
def spot(desk: Desk, clock: Clock) -> Desk:
    desk.exchange = SpotVenue(clock)
    desk.instruments = {SPOT.symbol: SPOT}
    desk.rules = replace(desk.rules, market_type=MarketType.SPOT)
    return desk


async def test_an_exit_that_the_venue_refuses_is_placed_at_the_next_step(
    desk: Desk, venue: ModelVenue
) -> None:
    await hold(desk, venue, Mood.REFUSED)
    assert len(venue.open_triggers) == 1  # the target
    assert await follow_all(desk)
    assert len(venue.open_triggers) == 2


async def test_an_exit_that_the_price_has_passed_closes_the_position(
    desk: Desk, venue: ModelVenue
) -> None:
    trade = await _enter(desk)
    venue.price = D(9000)
    venue.moods["place_trigger"].append(Mood.REFUSED)
    await protect(desk, trade.trade_id)
    assert await follow_all(desk)
    assert (venue.position, venue.open_triggers) == (0, {})
    assert "stop passed before it could be placed" in (await _trade(desk, trade)).close_reason


async def test_an_exit_that_fired_before_it_was_found_is_booked(
    desk: Desk, venue: ModelVenue
) -> None:
    held = await hold(desk, venue, Mood.ANSWER_LOST)
    venue.move(D(9000))
    for _ in range(2):
        assert await follow_all(desk)
    assert (venue.position, venue.open_triggers) == (0, {})
    ended = await desk.store.read(lambda tx: tx.positions.of_trade(held.trade_id))
    assert ended is not None
    assert not ended.is_open
    assert await desk.store.read(lambda tx: tx.exits.live()) == []


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, 11_000), (Side.SELL, 9000)])
async def test_a_trailing_stop_is_in_place_before_the_old_one_goes(
    desk: Desk, venue: ModelVenue, side: Side, price: int
) -> None:
    trade = await _enter(desk, side=side, trailing_percent=D(2), take_profit=None)
    assert await follow_all(desk)
    before = await _resting(desk, ExitKind.STOP)
    venue.price = D(price)
    venue.clock.tick(1)  # past the price that was asked for a moment ago
    for _ in range(2):
        assert await follow_all(desk)
    after = await _resting(desk, ExitKind.STOP)
    assert (len(before), len(after)) == (1, 1)
    assert (after[0].trigger_price - before[0].trigger_price) * trade.side.sign > 0
    assert {one.venue_id for one in after} <= set(venue.open_triggers)
    assert len(venue.open_triggers) == 2
    assert await follow_all(desk)  # where it is it stays
    assert await _resting(desk, ExitKind.STOP) == after


async def test_on_spot_the_stop_rests_and_the_target_is_watched(spot: Desk) -> None:
    venue = spot.exchange
    assert isinstance(venue, ModelVenue)
    trade = await _enter(spot)
    assert await follow_all(spot)
    exits = await spot.store.read(lambda tx: tx.exits.of_trade(trade.trade_id))
    told = {one.kind: one.status for one in exits if not one.status.is_final}
    assert told == {ExitKind.STOP: ExitStatus.RESTING, ExitKind.TARGET: ExitStatus.WATCHED}
    venue.price = D(11_000)
    assert await follow_all(spot)
    assert venue.open_triggers == {}
    assert (await _trade(spot, trade)).close_reason == "target"


async def test_a_watched_target_grows_with_what_is_held(spot: Desk) -> None:
    trade = await _enter(spot)
    assert await follow_all(spot)
    [held] = await spot.store.read(lambda tx: tx.positions.open())
    grown = replace(held, quantity=held.quantity * 2)
    await spot.store.write(lambda tx: tx.positions.save(grown))
    await protect(spot, trade.trade_id)
    exits = await spot.store.read(lambda tx: tx.exits.of_trade(trade.trade_id))
    [target] = [one for one in exits if one.status is ExitStatus.WATCHED]
    assert target.quantity == grown.quantity
    assert [one.quantity for one in await _resting(spot, ExitKind.STOP)] == [grown.quantity]


async def test_a_spot_stop_is_renewed_before_it_expires(spot: Desk, clock: Clock) -> None:
    venue = spot.exchange
    assert isinstance(venue, ModelVenue)
    await _enter(spot)
    assert await follow_all(spot)
    before = await _resting(spot, ExitKind.STOP)
    clock.tick((SPOT_TRIGGER_LIFETIME - RENEW_BEFORE + timedelta(seconds=1)).total_seconds())
    for _ in range(2):
        assert await follow_all(spot)
    after = await _resting(spot, ExitKind.STOP)
    assert (len(before), len(after)) == (1, 1)
    assert before[0].venue_id != after[0].venue_id
    assert set(venue.open_triggers) == {after[0].venue_id}


async def _enter(desk: Desk, side: Side = Side.BUY, **fields: Any) -> Trade:
    size = Size(D("0.01"))
    told = Signal(SWAP.symbol, side, "test", D(1), desk.today(), size=size, **fields)
    taken = await take_in(desk, told)
    outcome = await execute(desk, taken.record.signal_id, Wish())
    assert outcome.trade is not None
    return outcome.trade


async def _trade(desk: Desk, trade: Trade) -> Trade:
    found = await desk.store.read(lambda tx: tx.trades.get(trade.trade_id))
    assert found is not None
    return found


async def _resting(desk: Desk, kind: ExitKind) -> list[Exit]:
    live = await desk.store.read(lambda tx: tx.exits.live())
    return [one for one in live if one.kind is kind and one.status is ExitStatus.RESTING]
