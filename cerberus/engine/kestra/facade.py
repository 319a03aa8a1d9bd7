"""Everything the API can ask of an engine, in one object."""

from dataclasses import dataclass
from typing import Self

from cerberus.engine.jvm.engine import Engine
from cerberus.engine.kestra.actions import Actions
from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.bulk import Bulk
from cerberus.engine.kestra.checks import Checks
from cerberus.engine.kestra.dashboards import Dashboards
from cerberus.engine.kestra.execution_files import ExecutionFiles
from cerberus.engine.kestra.executions import Executions
from cerberus.engine.kestra.flow_views import FlowViews
from cerberus.engine.kestra.flow_writes import FlowWrites
from cerberus.engine.kestra.flows import Flows
from cerberus.engine.kestra.kv import KeyValues
from cerberus.engine.kestra.logs import Logs
from cerberus.engine.kestra.metrics import Metrics
from cerberus.engine.kestra.namespace_files import NamespaceFiles
from cerberus.engine.kestra.namespaces import Namespaces
from cerberus.engine.kestra.outputs import Outputs
from cerberus.engine.kestra.plugins import Plugins
from cerberus.engine.kestra.source_replace import SourceReplace
from cerberus.engine.kestra.streams import Streams
from cerberus.engine.kestra.triggers import Triggers
from cerberus.engine.kestra.views import Views
from cerberus.engine.kestra.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Kestra:
    """One part per concern; each call may block and belongs on a thread."""

    engine: Engine
    beans: Beans
    flows: Flows
    flow_writes: FlowWrites
    flow_views: FlowViews
    source_replace: SourceReplace
    executions: Executions
    actions: Actions
    checks: Checks
    bulk: Bulk
    views: Views
    files: ExecutionFiles
    outputs: Outputs
    logs: Logs
    streams: Streams
    triggers: Triggers
    webhooks: Webhooks
    kv: KeyValues
    namespace_files: NamespaceFiles
    metrics: Metrics
    dashboards: Dashboards
    plugins: Plugins
    namespaces: Namespaces

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Build all parts over a running engine."""
        beans = Beans.of(engine)
        flows = Flows(beans)
        return cls(
            engine,
            beans,
            flows,
            FlowWrites(beans, flows),
            FlowViews(beans),
            SourceReplace(beans, flows),
            Executions(beans),
            Actions(beans),
            Checks(beans),
            Bulk(beans),
            Views(beans),
            ExecutionFiles(beans),
            Outputs(beans),
            Logs(beans),
            Streams(engine, beans),
            Triggers(beans),
            Webhooks(beans),
            KeyValues(beans),
            NamespaceFiles(beans),
            Metrics(beans),
            Dashboards(beans),
            Plugins(beans),
            Namespaces(beans),
        )
