"""The engine's metrics as Prometheus reads them: Kestra's own, then ours."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cerberus.engine.care.figures import EngineFigures, read_figures
from cerberus.engine.kestra.facade import Kestra
from cerberus.engine.reports import Reports

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REGISTRY = "io.micrometer.prometheusmetrics.PrometheusMeterRegistry"


class OwnMetrics(Collector):
    """Our figures; read anew for each scrape."""

    def __init__(self, figures: EngineFigures, reports: Reports) -> None:
        self._figures = figures
        self._reports = reports

    def collect(self) -> Iterator[Metric]:
        """Yield one family after the other."""
        messages = GaugeMetricFamily(
            "cerberus_engine_queue_messages", "What waits in a queue.", labels=["queue"]
        )
        lag = GaugeMetricFamily(
            "cerberus_engine_queue_lag_seconds", "Age of the oldest message.", labels=["queue"]
        )
        for queue, backlog in sorted(self._figures.queues.items()):
            messages.add_metric([queue], backlog.messages)
            lag.add_metric([queue], backlog.seconds)
        yield messages
        yield lag
        schedules = self._figures.schedules
        for name, help_text, value in (
            ("schedule_lag_seconds", "How late the latest trigger is.", schedules.lag_seconds),
            ("locked_triggers", "Triggers that wait for their execution.", schedules.locked),
            ("longest_lock_seconds", "The oldest lock's age.", schedules.longest_lock_seconds),
            ("database_bytes", "Size of the database's file.", self._figures.database_bytes),
            ("broken_flow_files", "Flow files that are not used.", self._broken_files()),
        ):
            yield GaugeMetricFamily(f"cerberus_engine_{name}", help_text, value=value)
        yield CounterMetricFamily(
            "cerberus_engine_flow_file_failures",
            "Changes of flow files that were refused or failed.",
            value=self._reports.flow_file_failures,
        )

    def _broken_files(self) -> int:
        broken = (each.file for each in self._reports.flow_files if each.outcome == "broken")
        return len(set(broken))


def prometheus_text(kestra: Kestra, reports: Reports, home: Path) -> str:
    """Return all metrics."""
    registry = CollectorRegistry()
    registry.register(OwnMetrics(read_figures(kestra, home), reports))
    own = generate_latest(registry).decode()
    return str(kestra.engine.bean(_REGISTRY).scrape()) + own
