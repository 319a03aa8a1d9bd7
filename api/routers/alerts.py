"""Alerts: raise, list, acknowledge and resolve them; signs of life."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.alert_schemas import AlertIn
from api.dependencies import Caller, Limit, Offset, TheRuntime
from api.idempotency import IdempotentRoute
from api.schemas import ReasonIn
from api.views import View
from cerberus.domain.alerts.alert import Alert, AlertStatus, Level, fingerprint
from cerberus.domain.alerts.delivery import DeliveryStatus, Kind
from cerberus.errors import NotFound
from cerberus.ports import Transaction
from cerberus.services.alerts.raising import acknowledge, find_alert, resolve, take_in
from cerberus.services.alerts.watching import heartbeat_fact

router = APIRouter(prefix="/api", tags=["alerts"], route_class=IdempotentRoute)

Id = Annotated[str, Path(max_length=128)]
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class EndIn(ReasonIn):
    """Which alert is over, as it was raised."""

    name: str = Field(default="flow", pattern=r"^[a-z][a-z0-9_-]{0,63}$")
    fingerprint: str = Field(min_length=1, max_length=200)


class AlertOut(View):
    """An alert."""

    alert_id: str
    external_id: str | None
    name: str
    level: Level
    title: str
    message: str
    source: str
    status: AlertStatus
    count: int
    repeats: str | None
    created_at: datetime
    last_at: datetime
    escalated: int
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None


class DeliveryOut(View):
    """What became of telling an alert on a channel."""

    delivery_id: str
    channel: str
    kind: Kind
    status: DeliveryStatus
    message_id: str | None
    attempts: int
    created_at: datetime
    attempted_at: datetime | None
    error: str


class AlertStoryOut(AlertOut):
    """An alert with what became of telling it."""

    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, transaction: Transaction, alert: Alert) -> Self:
        """Return an alert with its deliveries."""
        told = transaction.deliveries.of_alert(alert.alert_id)
        shown = AlertOut.model_validate(alert).model_dump()
        return cls(**shown, deliveries=[DeliveryOut.model_validate(one) for one in told])


class AlertsOut(BaseModel):
    """One page of alerts, newest first."""

    alerts: list[AlertOut]
    total: int


@router.post(
    "/alerts",
    status_code=201,
    responses={200: {"model": AlertOut, "description": "it repeats an alert, this one"}},
)
async def raise_one(_: Caller, runtime: TheRuntime, body: AlertIn, response: Response) -> AlertOut:
    """Take an alert into the outbox; 200 with the live alert when it repeats one."""
    new = body.to_alert(runtime.desk.wall_clock.now())
    stored = await runtime.desk.store.write(lambda transaction: take_in(transaction, new))
    if stored.alert_id != new.alert_id:
        response.status_code = 200
    return AlertOut.model_validate(stored)


@router.get("/alerts")
async def list_alerts(
    _: Caller,
    runtime: TheRuntime,
    status: AlertStatus | None = None,
    level: Level | None = None,
    name: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> AlertsOut:
    """List alerts, newest first."""
    found, total = await runtime.desk.store.read(
        lambda transaction: transaction.alerts.find(status, level, name, limit, offset)
    )
    return AlertsOut(alerts=[AlertOut.model_validate(one) for one in found], total=total)


@router.post("/alerts/resolve")
async def resolve_by_fingerprint(role: Caller, runtime: TheRuntime, body: EndIn) -> AlertOut:
    """Say that what was raised under a fingerprint is over; 404 where nothing of it is live."""
    now, same = runtime.desk.wall_clock.now(), fingerprint(body.name, "given", body.fingerprint)

    def end(transaction: Transaction) -> Alert:
        alert = transaction.alerts.live(same)
        if alert is None:
            raise NotFound(f"no alert {body.name} is live under this fingerprint")
        transaction.facts.note(now, role, "alert_resolved", alert.alert_id, body.reason)
        return resolve(transaction, alert, now)

    return AlertOut.model_validate(await runtime.desk.store.write(end))


@router.get("/alerts/{alert_id}")
async def get_alert(_: Caller, runtime: TheRuntime, alert_id: Id) -> AlertStoryOut:
    """Tell one alert, by our id or its caller's, with what became of telling it."""
    return await runtime.desk.store.read(
        lambda transaction: AlertStoryOut.of(transaction, find_alert(transaction, alert_id))
    )


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge_one(role: Caller, runtime: TheRuntime, alert_id: Id) -> AlertOut:
    """Say that a person has seen it: nobody else is called; repeating it changes nothing."""
    now, follow = runtime.desk.wall_clock.now(), runtime.alerting.following_channels
    seen = await runtime.desk.store.write(
        lambda transaction: acknowledge(transaction, alert_id, role, now, follow)
    )
    return AlertOut.model_validate(seen)


@router.post("/alerts/{alert_id}/resolve")
async def resolve_one(
    role: Caller, runtime: TheRuntime, alert_id: Id, body: ReasonIn | None = None
) -> AlertOut:
    """Say that it is over; whoever was told of it is told that too."""
    now = runtime.desk.wall_clock.now()
    reason = (body or ReasonIn()).reason

    def end(transaction: Transaction) -> Alert:
        alert = find_alert(transaction, alert_id)
        if alert.is_live:
            transaction.facts.note(now, role, "alert_resolved", alert.alert_id, reason)
        return resolve(transaction, alert, now)

    return AlertOut.model_validate(await runtime.desk.store.write(end))


@router.post("/heartbeats/{name}")
async def beat(_: Caller, runtime: TheRuntime, name: Name) -> dict[str, str]:
    """Give a sign of life; the rules say after which silence an alert is raised."""
    now = runtime.desk.wall_clock.now()
    fact = {"at": now.isoformat()}
    await runtime.desk.store.write(
        lambda transaction: transaction.facts.put(heartbeat_fact(name), fact, now)
    )
    return fact
