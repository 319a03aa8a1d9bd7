"""Dashboards: kept among the engine's settings, drawn from its own data."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import cast

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, JavaError, array_list, instance_of, java
from cerberus.engine.kestra.json_text import JsonObject, to_map, to_object, to_text
from cerberus.engine.kestra.paging import Page
from cerberus.engine.kestra.views import to_csv
from cerberus.errors import Conflict, Invalid, NotFound

_KEY = "cerberus.dashboard."
_DASHBOARD = "io.kestra.core.models.dashboards.Dashboard"
_CHART = "io.kestra.core.models.dashboards.charts.Chart"
_KPI = "io.kestra.core.models.dashboards.charts.DataChartKPI"
_DATA = "io.kestra.core.models.dashboards.charts.DataChart"
_WINDOW_DAYS = 30


class Dashboards:
    """The dashboards of the one tenant."""

    def __init__(self, beans: Beans) -> None:
        self._validator = beans.validator
        self._settings = beans.of_class("io.kestra.core.repositories.SettingRepositoryInterface")
        self._data = beans.of_class("io.kestra.core.services.ChartDataService")

    def create(self, source: str) -> JsonObject:
        """Keep a new dashboard."""
        parsed = self._parse(source, _DASHBOARD)
        id_ = str(parsed.getId() or java("io.kestra.core.utils.IdUtils").create())
        if self._settings.findByKey(_KEY + id_).isPresent():
            raise Conflict(f"dashboard {id_} already exists")
        return self._save(id_, source, parsed, _now())

    def update(self, id_: str, source: str) -> JsonObject:
        """Replace a dashboard; its id stays."""
        kept = self._kept(id_)
        parsed = self._parse(source, _DASHBOARD)
        if parsed.getId() is not None and str(parsed.getId()) != id_:
            raise Invalid("id", f"the id of a dashboard cannot be changed, was {parsed.getId()}")
        return self._save(id_, source, parsed, str(kept["created"]))

    def get(self, id_: str) -> JsonObject:
        """Return a dashboard with its source."""
        kept = self._kept(id_)
        return self._shown(id_, kept, self._parse(str(kept["source"]), _DASHBOARD))

    def delete(self, id_: str) -> None:
        """Delete a dashboard."""
        self._kept(id_)
        self._settings.delete(self._settings.findByKey(_KEY + id_).get())

    def search(self, page: Page, text: str | None = None) -> JsonObject:
        """Return one page of the dashboards whose id or title holds a text."""
        keys = [str(each.getKey()) for each in self._settings.findAll()]
        ids = sorted(key.removeprefix(_KEY) for key in keys if key.startswith(_KEY))
        found = [self.get(id_) for id_ in ids]
        if text:
            found = [
                each for each in found if text.lower() in f"{each['id']} {each['title']}".lower()
            ]
        first = (page.number - 1) * page.size
        light = [{**each, "charts": []} for each in found[first : first + page.size]]
        return {"results": light, "total": len(found)}

    def validate(self, source: str, *, is_chart: bool = False) -> JsonObject:
        """Return what the engine says about a dashboard or a chart."""
        try:
            self._parse(source, _CHART if is_chart else _DASHBOARD)
        except JavaError as error:
            return {"index": 0, "constraints": describe(error), "outdated": False}
        return {"index": 0, "outdated": False}

    def chart(self, id_: str, chart_id: str, wanted: JsonObject) -> JsonObject:
        """Return the data of a chart of a dashboard."""
        dashboard = self._parse(str(self._kept(id_)["source"]), _DASHBOARD)
        for chart in dashboard.getCharts() or []:
            if str(chart.getId()) == chart_id:
                return self._drawn(chart, wanted)
        raise NotFound(f"chart {chart_id} not found in dashboard {id_}")

    def preview(self, source: str, wanted: JsonObject) -> JsonObject:
        """Return the data of a chart that is not kept."""
        return self._drawn(self._parse(source, _CHART), wanted)

    def export(self, drawn: JsonObject, form: str = "CSV") -> str:
        """Return the data of a chart as CSV, or as one JSON record a line."""
        rows = cast(list[dict[str, object]], drawn["results"])
        if form.upper() == "ION":
            return "".join(json.dumps(row) + "\n" for row in rows)
        if form.upper() != "CSV":
            raise Invalid("format", f"one of CSV, ION, was {form!r}")
        return to_csv(list(rows[0]) if rows else [], rows)

    def _drawn(self, chart: Java, wanted: JsonObject) -> JsonObject:
        end = _moment(wanted.get("endDate")) or java("java.time.ZonedDateTime").now()
        start = _moment(wanted.get("startDate")) or end.minusDays(_WINDOW_DAYS)
        if instance_of(chart, _KPI):
            chart.getData().updateWhereWithGlobalFilters(_filters(wanted), start, end)
            rows = json.loads(to_text(self._data.generateKPI(TENANT, chart, start, end)))
            return {"results": rows, "total": len(rows)}
        if not instance_of(chart, _DATA):
            return {"results": [], "total": 0}
        chart.getData().updateWhereWithGlobalFilters(_filters(wanted), start, end)
        page = Page(_number(wanted, "pageNumber", 1), _number(wanted, "pageSize", 100))
        found = self._data.generate(TENANT, chart, start, end, page.to_java())
        return {"results": json.loads(to_text(found)), "total": int(found.getTotal())}

    def _parse(self, source: str, name: str) -> Java:
        if not source.strip():
            raise Invalid("body", "YAML is required, was empty")
        parsed = java("io.kestra.core.serializers.YamlParser").parse(source, java(name).class_)
        self._validator.validate(parsed)
        return parsed

    def _save(self, id_: str, source: str, parsed: Java, created: str) -> JsonObject:
        kept: JsonObject = {"source": source, "created": created, "updated": _now()}
        setting = java("io.kestra.core.models.Setting").builder().key(_KEY + id_)
        self._settings.save(setting.value(to_map(kept)).build())
        return self._shown(id_, kept, parsed)

    def _kept(self, id_: str) -> JsonObject:
        found = self._settings.findByKey(_KEY + id_)
        if found.isEmpty():
            raise NotFound(f"dashboard {id_} not found")
        return cast(JsonObject, json.loads(to_text(found.get().getValue())))

    def _shown(self, id_: str, kept: Mapping[str, object], parsed: Java) -> JsonObject:
        shown = {"tenantId": TENANT, "deleted": False, **to_object(parsed), "id": id_}
        return {
            **shown,
            "sourceCode": kept["source"],
            "created": kept["created"],
            "updated": kept["updated"],
        }


def _filters(wanted: JsonObject) -> Java:
    parameters: list[tuple[str, str]] = []
    if isinstance(namespace := wanted.get("namespace"), str):
        parameters.append(("filters[namespace][PREFIX]", namespace))
    for key, value in cast(dict[str, object], wanted.get("labels") or {}).items():
        parameters.append((f"filters[labels][EQUALS][{key}]", str(value)))
    for each in cast(Iterable[Mapping[str, object]], wanted.get("filters") or ()):
        value = each.get("value")
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        parameters.append((f"filters[{each.get('field')}][{each.get('operation')}]", text))
    return to_filters(parameters) if parameters else array_list([])


def _moment(text: object) -> Java:
    if text is None:
        return None
    try:
        return java("java.time.ZonedDateTime").parse(str(text))
    except JavaError as error:
        raise Invalid("startDate", f"a date with a zone is required, was {text!r}") from error


def _number(wanted: JsonObject, name: str, default: int) -> int:
    value = wanted.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or not 1 <= value <= 10_000:
        raise Invalid(name, f"a number from 1 to 10000 is required, was {value!r}")
    return value


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
