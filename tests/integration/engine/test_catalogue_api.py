"""Dashboards, plugins, settings and the description of the API, through the client."""

from typing import Any

import pytest

from tests.engine_process import EngineProcess
from tests.integration.engine.flows import HELLO

LOG = "io.kestra.plugin.core.log.Log"
CHART = """\
id: table
type: io.kestra.plugin.core.dashboard.chart.Table
data:
  type: io.kestra.plugin.core.dashboard.data.Executions
  columns: {flow: {field: FLOW_ID}, total: {agg: COUNT}}
"""
DASHBOARD = """\
id: mine
title: First
timeWindow: {default: P7D, max: P365D}
charts:
  - id: table
    type: io.kestra.plugin.core.dashboard.chart.Table
    data:
      type: io.kestra.plugin.core.dashboard.data.Executions
      columns: {flow: {field: FLOW_ID}, total: {agg: COUNT}}
  - id: note
    type: io.kestra.plugin.core.dashboard.chart.Markdown
    source: {type: Text, content: hello}
"""


@pytest.mark.kestrapy(
    "dashboards.create_dashboard",
    "dashboards.dashboard",
    "dashboards.update_dashboard",
    "dashboards.search_dashboards",
    "dashboards.delete_dashboard",
    "dashboards.default_dashboards",
    "dashboards.validate_dashboard",
    "dashboards.validate_chart",
)
def test_dashboards_are_kept(kestra: Any) -> None:
    boards = kestra.dashboards
    assert boards.create_dashboard("main", DASHBOARD)["id"] == "mine"
    with pytest.raises(Exception, match="409"):
        boards.create_dashboard("main", DASHBOARD)
    boards.update_dashboard("mine", "main", DASHBOARD.replace("First", "Second"))
    assert boards.dashboard("mine", "main")["title"] == "Second"
    assert boards.search_dashboards("main", q="second")["total"] == 1
    assert boards.default_dashboards("main") == {}
    assert boards.validate_dashboard("main", DASHBOARD).constraints is None
    assert boards.validate_dashboard("main", "x: 1").constraints
    assert boards.validate_chart("main", CHART).constraints is None
    boards.delete_dashboard("mine", "main")
    with pytest.raises(Exception, match="404"):
        boards.dashboard("mine", "main")


@pytest.mark.kestrapy(
    "dashboards.dashboard_chart_data",
    "dashboards.preview_chart",
    "dashboards.export_chart",
    "dashboards.export_dashboard_chart",
)
def test_charts_are_drawn_from_executions(engine: EngineProcess, kestra: Any, watch: Any) -> None:
    engine.create_flow(HELLO.replace("namespace: t", "namespace: t.chart", 1))
    engine.run("t.chart/hello")
    boards, only = kestra.dashboards, {"namespace": "t.chart"}
    boards.create_dashboard("main", DASHBOARD.replace("id: mine", "id: drawn", 1))
    drawn = boards.dashboard_chart_data("drawn", "table", "main", only)
    assert drawn.results == [{"flow": "hello", "total": 1}]
    assert boards.dashboard_chart_data("drawn", "note", "main", {}).results == []
    request = {"chart": CHART, "globalFilter": only}
    assert boards.preview_chart("main", request).total == 1
    assert b"hello" in boards.export_chart("main", request)
    text = boards.export_dashboard_chart("drawn", "table", "main", only, format="CSV")
    assert text.splitlines()[0] in (b"flow,total", b"total,flow")
    boards.delete_dashboard("drawn", "main")
    # the client's model wants an object in each cell, Kestra's charts hold numbers and texts
    watch.unparsed.clear()


@pytest.mark.kestrapy(
    "plugins.list_plugins",
    "plugins.list_plugins_by_subgroups",
    "plugins.plugin_icons",
    "plugins.plugin_group_icons",
    "plugins.plugin_icon",
    "plugins.plugin_icon_svg",
    "plugins.plugin_input_types",
    "plugins.plugin_input_schema",
    "plugins.plugin_properties",
    "plugins.plugin_schema",
    "plugins.plugin_triggers",
    "plugins.plugin_documentation",
    "plugins.plugin_documentation_for_version",
    "plugins.plugin_versions",
)
def test_plugins_describe_themselves(kestra: Any) -> None:
    plugins = kestra.plugins
    assert plugins.list_plugins()["total"] >= 1
    assert len(plugins.list_plugins_by_subgroups()) > 5
    assert plugins.plugin_icons()[LOG]["icon"]
    assert plugins.plugin_group_icons()["io.kestra.plugin.core"]["icon"]
    assert plugins.plugin_icon("io.kestra.plugin.core.flow.If")["flowable"] is True
    assert "<svg" in plugins.plugin_icon_svg(LOG)
    assert {"type": "BOOL"}.items() <= next(
        each.items() for each in plugins.plugin_input_types() if each["type"] == "BOOL"
    )
    assert plugins.plugin_input_schema("INT")["schema"]["properties"]
    assert "io.kestra.core.models.flows.Flow" in str(plugins.plugin_schema("flow"))[:200]
    assert plugins.plugin_properties("task")
    assert plugins.plugin_triggers()["total"] >= 5
    assert "message" in plugins.plugin_documentation(LOG)["schema"]["properties"]["properties"]
    own = plugins.plugin_documentation("io.kestra.plugin.scripts.python.Commands")
    assert "commands" in own["schema"]["properties"]["properties"]
    assert plugins.plugin_versions(LOG)["versions"] == ["2.0.0"]
    assert plugins.plugin_documentation_for_version(LOG, "2.0.0")["markdown"]
    for call in (plugins.plugin_documentation, plugins.plugin_icon, plugins.plugin_versions):
        with pytest.raises(Exception, match="404"):
            call("io.nobody.Nothing")
    with pytest.raises(Exception, match="422"):
        plugins.plugin_schema("nothing")


@pytest.mark.kestrapy(
    "misc.configuration",
    "misc.login_configuration",
    "misc.basic_auth_validation_errors",
    "misc.pebble_filters",
    "misc.pebble_functions",
)
def test_settings_and_expressions_are_told(kestra: Any) -> None:
    assert kestra.misc.configuration().version == "2.0.0"
    assert kestra.misc.login_configuration().is_basic_auth_initialized is True
    assert kestra.misc.basic_auth_validation_errors() == []
    assert "toJson" in kestra.misc.pebble_filters()
    assert "secret" in {each["name"] for each in kestra.misc.pebble_functions()}
    credentials = {"uid": "x", "username": "a@b.c", "password": "Other-1234"}
    with pytest.raises(Exception, match="409"):
        kestra.misc.create_basic_auth("main", credentials)


def test_the_description_names_every_route_once(engine: EngineProcess) -> None:
    found = engine.session.get(f"{engine.url}/openapi.json", timeout=30).json()
    operations = [each for path in found["paths"].values() for each in path.values()]
    ids = [each["operationId"] for each in operations]
    assert len(ids) == len(set(ids)) > 150
    kill = found["paths"]["/api/v1/main/executions/{id_}/actions/kill"]["delete"]
    assert kill["security"] == [{"basic": []}]
    assert "/{path}" not in found["paths"]
