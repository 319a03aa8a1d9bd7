"""Statistics of closed trades, and reports that are drawn of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from api.analytics_views import AnalyticsOut, DrawnOut, ReportFileOut
from api.dependencies import Caller, TheDesk, TheRuntime
from api.idempotency import IdempotentRoute
from api.schemas import Input, Moment
from cerberus.domain.analytics.files import NAME
from cerberus.services.analytics import MOST_DAYS, Asked, draw_charts, draw_report, measure

router = APIRouter(prefix="/api", tags=["analytics"], route_class=IdempotentRoute)

Name = Annotated[str, Path(pattern=rf"^{NAME}$")]
#: the page needs no script and nothing from elsewhere
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}


class RangeIn(Input):
    """Which range: from one moment to another, or so many days before the end, by default now."""

    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None
    days: Annotated[int | None, Field(ge=1, le=MOST_DAYS)] = None

    def asked(self) -> Asked:
        """Return the range as the service knows it."""
        return Asked(self.start, self.end, self.days)


class ReportsOut(BaseModel):
    """Every drawn report, the one that was made last first."""

    reports: list[ReportFileOut]
    total: int


async def asked_range(
    start: Annotated[Moment | None, Query(alias="from", description="the first moment")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="before it; now")] = None,
    days: Annotated[
        int | None, Query(ge=1, le=MOST_DAYS, description="instead of `from`; 1")
    ] = None,
) -> Asked:
    """Return the range that a query tells."""
    return Asked(start, end, days)


@router.get("/analytics")
async def analytics(
    _: Caller, desk: TheDesk, runtime: TheRuntime, asked: Annotated[Asked, Depends(asked_range)]
) -> AnalyticsOut:
    """Tell how the trades went that were closed in a range: every statistic, with recommendations.

    Another process reads the store for it, so that trading does not wait.
    """
    return AnalyticsOut.of(await measure(desk, runtime.analytics, asked))


@router.get("/analytics/picture", response_class=Response, responses=_PICTURE)
async def charts(
    _: Caller, desk: TheDesk, runtime: TheRuntime, asked: Annotated[Asked, Depends(asked_range)]
) -> Response:
    """Give the charts of a range as PNG; no report is kept of it."""
    content = await draw_charts(desk, runtime.analytics, asked)
    return Response(content, media_type="image/png")


@router.post("/reports", status_code=201)
async def draw(
    role: Caller,
    desk: TheDesk,
    runtime: TheRuntime,
    body: Annotated[RangeIn | None, Body()] = None,
) -> DrawnOut:
    """Draw the report of a range as a page with charts; the oldest reports go.

    A report of the same range takes the place of the former one.
    """
    asked = (body or RangeIn()).asked()
    return DrawnOut.of(await draw_report(desk, runtime.analytics, asked, role))


@router.get("/reports")
async def reports(_: Caller, runtime: TheRuntime) -> ReportsOut:
    """List the drawn reports, the one that was made last first."""
    found = [ReportFileOut.model_validate(one) for one in await runtime.analytics.reports()]
    return ReportsOut(reports=found, total=len(found))


@router.get(
    "/reports/{name}", response_class=Response, responses={200: {"content": {"text/html": {}}}}
)
async def page(_: Caller, runtime: TheRuntime, name: Name) -> Response:
    """Give a report as one HTML page that needs nothing else."""
    content = await runtime.analytics.page(name)
    return Response(content, media_type="text/html; charset=utf-8", headers=_PAGE_HEADERS)


@router.get("/reports/{name}/picture", response_class=Response, responses=_PICTURE)
async def picture(_: Caller, runtime: TheRuntime, name: Name) -> Response:
    """Give the charts of a report as PNG."""
    return Response(await runtime.analytics.picture(name), media_type="image/png")
