"""Risk: what would be decided, and how much of each limit is used."""

from dataclasses import fields

from fastapi import APIRouter

from api.dependencies import Admin, Caller, Role, TheDesk, TheRuntime
from api.execution import refuse_problems
from api.idempotency import IdempotentRoute
from api.schemas import AssessIn
from api.views import VerdictOut
from cerberus.domain.performance import from_fact, to_fact
from cerberus.errors import Forbidden
from cerberus.ports import Transaction
from cerberus.services.intake import check
from cerberus.services.judge import judge, verdict
from cerberus.services.snapshot import PERFORMANCE, take

router = APIRouter(prefix="/api/risk", tags=["risk"], route_class=IdempotentRoute)


@router.post("/assess")
async def assess(role: Caller, runtime: TheRuntime, body: AssessIn) -> VerdictOut:
    """Say how a signal would be decided now; advisory, nothing is stored or reserved."""
    if body.force_execution and role is not Role.ADMIN:
        raise Forbidden("force_execution needs the admin token")
    desk = runtime.desk
    signal = body.signal.to_signal(runtime.market_type, desk.today())
    refuse_problems(await check(desk, signal))
    return VerdictOut.model_validate(verdict(await judge(desk, signal, body.to_wish())))


@router.get("/status")
async def status(_: Caller, desk: TheDesk) -> dict[str, object]:
    """Say which limits are in force, how trading has gone, and what holds entries back."""
    snapshot = await desk.store.read(take)
    now = desk.today()
    record = snapshot.record(now)
    limits = {field.name: str(getattr(desk.limits, field.name)) for field in fields(desk.limits)}
    reserved = {
        f"{kind} {name}": str(value) for (kind, name), value in sorted(snapshot.reserved.items())
    }
    return {
        "emergency_stop": snapshot.emergency_stop,
        "maintenance": snapshot.maintenance.reason_at(desk.wall_clock.now()),
        "entry_block": desk.blocked_by(),
        "foreign": snapshot.holds.entry_block,
        "quarantined": sorted(snapshot.holds.quarantined),
        "open_positions": len(snapshot.positions),
        "orders_in_doubt": sorted(snapshot.doubtful_symbols),
        "equity": str(record.equity),
        "peak_equity": str(record.peak_equity),
        "drawdown_rate": str(round(record.drawdown_rate, 6)),
        "drawdown_latched": record.drawdown_latched,
        "net_pnl": str(snapshot.performance.net_pnl),
        "funding": str(snapshot.performance.funding),
        "daily_pnl": str(record.daily_pnl),
        "losses_in_a_row": record.losses_in_a_row,
        "reserved": reserved,
        "limits": limits,
    }


@router.post("/reset")
async def reset(role: Admin, desk: TheDesk) -> dict[str, str]:
    """Let a person accept drawdown and losses, so that entries are let through again."""
    now = desk.wall_clock.now()

    def store(transaction: Transaction) -> None:
        sums = from_fact(transaction.facts.get(PERFORMANCE)).reset()
        transaction.facts.put(PERFORMANCE, to_fact(sums), now)
        transaction.facts.note(now, role, "risk_reset", "", "drawdown and losses accepted")

    await desk.store.write(store)
    return {"status": "reset"}
