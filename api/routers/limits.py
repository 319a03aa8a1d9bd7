"""What stands between us and the venue: how much of its limits is used, and the breakers."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import Caller, TheDesk
from cerberus.errors import NotFound
from cerberus.resilience.circuit_breaker import State
from cerberus.resilience.guard import Guard
from cerberus.resilience.limiter import Tally
from cerberus.services.desk import Desk

router = APIRouter(prefix="/api/system", tags=["system"])


class BudgetOut(BaseModel):
    """One budget: what is used of it now, and what became of its calls since the start."""

    name: str
    limit: int
    seconds: float
    used: int
    calls: int
    weight: int
    delayed: int
    delayed_seconds: float
    refused: int


class RateLimitsOut(BaseModel):
    """The budgets, and how many calls wait for them."""

    ledger: str
    waiting: int
    rests: int
    budgets: list[BudgetOut]


class BreakerOut(BaseModel):
    """One breaker."""

    name: str
    part: str
    state: str
    seconds_left: float
    trips: int
    reason: str


class BreakersOut(BaseModel):
    """Every breaker, and why entries are refused; empty when none is open."""

    entry_block: str
    breakers: list[BreakerOut]


@router.get("/rate-limits")
async def rate_limits(_: Caller, desk: TheDesk) -> RateLimitsOut:
    """Tell how much of each of the venue's limits is used, and what had to wait."""
    limiter = _guard(desk).limiter
    tallies = limiter.tallies
    budgets = [
        BudgetOut(
            name=one.name,
            limit=one.limit,
            seconds=one.seconds,
            used=one.used,
            **_numbers(tallies.get(one.name, Tally())),
        )
        for one in await limiter.usage()
    ]
    return RateLimitsOut(
        ledger=limiter.ledger_state, waiting=limiter.waiting, rests=limiter.rests, budgets=budgets
    )


@router.get("/breakers")
async def breakers(_: Caller, desk: TheDesk) -> BreakersOut:
    """Tell the state of each circuit breaker."""
    found = _guard(desk).breakers
    return BreakersOut(
        entry_block=found.entry_block(),
        breakers=[
            BreakerOut(
                name=one.name,
                part=part,
                state=one.state,
                seconds_left=round(one.seconds_left, 1),
                trips=one.trips,
                reason=one.reason,
            )
            for part, one in found.items()
        ],
    )


def breaker_parts(guard: Guard) -> dict[str, dict[str, str | None]]:
    """Return the breakers as components of the detailed health."""
    return {
        f"breaker {part}": {
            "status": "ok" if one.state is State.CLOSED else "failing",
            "state": str(one.state),
            "problem": one.reason,
        }
        for part, one in guard.breakers.items()
    }


def _guard(desk: Desk) -> Guard:
    if desk.guard is None:
        raise NotFound("nothing stands between this desk and its venue")
    return desk.guard


def _numbers(tally: Tally) -> Mapping[str, int | float]:
    return {
        "calls": tally.calls,
        "weight": tally.weight,
        "delayed": tally.delayed,
        "delayed_seconds": round(tally.delayed_seconds, 3),
        "refused": tally.refused,
    }
