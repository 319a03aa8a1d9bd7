"""Signals: tell, list, validate, evaluate."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from api.dependencies import Caller, Limit, Offset, TheDesk, TheRuntime
from api.execution import judged, taken_in
from api.idempotency import IdempotentRoute
from api.problems import FieldError
from api.schemas import EvaluateIn, SignalIn
from api.views import SignalOut, SignalRecordOut
from cerberus.domain.market import parse_symbol
from cerberus.domain.signals import Signal
from cerberus.services.evaluate import evaluate_symbols
from cerberus.services.intake import check

router = APIRouter(prefix="/api/signals", tags=["signals"], route_class=IdempotentRoute)


class SignalsOut(BaseModel):
    """One page of signals, newest first."""

    signals: list[SignalRecordOut]
    total: int


class ValidationOut(BaseModel):
    """Whether a signal may be told, and what is wrong with it."""

    valid: bool
    problems: list[FieldError]
    signal: SignalOut


class FirstOut(BaseModel):
    """A signal that later ones may repeat; for ever, or within the window."""

    signal_id: str
    received_at: datetime
    for_ever: bool


class DuplicatesOut(BaseModel):
    """What became of the signals since the start, and the newest that are remembered."""

    window_seconds: float
    new: int
    duplicates_from_cache: int
    duplicates_from_store: int
    lost_races: int
    keys_cached: int
    keys_at_most: int
    recent: list[FirstOut]


class ConsideredOut(BaseModel):
    """What one strategy made of one symbol."""

    symbol: str
    strategy: str
    signal: bool
    reason: str
    values: dict[str, str]


class EvaluationOut(BaseModel):
    """The signals of the last closed bar, at most one a symbol, and what was considered."""

    evaluated_at: str
    signals: list[SignalOut]
    considered: list[ConsideredOut]


@router.get("")
async def list_signals(
    _: Caller, desk: TheDesk, limit: Limit = 50, offset: Offset = 0
) -> SignalsOut:
    """List the signals that were taken in, newest first."""
    found, total = await desk.store.read(
        lambda transaction: transaction.signals.newest(limit, offset)
    )
    return SignalsOut(signals=[SignalRecordOut.of(record) for record in found], total=total)


@router.get("/duplicates")
async def duplicates(_: Caller, desk: TheDesk, limit: Limit = 50) -> DuplicatesOut:
    """Tell how many signals were told before, and which are remembered in memory."""
    known, tally = desk.duplicates, desk.duplicates.tally
    recent = [
        FirstOut(signal_id=first.signal_id, received_at=first.received_at, for_ever=first.is_unique)
        for first in known.newest(limit)
    ]
    return DuplicatesOut(
        window_seconds=known.window.total_seconds(),
        new=tally.new,
        duplicates_from_cache=tally.from_cache,
        duplicates_from_store=tally.from_store,
        lost_races=tally.lost_races,
        keys_cached=len(known),
        keys_at_most=known.capacity,
        recent=recent,
    )


@router.post(
    "",
    status_code=201,
    responses={200: {"model": SignalRecordOut, "description": "it was told before"}},
)
async def create_signal(
    _: Caller, runtime: TheRuntime, body: SignalIn, response: Response
) -> SignalRecordOut:
    """Take a signal in and judge it; nothing is reserved and no order is sent."""
    desk = runtime.desk
    intake = await taken_in(desk, body.to_signal(runtime.market_type, desk.today()))
    if intake.is_duplicate:
        response.status_code = 200
        return SignalRecordOut.of(intake.record, duplicate_of=intake.record.signal_id)
    return SignalRecordOut.of(await judged(desk, intake.record))


@router.post("/validate")
async def validate_signal(_: Caller, runtime: TheRuntime, body: SignalIn) -> ValidationOut:
    """Say what is wrong with a signal; nothing is stored."""
    signal = body.to_signal(runtime.market_type, runtime.desk.today())
    problems = await check(runtime.desk, signal)
    errors = [FieldError(field=problem.field, reason=problem.reason) for problem in problems]
    return ValidationOut(valid=not errors, problems=errors, signal=SignalOut.of(signal))


@router.post("/evaluate")
async def evaluate_signals(
    _: Caller, runtime: TheRuntime, body: Annotated[EvaluateIn | None, Body()] = None
) -> EvaluationOut:
    """Let the strategies look at the last closed bar of each symbol; nothing is stored."""
    desk, wanted = runtime.desk, body or EvaluateIn()
    symbols = desk.rules.symbols
    if wanted.symbols is not None:
        symbols = tuple(parse_symbol(text, runtime.market_type) for text in wanted.symbols)
    timeframe = wanted.timeframe or desk.rules.timeframe
    found = await evaluate_symbols(desk, symbols, timeframe, runtime.strategies)
    signals = [one.signal for one in found if one.signal is not None]
    considered = [
        ConsideredOut(
            symbol=verdict.symbol,
            strategy=verdict.strategy,
            signal=verdict.signal is not None,
            reason=verdict.reason,
            values={name: str(value) for name, value in verdict.values.items()},
        )
        for evaluation in found
        for verdict in evaluation.considered
    ]
    return EvaluationOut(
        evaluated_at=desk.today().isoformat(),
        signals=[SignalOut.of(signal) for signal in sorted(signals, key=_by_confidence)],
        considered=considered,
    )


def _by_confidence(signal: Signal) -> Decimal:
    """Order signals so that the most confident one is executed first."""
    return -signal.confidence
