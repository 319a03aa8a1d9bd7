"""The market and the account, as the venue tells them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.dependencies import Caller, TheDesk, TheRuntime
from api.schemas import SymbolText
from api.views import View
from cerberus.domain.balances import balance
from cerberus.domain.market import ZERO, parse_symbol
from cerberus.domain.signals import Side
from cerberus.services.snapshot import take

router = APIRouter(tags=["market"])


class CandleOut(View):
    """One bar."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class CandlesOut(BaseModel):
    """Bars, oldest first; the last one may still be open."""

    symbol: str
    timeframe: str
    candles: list[CandleOut]


class PriceOut(BaseModel):
    """The best prices now."""

    symbol: str
    bid: Decimal
    ask: Decimal
    mid: Decimal
    at: datetime


class BalanceOut(BaseModel):
    """One currency of one wallet."""

    wallet: str
    currency: str
    total: Decimal
    position_margin: Decimal
    reserved: Decimal
    available: Decimal
    deficit: Decimal


class VenuePositionOut(View):
    """A perpetual position as the venue tells it."""

    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    margin: Decimal
    unrealised_pnl: Decimal
    leverage: Decimal
    liquidation_price: Decimal | None


class AccountOut(BaseModel):
    """Balances and perpetual positions at the venue, with our own reservations taken off."""

    mode: str
    at: datetime
    balances: list[BalanceOut]
    positions: list[VenuePositionOut]


@router.get("/api/candles")
async def candles(
    _: Caller,
    runtime: TheRuntime,
    symbol: Annotated[SymbolText, Query()],
    timeframe: Annotated[str, Query(pattern=r"^[0-9]{1,3}[smhdwM]$")] = "5m",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CandlesOut:
    """Give the newest bars of a symbol."""
    wanted = parse_symbol(symbol, runtime.market_type)
    found = await runtime.desk.exchange.candles(wanted, timeframe, limit)
    rows = [CandleOut.model_validate(candle) for candle in found]
    return CandlesOut(symbol=wanted, timeframe=timeframe, candles=rows)


@router.get("/price/{symbol}")
async def price(
    _: Caller, runtime: TheRuntime, symbol: Annotated[str, Path(max_length=48)]
) -> PriceOut:
    """Give the best prices of a symbol now."""
    wanted = parse_symbol(symbol, runtime.market_type)
    quote = await runtime.desk.exchange.quote(wanted)
    return PriceOut(symbol=wanted, bid=quote.bid, ask=quote.ask, mid=quote.mid, at=quote.at)


@router.get("/account")
async def account(_: Caller, runtime: TheRuntime, desk: TheDesk) -> AccountOut:
    """Give the account, asked for now."""
    told = await desk.exchange.account()
    snapshot = await desk.store.read(take)
    rows = []
    for wallet in sorted(told.totals):
        one = balance(told, wallet, snapshot.reserved.get(wallet, ZERO))
        rows.append(
            BalanceOut(
                wallet=wallet[0],
                currency=wallet[1],
                total=one.total,
                position_margin=one.margin,
                reserved=one.reserved,
                available=one.available,
                deficit=one.deficit,
            )
        )
    held = [VenuePositionOut.model_validate(position) for position in told.positions]
    return AccountOut(mode=runtime.mode, at=told.at, balances=rows, positions=held)
