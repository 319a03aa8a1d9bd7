"""The history of metrics, and what is unusual in it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.dependencies import Caller, TheRuntime
from api.views import View
from cerberus.domain.alerts.alert import Level
from cerberus.domain.anomalies.judging import Judgement
from cerberus.domain.anomalies.rules import Direction, Method, Of
from cerberus.domain.anomalies.samples import points
from cerberus.errors import NotFound
from cerberus.services.alerts.anomalies import find_anomalies

router = APIRouter(prefix="/api/metrics", tags=["metrics"])

Metric = Annotated[str, Query(pattern=r"^cerberus_[a-z0-9_]{1,100}$")]
Minutes = Annotated[int, Query(ge=1, le=1440, description="how far back")]


class State(StrEnum):
    """What a method says of a metric."""

    USUAL = "usual"
    UNUSUAL = "unusual"
    TOO_SHORT = "too_short"


class JudgementOut(BaseModel):
    """One metric by one method; a history that is too short gives no numbers."""

    metric: str
    of: Of
    method: Method
    direction: Direction
    state: State
    value: float | None
    usual: float | None
    spread: float | None
    score: float | None
    threshold: float
    count: int
    needed: int

    @classmethod
    def told(cls, found: Judgement) -> Self:
        """Return a judgement with its numbers."""
        beside = found.usual
        usual = State.UNUSUAL if found.is_unusual else State.USUAL
        return cls(
            metric=found.rule.metric,
            of=found.rule.of,
            method=found.method,
            direction=found.rule.direction,
            state=State.TOO_SHORT if found.score is None else usual,
            value=found.value,
            usual=None if beside is None else beside.middle,
            spread=None if beside is None else beside.spread,
            score=found.score,
            threshold=found.threshold,
            count=found.count,
            needed=found.needed,
        )


class ToTellOut(View):
    """An alert in the form in which the flow of alerts takes it."""

    name: str
    resolved: bool
    level: Level
    title: str
    message: str
    source: str
    fingerprint: str


class AnomaliesOut(BaseModel):
    """What is unusual, and what people are to be told of it."""

    at: datetime
    judgements: list[JudgementOut]
    alerts: list[ToTellOut]


class PointOut(View):
    """A metric at one minute."""

    at: datetime
    value: float


class HistoryOut(BaseModel):
    """A metric's history, oldest first."""

    metric: str
    points: list[PointOut]


@router.get("/anomalies")
async def anomalies(_: Caller, runtime: TheRuntime) -> AnomaliesOut:
    """Judge every metric of the rules by its history; stores nothing and tells nobody."""
    now, rules = runtime.desk.wall_clock.now(), runtime.alerting.rulebook.rules
    found, told = await runtime.desk.store.read(lambda tx: find_anomalies(tx, rules, now))
    return AnomaliesOut(
        at=now,
        judgements=[JudgementOut.told(one) for one in found],
        alerts=[ToTellOut.model_validate(one) for one in told],
    )


@router.get("/history")
async def history(
    _: Caller, runtime: TheRuntime, metric: Metric, minutes: Minutes = 60
) -> HistoryOut:
    """Tell a metric's history, one point a minute; 404 for one that the rules do not judge."""
    rules = runtime.alerting.rulebook.rules
    if metric not in {rule.metric for rule in rules.anomalies}:
        raise NotFound(f"{metric} stands not below anomalies in the rules of alerts")
    now = runtime.desk.wall_clock.now()
    kept = await runtime.desk.store.read(
        lambda tx: tx.samples.between(now - timedelta(minutes=minutes), now)
    )
    found = [PointOut.model_validate(one) for one in points(kept, metric)]
    return HistoryOut(metric=metric, points=found)
