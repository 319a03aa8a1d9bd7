"""Fees in a coin that is neither what is traded nor what it is paid with."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.fills import Fill
from cerberus.domain.market import MarketType, Quote
from cerberus.domain.signals import Side, Signal, Size
from cerberus.errors import Transient
from cerberus.services.close import close_position
from cerberus.services.coin_fees import read_coin_fees
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.explain import TradeStory, tell_trade
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.protect import protect
from tests.model.venue import ModelVenue
from tests.unit.domain.examples import SPOT, SWAP

D = Decimal
FEE, PRICE = D("0.02"), D(5)
COIN_MARKET = replace(SPOT, symbol="GT/USDT", base="GT")


@pytest.fixture(autouse=True)
def paid_in_coin(venue: ModelVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the venue charge each fill in a coin of its own, which has a price of its own."""
    told, price = venue.fills, venue.quote

    async def fills(symbol: str, order_venue_id: str) -> Sequence[Fill]:
        found = await told(symbol, order_venue_id)
        return [replace(one, fee=FEE, fee_currency="GT") for one in found]

    async def quote(symbol: str) -> Quote:
        if symbol == COIN_MARKET.symbol:
            return Quote(symbol, PRICE - D("0.1"), PRICE + D("0.1"), venue.clock.now())
        return await price(symbol)

    monkeypatch.setattr(venue, "fills", fills)
    monkeypatch.setattr(venue, "quote", quote)


async def trade(desk: Desk) -> TradeStory:
    """Enter, protect and close, and return the story of the trade."""
    told = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    taken = await take_in(desk, told)
    outcome = await execute(desk, taken.record.signal_id, Wish())
    assert outcome.trade is not None
    await protect(desk, outcome.trade.trade_id)
    [held] = await desk.store.read(lambda tx: tx.positions.open())
    assert held.quantity == D("0.01")
    await close_position(desk, held, "test")
    return await tell_trade(desk, outcome.trade.trade_id)


async def test_one_whose_coin_has_a_price_is_valued_at_it(desk: Desk) -> None:
    desk.instruments = {SWAP.symbol: SWAP, COIN_MARKET.symbol: COIN_MARKET}

    story = await trade(desk)

    assert [one.fee_value for one in story.fills] == [FEE * PRICE, FEE * PRICE]
    assert story.position is not None
    assert story.position.fees == story.position.coin_fees == 2 * FEE * PRICE
    assert story.position.net_pnl == story.position.realised_pnl - 2 * FEE * PRICE
    assert story.unvalued_fees == {}


async def test_one_without_a_price_is_booked_and_told(desk: Desk) -> None:
    story = await trade(desk)

    assert [(one.fee, one.fee_value) for one in story.fills] == [(FEE, None), (FEE, None)]
    assert story.position is not None
    assert (story.position.fees, story.position.coin_fees) == (0, 0)
    assert story.unvalued_fees == {"GT": 2 * FEE}


async def test_a_price_that_cannot_be_asked_keeps_no_fill_from_the_books(
    desk: Desk, venue: ModelVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.instruments = {SWAP.symbol: SWAP, COIN_MARKET.symbol: COIN_MARKET}
    price = venue.quote

    async def quote(symbol: str) -> Quote:
        if symbol == COIN_MARKET.symbol:
            raise Transient("too many requests")
        return await price(symbol)

    monkeypatch.setattr(venue, "quote", quote)

    story = await trade(desk)

    assert story.unvalued_fees == {"GT": 2 * FEE}
    assert story.position is not None
    assert not story.position.is_open


async def test_what_the_coins_wallet_has_paid_is_summed_once_for_each_fill(desk: Desk) -> None:
    story = await trade(desk)

    assert len(story.fills) == 2
    paid = await desk.store.read(read_coin_fees)
    assert paid == {(MarketType.SWAP, "GT"): 2 * FEE}
