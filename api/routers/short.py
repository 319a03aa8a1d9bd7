"""`POST /trade/signal`: one call from a signal to a protected position."""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse

from api.dependencies import Caller, TheRuntime
from api.execution import run_signal
from api.idempotency import IdempotentRoute
from api.short_form import TradeSignalIn, TradeSignalOut
from cerberus.domain.orders import Purpose
from cerberus.domain.trades import TradeStatus
from cerberus.services.execute import Outcome
from cerberus.services.explain import TradeStory, tell_trade
from cerberus.services.judge import Wish

router = APIRouter(tags=["trades"], route_class=IdempotentRoute)


@router.post(
    "/trade/signal",
    response_model=TradeSignalOut,
    responses={202: {"model": TradeSignalOut, "description": "the outcome is not known yet"}},
)
async def trade_signal(
    role: Caller,
    runtime: TheRuntime,
    body: TradeSignalIn,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> JSONResponse:
    """Execute a signal in its short form; a refusal is an answer, not an error."""
    told = body.to_signal_in()
    if told.id is None and idempotency_key is not None:
        told = told.model_copy(update={"id": idempotency_key})
    executed = await run_signal(runtime, told, Wish(), role)
    outcome = executed.outcome
    if outcome.trade is None:
        return _json(_refused(outcome), 200)
    story = await tell_trade(runtime.desk, outcome.trade.trade_id)
    return _json(_traded(outcome, story), 202 if story.is_in_doubt else 200)


def _traded(outcome: Outcome, story: TradeStory) -> TradeSignalOut:
    trade = story.trade
    entry = next((order for order in story.orders if order.purpose is Purpose.ENTRY), None)
    return TradeSignalOut(
        success=trade.status is not TradeStatus.NOT_PLACED,
        status=trade.status,
        message=trade.close_reason or f"{trade.side} {trade.quantity} {trade.symbol}",
        signal_id=trade.signal_id,
        trade_id=trade.trade_id,
        # no venue knows an order that waits for its trigger
        order_id=None if entry is None else entry.order_id if entry.is_armed else entry.venue_id,
        duplicate_of=trade.trade_id if outcome.is_duplicate else None,
        symbol=trade.symbol,
        side=trade.side,
        quantity=story.filled_quantity,
        price=story.entry_fill_price,
        stop_loss=trade.stop_price,
        take_profit=trade.target_price,
    )


def _refused(outcome: Outcome) -> TradeSignalOut:
    record, verdict = outcome.record, outcome.record.verdict
    return TradeSignalOut(
        success=False,
        status="refused",
        message="" if verdict is None else f"{verdict.refused_by}: {verdict.reason}",
        signal_id=record.signal_id,
        duplicate_of=record.signal_id if outcome.is_duplicate else None,
        symbol=record.symbol,
        side=record.signal.side,
        quantity=record.signal.size.value if record.signal.size is not None else 0,
    )


def _json(body: TradeSignalOut, status: int) -> JSONResponse:
    return JSONResponse(body.model_dump(mode="json"), status)
