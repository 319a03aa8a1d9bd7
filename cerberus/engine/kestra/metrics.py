"""Metrics that tasks published."""

from datetime import datetime

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject, to_object
from cerberus.engine.kestra.paging import Page, listing
from cerberus.errors import Invalid

AGGREGATIONS = ("sum", "avg", "min", "max")
DEFAULT_DAYS = 30


class Metrics:
    """Counters, gauges and timers, written by the indexer a moment after they were published."""

    def __init__(self, beans: Beans) -> None:
        self._metrics = beans.of_class("io.kestra.core.repositories.MetricRepositoryInterface")

    def of_execution(
        self, id_: str, page: Page, task_run_id: str | None = None, task_id: str | None = None
    ) -> JsonObject:
        """Return one page of the metrics of an execution, a task, or a task run."""
        pageable = page.to_java(self._metrics)
        if task_run_id:
            found = self._metrics.findByExecutionIdAndTaskRunId(TENANT, id_, task_run_id, pageable)
        elif task_id:
            found = self._metrics.findByExecutionIdAndTaskId(TENANT, id_, task_id, pageable)
        else:
            found = self._metrics.findByExecutionId(TENANT, id_, pageable)
        return listing(found, to_object)

    def names(self, namespace: str, flow_id: str, task_id: str | None = None) -> list[str]:
        """Return the names of the metrics of a flow or of one of its tasks."""
        if task_id:
            return [
                str(each) for each in self._metrics.taskMetrics(TENANT, namespace, flow_id, task_id)
            ]
        return [str(each) for each in self._metrics.flowMetrics(TENANT, namespace, flow_id)]

    def tasks(self, namespace: str, flow_id: str) -> list[str]:
        """Return the tasks of a flow which published metrics."""
        return [str(each) for each in self._metrics.tasksWithMetrics(TENANT, namespace, flow_id)]

    def aggregate(
        self,
        namespace: str,
        flow_id: str,
        task_id: str | None,
        metric: str,
        span: tuple[str | None, str | None],
        aggregation: str = "sum",
    ) -> JsonObject:
        """Return a metric over time; without dates over the last thirty days."""
        if aggregation.lower() not in AGGREGATIONS:
            raise Invalid("aggregation", f"one of {', '.join(AGGREGATIONS)}, was {aggregation!r}")
        end = _date("endDate", span[1]) if span[1] else java("java.time.ZonedDateTime").now()
        start = _date("startDate", span[0]) if span[0] else end.minusDays(DEFAULT_DAYS)
        found = self._metrics.aggregateByFlowId(
            TENANT, namespace, flow_id, task_id, metric, start, end, aggregation.lower()
        )
        return to_object(found)


def _date(field: str, text: str) -> Java:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Invalid(field, f"a date with a zone is required, was {text!r}")
        return java("java.time.ZonedDateTime").parse(moment.isoformat())
    except (ValueError, JavaError) as error:
        raise Invalid(field, f"a date with a zone is required, was {text!r}") from error
