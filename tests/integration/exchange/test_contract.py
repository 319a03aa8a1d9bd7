"""What every venue's client must do for the adapter, on the real wire of the simulator."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cerberus.domain.exits import Exit, ExitKind
from cerberus.domain.market import MarketType
from cerberus.domain.orders import OrderStatus, OrderType, Purpose
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import OutOfFunds, Rejected

D = Decimal
SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
BOTH = pytest.mark.parametrize("symbol", [SPOT, SWAP], ids=["spot", "swap"])

pytestmark = pytest.mark.xdist_group("venue contract")


def stop(venue: Any, symbol: str, price: str = "4300", kind: ExitKind = ExitKind.STOP) -> Exit:
    now = venue.order(symbol).created_at
    return Exit("e1", "t1", symbol, Side.SELL, kind, D(price), now, quantity=D("0.05"))


async def test_markets_tell_every_limit(venue: Any) -> None:
    markets = await venue.exchange.instruments()

    assert {SPOT, SWAP, "ETH/USDT", "ETH/USDT:USDT"} <= set(markets)
    swap, spot = markets[SWAP], markets[SPOT]
    assert (swap.leverage_max, swap.maintenance_rate) == (100, D("0.005"))
    assert spot.notional_min > 0
    assert (swap.quantity_step % D("0.0001"), swap.price_tick) == (0, D("0.01"))
    assert {swap.quote, spot.quote} == {"USDT"}
    assert swap.fee_rate_taker == D("0.0005")


@BOTH
async def test_prices_are_those_of_the_venue(venue: Any, symbol: str) -> None:
    quote = await venue.exchange.quote(symbol)
    candles = await venue.exchange.candles(symbol, "5m", 20)

    assert quote.bid < 4500 < quote.ask
    assert len(candles) == 20
    assert candles[-1].close == 4500
    assert candles[0].opened_at < candles[-1].opened_at


@BOTH
async def test_candles_from_a_moment_on_are_the_first_ones(venue: Any, symbol: str) -> None:
    newest = await venue.exchange.candles(symbol, "1m", 20)

    since = newest[3].opened_at
    found = await venue.exchange.candles(symbol, "1m", 4, since)

    assert [one.opened_at for one in found] == [one.opened_at for one in newest[3:7]]


@BOTH
async def test_an_order_rests_is_found_by_either_id_and_cancelled(venue: Any, symbol: str) -> None:
    order = venue.order(symbol)

    placed = await venue.exchange.place(order)
    by_client = await venue.exchange.find(order)
    listed = [one.report.venue_id for one in await venue.exchange.open_orders()]
    known = venue.order(symbol, client_id=order.client_id, venue_id=placed.venue_id)
    await venue.exchange.cancel(known)
    after = await venue.exchange.find(known)
    await venue.exchange.cancel(known)

    assert (placed.status, placed.client_id) == (OrderStatus.OPEN, order.client_id)
    assert by_client is not None
    assert by_client.venue_id == placed.venue_id
    assert placed.venue_id in listed
    assert after is not None
    assert (after.status, after.filled_quantity) == (OrderStatus.CANCELLED, 0)


@BOTH
async def test_an_order_is_cancelled_by_its_client_id(venue: Any, symbol: str) -> None:
    order = venue.order(symbol)
    await venue.exchange.place(order)

    await venue.exchange.cancel(order)

    assert [one for one in await venue.exchange.open_orders() if one.symbol == symbol] == []
    finished = await venue.exchange.finished_orders(symbol)
    assert order.client_id in [one.report.client_id for one in finished]


@BOTH
async def test_a_cancel_that_comes_after_the_fill_changes_nothing(venue: Any, symbol: str) -> None:
    order = venue.order(symbol, price=D(4450))
    placed = await venue.exchange.place(order)
    assert placed.status is OrderStatus.OPEN
    venue.move(4440)

    await venue.exchange.cancel(replace(order, venue_id=placed.venue_id))

    found = await venue.exchange.find(order)
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, order.quantity)


@BOTH
async def test_a_taker_is_filled_and_its_fills_sum_to_it(venue: Any, symbol: str) -> None:
    told = await venue.exchange.place(venue.taker(symbol))
    fills = await venue.exchange.fills(symbol, told.venue_id)

    assert (told.status, told.filled_quantity) == (OrderStatus.FILLED, D("0.1"))
    assert told.average_price is not None
    assert sum(fill.quantity for fill in fills) == D("0.1")
    assert {fill.order_venue_id for fill in fills} == {told.venue_id}
    assert {fill.fee_currency for fill in fills} == {"BTC" if symbol == SPOT else "USDT"}
    assert all(fill.fee > 0 for fill in fills)


async def test_the_spot_wallet_changes_by_the_fill_and_its_fee(venue: Any) -> None:
    before = (await venue.exchange.account()).totals
    told = await venue.exchange.place(venue.taker(SPOT))
    [fill] = await venue.exchange.fills(SPOT, told.venue_id)
    after = (await venue.exchange.account()).totals

    gained = after[MarketType.SPOT, "BTC"] - before.get((MarketType.SPOT, "BTC"), D(0))
    spent = before[MarketType.SPOT, "USDT"] - after[MarketType.SPOT, "USDT"]
    assert gained == fill.quantity - fill.fee
    assert spent == fill.quantity * fill.price


@BOTH
async def test_a_market_order_sells_what_is_held(venue: Any, symbol: str) -> None:
    await venue.exchange.place(venue.taker(symbol))
    sale = venue.order(
        symbol,
        side=Side.SELL,
        order_type=OrderType.MARKET,
        purpose=Purpose.CLOSE,
        quantity=D("0.05"),
    )

    told = await venue.exchange.place(sale)

    assert (told.status, told.filled_quantity) == (OrderStatus.FILLED, D("0.05"))


@BOTH
@pytest.mark.parametrize("tif", [TimeInForce.IOC, TimeInForce.FOK])
async def test_what_cannot_fill_at_once_leaves_nothing(
    venue: Any, symbol: str, tif: TimeInForce
) -> None:
    order = venue.order(symbol, time_in_force=tif)
    try:
        told = await venue.exchange.place(order)
    except Rejected:
        told = None

    assert told is None or (told.status.is_final and told.filled_quantity == 0)
    assert await venue.exchange.open_orders() == []


@BOTH
async def test_post_only_never_takes(venue: Any, symbol: str) -> None:
    order = venue.order(symbol, price=D(4600), time_in_force=TimeInForce.POST_ONLY)
    with pytest.raises(Rejected):
        await venue.exchange.place(order)

    resting = venue.order(symbol, time_in_force=TimeInForce.POST_ONLY)
    assert (await venue.exchange.place(resting)).status is OrderStatus.OPEN


@BOTH
async def test_too_little_money_is_told_apart(venue: Any, symbol: str) -> None:
    await venue.exchange.set_leverage(SWAP, D(1))
    with pytest.raises(OutOfFunds):
        await venue.exchange.place(venue.order(symbol, quantity=D(90)))


async def test_reduce_only_never_opens(venue: Any) -> None:
    with pytest.raises(Rejected):
        await venue.exchange.place(venue.taker(SWAP, Side.SELL, purpose=Purpose.CLOSE))


async def test_leverage_is_set_and_read_back(venue: Any) -> None:
    assert await venue.exchange.set_leverage(SWAP, D(7)) == 7
    assert await venue.exchange.set_leverage(SWAP, D(5)) == 5


async def test_a_position_is_told_and_no_wallet_counts_its_profit(venue: Any) -> None:
    await venue.exchange.set_leverage(SWAP, D(5))
    await venue.exchange.place(venue.taker(SWAP))
    before = await venue.exchange.account()
    venue.move(4600)
    after = await venue.exchange.account()

    [held] = after.positions
    wallet = (MarketType.SWAP, "USDT")
    assert after.totals[wallet] == before.totals[wallet]
    assert (held.symbol, held.side, held.quantity) == (SWAP, Side.BUY, D("0.1"))
    assert held.leverage == 5
    assert 90 < held.margin < 91
    assert held.unrealised_pnl == pytest.approx(D("9.977"))
    assert held.liquidation_price is not None
    assert 3600 < held.liquidation_price < 3650


@BOTH
async def test_a_stop_waits_fires_and_names_its_order(venue: Any, symbol: str) -> None:
    await venue.exchange.place(venue.taker(symbol))
    venue_id = await venue.exchange.place_trigger(stop(venue, symbol))
    [waiting] = await venue.exchange.triggers(symbol, is_open=True)
    listed = await venue.exchange.open_orders()
    venue.move(4299)
    finished = await venue.exchange.triggers(symbol, is_open=False)

    assert (waiting.venue_id, waiting.order_venue_id) == (venue_id, None)
    assert waiting.fits(stop(venue, symbol))
    assert listed == []
    assert await venue.exchange.triggers(symbol, is_open=True) == []
    fired = next(one for one in finished if one.venue_id == venue_id)
    assert fired.order_venue_id is not None
    assert fired.fits(stop(venue, symbol))
    fills = await venue.exchange.fills(symbol, fired.order_venue_id)
    assert sum(fill.quantity for fill in fills) == D("0.05")
    assert await venue.exchange.cancel_trigger(symbol, venue_id) is False


@BOTH
async def test_a_target_waits_on_the_other_side_and_is_cancelled(venue: Any, symbol: str) -> None:
    await venue.exchange.place(venue.taker(symbol))
    wanted = stop(venue, symbol, "4700", ExitKind.TARGET)
    venue_id = await venue.exchange.place_trigger(wanted)
    [waiting] = await venue.exchange.triggers(symbol, is_open=True)
    was_open = await venue.exchange.cancel_trigger(symbol, venue_id)
    venue.move(4701)

    assert waiting.fits(wanted)
    assert was_open
    finished = await venue.exchange.triggers(symbol, is_open=False)
    ended = next(one for one in finished if one.venue_id == venue_id)
    assert (ended.is_open, ended.order_venue_id) == (False, None)
    assert ended.outcome.lower().startswith("cancel")


async def test_no_funding_is_told_before_any_is_paid(venue: Any) -> None:
    since = venue.order(SWAP).created_at
    assert list(await venue.exchange.funding(SWAP, since)) == []


@BOTH
async def test_what_waits_is_listed_for_the_account_orders_and_triggers_apart(
    venue: Any, symbol: str
) -> None:
    await venue.exchange.place(venue.taker(symbol))
    order = venue.order(symbol)
    await venue.exchange.place(order)
    venue_id = await venue.exchange.place_trigger(stop(venue, symbol))

    [waiting] = await venue.exchange.resting_triggers()
    assert (waiting.symbol, waiting.venue_id, waiting.is_open) == (symbol, venue_id, True)
    for asked in (None, symbol):
        [listed] = await venue.exchange.open_orders(asked)
        assert (listed.report.client_id, listed.price) == (order.client_id, order.price)
    other = SWAP if symbol == SPOT else SPOT
    assert await venue.exchange.open_orders(other) == []


@BOTH
async def test_recent_fills_are_those_of_every_order_since_a_moment(
    venue: Any, symbol: str
) -> None:
    first = await venue.exchange.place(venue.taker(symbol))
    second = await venue.exchange.place(venue.taker(symbol))
    [last] = await venue.exchange.fills(symbol, second.venue_id)

    newest = await venue.exchange.recent_fills(symbol, None)
    assert {first.venue_id, second.venue_id} <= {one.order_venue_id for one in newest}
    assert last in newest
    assert last in await venue.exchange.recent_fills(symbol, last.at)
    later = await venue.exchange.recent_fills(symbol, last.at + timedelta(minutes=1))
    assert later == []
