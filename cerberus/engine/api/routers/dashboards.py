"""Dashboards: `/api/v1/main/dashboards`."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from cerberus.engine.api.parameters import KestraPart, PageOf, Threads, YamlBody
from cerberus.engine.kestra.json_text import JsonObject

router = APIRouter(prefix="/api/v1/main/dashboards", tags=["dashboards"])

Wanted = Annotated[JsonObject, Body()]
Chart = Annotated[str, Body(embed=True)]
Global = Annotated[JsonObject | None, Body(alias="globalFilter")]


@router.get("")
async def search_dashboards(
    kestra: KestraPart, threads: Threads, page: PageOf, q: str | None = None
) -> JsonObject:
    """List the dashboards whose id or title holds a text."""
    return await threads.call(kestra.dashboards.search, page, q)


@router.post("")
async def create_dashboard(kestra: KestraPart, threads: Threads, source: YamlBody) -> JsonObject:
    """Keep a new dashboard."""
    return await threads.call(kestra.dashboards.create, source)


@router.get("/settings/default-dashboards")
async def default_dashboards() -> JsonObject:
    """Return which dashboards are shown first: none is set here."""
    return {}


@router.post("/validate")
async def validate_dashboard(kestra: KestraPart, threads: Threads, source: YamlBody) -> JsonObject:
    """Check a dashboard; nothing is kept."""
    return await threads.call(kestra.dashboards.validate, source)


@router.post("/validate/chart")
async def validate_chart(kestra: KestraPart, threads: Threads, source: YamlBody) -> JsonObject:
    """Check a chart; nothing is kept."""
    return await threads.call(kestra.dashboards.validate, source, is_chart=True)


@router.post("/charts/preview")
async def preview_chart(
    kestra: KestraPart, threads: Threads, chart: Chart, wanted: Global = None
) -> JsonObject:
    """Return the data of a chart that is not kept."""
    return await threads.call(kestra.dashboards.preview, chart, wanted or {})


@router.post("/charts/export")
async def export_chart(
    kestra: KestraPart, threads: Threads, chart: Chart, wanted: Global = None, format: str = "CSV"
) -> Response:
    """Return the data of a chart that is not kept, as a file."""
    drawn = await threads.call(kestra.dashboards.preview, chart, wanted or {})
    return _file(await threads.call(kestra.dashboards.export, drawn, format))


@router.get("/{id_}")
async def read_dashboard(kestra: KestraPart, threads: Threads, id_: str) -> JsonObject:
    """Return a dashboard."""
    return await threads.call(kestra.dashboards.get, id_)


@router.put("/{id_}")
async def update_dashboard(
    kestra: KestraPart, threads: Threads, id_: str, source: YamlBody
) -> JsonObject:
    """Replace a dashboard."""
    return await threads.call(kestra.dashboards.update, id_, source)


@router.delete("/{id_}", status_code=204)
async def delete_dashboard(kestra: KestraPart, threads: Threads, id_: str) -> Response:
    """Delete a dashboard."""
    await threads.call(kestra.dashboards.delete, id_)
    return Response(status_code=204)


@router.post("/{id_}/charts/{chart_id}")
async def chart_data(
    kestra: KestraPart, threads: Threads, id_: str, chart_id: str, wanted: Wanted
) -> JsonObject:
    """Return the data of a chart."""
    return await threads.call(kestra.dashboards.chart, id_, chart_id, wanted)


@router.post("/{id_}/charts/{chart_id}/export")
async def export_dashboard_chart(
    kestra: KestraPart,
    threads: Threads,
    id_: str,
    chart_id: str,
    wanted: Wanted,
    format: str = "CSV",
) -> Response:
    """Return the data of a chart as a file."""
    drawn = await threads.call(kestra.dashboards.chart, id_, chart_id, wanted)
    return _file(await threads.call(kestra.dashboards.export, drawn, format))


def _file(text: str) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="chart"'}
    return Response(text, headers=headers, media_type="application/octet-stream")
