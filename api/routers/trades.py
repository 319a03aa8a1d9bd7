"""Trades: execute a signal, list trades, tell one, explain one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.dependencies import Caller, Limit, Offset, TheDesk, TheRuntime
from api.execution import answer_trade, run_signal
from api.idempotency import IdempotentRoute
from api.schemas import SymbolText, TradeIn
from api.trade_views import TradeOut
from api.views import SignalRecordOut
from cerberus.domain.market import parse_symbol
from cerberus.domain.trades import TradeStatus
from cerberus.services.explain import tell_trade, tell_trades, why

router = APIRouter(prefix="/api", tags=["trades"], route_class=IdempotentRoute)

Id = Annotated[str, Path(max_length=64)]


class TradesOut(BaseModel):
    """One page of trades, newest first."""

    trades: list[TradeOut]
    total: int


class WhyOut(BaseModel):
    """A signal, what was decided about it, and the trade that followed."""

    signal: SignalRecordOut
    trade: TradeOut | None


@router.post(
    "/trades",
    status_code=201,
    response_model=TradeOut,
    responses={
        200: {"model": TradeOut, "description": "the signal was told before, this is its trade"},
        202: {"model": TradeOut, "description": "the outcome is not known yet, it is asked for"},
    },
)
async def execute_trade(role: Caller, runtime: TheRuntime, body: TradeIn) -> JSONResponse:
    """Execute a signal: checked again, reserved, sent once, booked; its exits follow at once."""
    told = body.signal if body.signal is not None else str(body.signal_id)
    executed = await run_signal(runtime, told, body.to_wish(), role)
    return await answer_trade(runtime.desk, executed)


@router.get("/trades")
async def list_trades(
    _: Caller,
    runtime: TheRuntime,
    status: TradeStatus | None = None,
    symbol: Annotated[SymbolText | None, Query()] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> TradesOut:
    """List trades, newest first."""
    desk = runtime.desk
    wanted = None if symbol is None else parse_symbol(symbol, runtime.market_type)
    found, total = await desk.store.read(
        lambda transaction: transaction.trades.find(status, wanted, limit, offset)
    )
    stories = await tell_trades(desk, found)
    return TradesOut(trades=[TradeOut.of(story) for story in stories], total=total)


@router.get("/trades/{trade_id}")
async def get_trade(_: Caller, desk: TheDesk, trade_id: Id) -> TradeOut:
    """Tell one trade with its orders, fills and exits."""
    return TradeOut.of(await tell_trade(desk, trade_id))


@router.get("/why/{anything}")
async def explain(_: Caller, desk: TheDesk, anything: Id) -> WhyOut:
    """Explain a signal, trade, position or order by its id: every check with value and limit."""
    found = await why(desk, anything)
    trade = None if found.story is None else TradeOut.of(found.story)
    return WhyOut(signal=SignalRecordOut.of(found.signal), trade=trade)
