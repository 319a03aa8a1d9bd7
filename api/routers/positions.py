"""Positions and their exits."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import BaseModel

from api.dependencies import Caller, Limit, Offset, TheDesk, TheRuntime
from api.idempotency import IdempotentRoute
from api.schemas import ReasonIn, SymbolText
from api.trade_views import ExitOut, PositionOut, TradeOut, views
from cerberus.domain.market import parse_symbol
from cerberus.domain.positions import Position
from cerberus.errors import NotFound
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.explain import tell_trade
from cerberus.services.valuing import value

router = APIRouter(prefix="/api", tags=["positions"], route_class=IdempotentRoute)

Id = Annotated[str, Path(max_length=64)]


class PositionsOut(BaseModel):
    """One page of positions, newest first."""

    positions: list[PositionOut]
    total: int


class ValuedOut(PositionOut):
    """An open position at the price of now; both are null where the venue tells no price."""

    price: Decimal | None
    result: Decimal | None


class HoldingsOut(BaseModel):
    """Every open position, newest first, at the prices of now."""

    positions: list[ValuedOut]
    total: int


class ExitsOut(BaseModel):
    """Exits, newest first."""

    exits: list[ExitOut]
    total: int


@router.get("/positions")
async def list_positions(
    _: Caller, desk: TheDesk, open_only: bool = False, limit: Limit = 50, offset: Offset = 0
) -> PositionsOut:
    """List positions, newest first, closed ones too unless `open_only`."""
    if open_only:
        held = await desk.store.read(lambda transaction: transaction.positions.open())
        return PositionsOut(positions=views(PositionOut, held), total=len(held))
    found, total = await desk.store.read(
        lambda transaction: transaction.positions.newest(limit, offset)
    )
    return PositionsOut(positions=views(PositionOut, found), total=total)


@router.get("/holdings")
async def list_holdings(
    _: Caller, runtime: TheRuntime, symbol: Annotated[SymbolText | None, Query()] = None
) -> HoldingsOut:
    """List the open positions, or those of one symbol, with what they would make if closed now."""
    desk = runtime.desk
    wanted = None if symbol is None else parse_symbol(symbol, runtime.market_type)
    held = await desk.store.read(lambda transaction: transaction.positions.open())
    chosen = [one for one in held if wanted in (None, one.symbol)]
    shown = [
        ValuedOut(**PositionOut.of(one.position).model_dump(), price=one.price, result=one.result)
        for one in await value(desk, chosen)
    ]
    return HoldingsOut(positions=shown, total=len(shown))


@router.get("/positions/{position_id}")
async def get_position(_: Caller, desk: TheDesk, position_id: Id) -> PositionOut:
    """Tell one position."""
    return PositionOut.of(await _position(desk, position_id))


@router.post(
    "/positions/{position_id}/close",
    responses={202: {"model": TradeOut, "description": "it is not known yet to be closed"}},
)
async def close(
    _: Caller,
    desk: TheDesk,
    position_id: Id,
    response: Response,
    body: Annotated[ReasonIn | None, Body()] = None,
) -> TradeOut:
    """Close a position at the market; 202 while it is not known to be closed."""
    position = await _position(desk, position_id)
    async with desk.locks[position.symbol]:
        position = await _position(desk, position_id)
        if position.is_open:
            await close_position(desk, position, (body or ReasonIn()).reason)
    story = await tell_trade(desk, position.trade_id)
    if not story.trade.status.is_final:
        response.status_code = 202
    return TradeOut.of(story)


@router.get("/exits")
async def list_exits(
    _: Caller,
    desk: TheDesk,
    trade_id: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ExitsOut:
    """List protective exits, newest first, or those of one trade."""
    if trade_id is not None:
        mine = await desk.store.read(lambda transaction: transaction.exits.of_trade(trade_id))
        return ExitsOut(exits=[ExitOut.of(one) for one in mine], total=len(mine))
    found, total = await desk.store.read(
        lambda transaction: transaction.exits.newest(limit, offset)
    )
    return ExitsOut(exits=[ExitOut.of(one) for one in found], total=total)


async def _position(desk: Desk, position_id: str) -> Position:
    position = await desk.store.read(lambda transaction: transaction.positions.get(position_id))
    if position is None:
        raise NotFound(f"position {position_id} is not known")
    return position
