"""From a body to an executed signal: shared by the routes that trade."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi.responses import JSONResponse

from api.dependencies import Role
from api.problems import InvalidSignal, problem
from api.schemas import SignalIn
from api.trade_views import TradeOut
from api.views import VerdictOut, decision_out
from cerberus.bootstrap import Runtime
from cerberus.domain.risk import Approved
from cerberus.domain.signals import Signal
from cerberus.domain.trades import SignalRecord, SignalStatus
from cerberus.domain.validation import Problem
from cerberus.errors import Forbidden, NotFound
from cerberus.services.desk import Desk
from cerberus.services.execute import Outcome
from cerberus.services.explain import tell_trade
from cerberus.services.intake import Intake, check, take_in, told_before
from cerberus.services.judge import Wish, judge, verdict


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of a signal, and whether it was told before."""

    outcome: Outcome
    told_before: bool


def refuse_problems(problems: Sequence[Problem]) -> None:
    """Refuse a signal that has problems."""
    if problems:
        raise InvalidSignal(problems)


async def taken_in(desk: Desk, signal: Signal) -> Intake:
    """Take a signal in, or find the one that it repeats: that is no error, however late.

    Raises
    ------
    InvalidSignal
        It is new, and a field is wrong.
    """
    first = await told_before(desk, signal)
    if first is not None:
        return first
    refuse_problems(await check(desk, signal))
    return await take_in(desk, signal)


async def judged(desk: Desk, record: SignalRecord) -> SignalRecord:
    """Judge a signal that was just taken in and store the decision."""
    decision = await judge(desk, record.signal, Wish())
    approved = isinstance(decision, Approved)
    status = SignalStatus.APPROVED if approved else SignalStatus.REFUSED
    done = replace(record, status=status, verdict=verdict(decision))
    await desk.write(lambda transaction: transaction.signals.save(done))
    return done


async def run_signal(runtime: Runtime, told: SignalIn | str, wish: Wish, role: Role) -> Executed:
    """Execute a signal, told now or known by its id.

    Raises
    ------
    Forbidden
        Force was wished without the admin token.
    InvalidSignal
        A field is wrong.
    NotFound
        There is no signal with this id.
    """
    desk = runtime.desk
    if wish.force and role is not Role.ADMIN:
        raise Forbidden("force_execution needs the admin token")
    desk.ensure_open()
    if isinstance(told, str):
        record = await desk.store.read(lambda transaction: transaction.signals.get(told))
        if record is None:
            raise NotFound(f"signal {told} is not known")
        if record.trade_id is None and record.status is not SignalStatus.REFUSED:
            refuse_problems(await check(desk, record.signal))  # it may have waited for long
        is_repeated = False
    else:
        intake = await taken_in(desk, told.to_signal(runtime.market_type, desk.today()))
        record, is_repeated = intake.record, intake.is_duplicate
    if wish.force:
        await _note_force(desk, record, role)
    outcome = await runtime.dispatcher.execute(record.signal_id, record.signal.confidence, wish)
    return Executed(outcome, is_repeated and outcome.is_duplicate)


async def answer_trade(desk: Desk, executed: Executed) -> JSONResponse:
    """Answer 201 for a new trade, 200 for one told before, 202 in doubt, 422 when refused."""
    outcome = executed.outcome
    if outcome.trade is None:
        return refusal(outcome.record)
    story = await tell_trade(desk, outcome.trade.trade_id)
    repeated = outcome.trade.trade_id if outcome.is_duplicate else None
    in_doubt = story.is_in_doubt
    status = 202 if in_doubt else 200 if repeated else 201
    return JSONResponse(TradeOut.of(story, repeated).model_dump(mode="json"), status)


def refusal(record: SignalRecord) -> JSONResponse:
    """Answer that risk has refused a signal: the check, its value and limit, and all checks."""
    decision: VerdictOut | None = decision_out(record.verdict)
    if decision is None:
        return problem(409, "conflict", f"signal {record.signal_id} has not been decided")
    return problem(
        422,
        "risk-refused",
        decision.reason,
        check=decision.refused_by,
        value=decision.value,
        limit=decision.limit,
        signal_id=record.signal_id,
        checks=[check.model_dump(mode="json") for check in decision.checks],
    )


async def _note_force(desk: Desk, record: SignalRecord, role: Role) -> None:
    now = desk.wall_clock.now()
    await desk.store.write(
        lambda transaction: transaction.facts.note(
            now, role, "force_execution", record.signal_id, record.symbol
        )
    )
