"""Reconciliation: the last report, a run on demand, and what a person may do about it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import Admin, Caller, TheDesk
from api.idempotency import IdempotentRoute
from api.schemas import Input
from api.trade_views import PositionOut
from cerberus.domain.holds import Holds, Kind
from cerberus.domain.reconciliation import Item, Outcome
from cerberus.domain.reconciliation_report import Report
from cerberus.errors import Transient
from cerberus.services.adoption import adopt, release_quarantine
from cerberus.services.check_money import name_of
from cerberus.services.desk import Desk
from cerberus.services.reconcile import reconcile
from cerberus.services.snapshot import read_holds
from cerberus.services.write_off import WriteOff, write_off

router = APIRouter(
    prefix="/api/reconciliation", tags=["reconciliation"], route_class=IdempotentRoute
)

Held = Annotated[str, Field(min_length=3, max_length=48, examples=["BTC/USDT:USDT"])]
Result = Annotated[Decimal, Field(ge=Decimal("-1e12"), le=Decimal("1e12"), decimal_places=12)]
VenueId = Annotated[str, Field(min_length=1, max_length=128, examples=["position"])]


class AdoptIn(Input):
    """A foreign item, named as the report names it."""

    symbol: Held
    venue_id: VenueId


class SymbolIn(Input):
    """A symbol in quarantine, named as the report names it."""

    symbol: Held


class WriteOffIn(Input):
    """A position in quarantine, why it is given up, and its result where a person knows it."""

    position_id: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    result_usd: Result | None = None


class ItemOut(BaseModel):
    """One item; quantities are signed, negative is short or sold."""

    kind: Kind
    symbol: str
    venue_id: str
    outcome: Outcome
    ours: str
    there: str
    detail: str


class ReportOut(BaseModel):
    """The last reconciliation, and what it holds back."""

    at: datetime
    seconds: float
    counts: dict[Outcome, int]
    unsettled: dict[str, str]
    drift_by_symbol: dict[str, str]
    drift_by_wallet: dict[str, str]
    pnl_computed: str
    pnl_venue: str
    pnl_difference: str
    entry_block: str
    quarantined: dict[str, str]
    items: list[ItemOut]


@router.get("")
async def last(
    _: Caller,
    desk: TheDesk,
    outcome: Annotated[Outcome | None, Query(description="only items of this outcome")] = None,
) -> ReportOut:
    """Tell the last reconciliation with its items, and what is held back now."""
    report = desk.reconciliation.report
    if report is None:
        raise Transient("nothing was reconciled yet")
    return await _told(desk, report, outcome)


@router.post("/run")
async def run(_: Caller, desk: TheDesk) -> ReportOut:
    """Compare everything with the venue now."""
    desk.ensure_open()
    return await _told(desk, await reconcile(desk), None)


@router.post("/adopt")
async def adopt_item(role: Admin, desk: TheDesk, body: AdoptIn) -> dict[str, str]:
    """Adopt an order, trigger, fill, position or balance that is not ours."""
    desk.ensure_open()
    return {"status": await adopt(desk, body.symbol, body.venue_id, role)}


@router.post("/release")
async def release(role: Admin, desk: TheDesk, body: SymbolIn) -> dict[str, str]:
    """Lift the quarantine of a symbol."""
    desk.ensure_open()
    await release_quarantine(desk, body.symbol, role)
    return {"status": "released"}


@router.post("/write-off")
async def write_off_position(role: Admin, desk: TheDesk, body: WriteOffIn) -> PositionOut:
    """Take a position out of the books that stays in quarantine; nothing is sent to the venue."""
    desk.ensure_open()
    stated = WriteOff(body.reason, body.result_usd)
    return PositionOut.of(await write_off(desk, body.position_id, stated, role))


async def _told(desk: Desk, report: Report, outcome: Outcome | None) -> ReportOut:
    holds: Holds = await desk.store.read(read_holds)
    ledger = report.ledger
    return ReportOut(
        at=report.at,
        seconds=report.seconds,
        counts=dict(report.counts()),
        unsettled=dict(report.unsettled),
        drift_by_symbol={one: str(value) for one, value in report.drift_by_symbol().items()},
        drift_by_wallet={name_of(one): str(value) for one, value in ledger.drifts.items()},
        pnl_computed=str(ledger.pnl_computed),
        pnl_venue=str(ledger.pnl_venue),
        pnl_difference=str(ledger.pnl_difference),
        entry_block=holds.entry_block,
        quarantined=dict(holds.quarantined),
        items=[_item(one) for one in report.items if outcome in (None, one.outcome)],
    )


def _item(item: Item) -> ItemOut:
    one = item.finding
    return ItemOut(
        kind=one.kind,
        symbol=one.symbol,
        venue_id=one.venue_id,
        outcome=item.outcome,
        ours=str(one.ours),
        there=str(one.there),
        detail=item.detail,
    )
