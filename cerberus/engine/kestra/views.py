"""What can be asked about executions beside themselves: flow, graph, files, statistics."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, JavaError, array_list, java, optional_integer
from cerberus.engine.kestra.json_text import JsonObject, to_object
from cerberus.engine.kestra.lookup import find_execution, find_flow
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid

CSV_ROWS = 10_000
_CORRELATION = "system.correlationId"
_COLUMNS = (
    "id",
    "namespace",
    "flowId",
    "flowRevision",
    "state",
    "startDate",
    "endDate",
    "duration",
)


class Views:
    """Reads about executions."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def flow(self, id_: str) -> JsonObject:
        """Return the flow of an execution without anything that a caller need not see."""
        execution = find_execution(self._beans, id_)
        flow = self._beans.flows.findByExecutionWithoutAcl(execution)
        return for_execution(flow.toFlow())

    def flow_by_name(self, namespace: str, id_: str, revision: int | None = None) -> JsonObject:
        """Return a flow as its executions see it."""
        found = self._beans.flow_service.getFlowIfExecutableOrThrow(
            TENANT, namespace, id_, optional_integer(revision)
        )
        return for_execution(found)

    def graph(self, id_: str, subflows: Sequence[str] = ()) -> JsonObject:
        """Return the graph of an execution's tasks with their runs."""
        execution = find_execution(self._beans, id_)
        flow = self._beans.flows.findByExecutionWithSource(execution)
        return to_object(
            self._beans.graphs.executionGraph(flow, array_list(list(subflows)), execution)
        )

    def related(self, id_: str) -> list[JsonObject]:
        """Return the state of an execution and of those that it set off, itself first."""
        execution = find_execution(self._beans, id_)
        labels = {str(each.key()): str(each.value()) for each in execution.getLabels() or []}
        wanted = labels.get(_CORRELATION, id_)
        pageable = Page(1, 500, ("state.startDate:asc",)).to_java(self._beans.executions)
        filters = to_filters([(f"filters[labels][EQUALS][{_CORRELATION}]", wanted)])
        found = self._beans.executions.find(pageable, TENANT, filters)
        others = [each for each in found if str(each.getId()) != id_]
        return [_status(each) for each in (execution, *others)]

    def latest(self, names: Iterable[Mapping[str, object]]) -> list[JsonObject]:
        """Return the last execution of each flow that is named."""
        kind = java("io.kestra.core.repositories.ExecutionRepositoryInterface$FlowFilter")
        wanted = [
            kind.builder().namespace(_text(each, "namespace")).id(_text(each, "id")).build()
            for each in names
        ]
        found = self._beans.executions.lastExecutions(TENANT, array_list(wanted)) if wanted else []
        return [_last(each) for each in found]

    def namespaces(self) -> list[str]:
        """Return the namespaces that have flows which can be started."""
        return [str(each) for each in self._beans.flows.findDistinctNamespaceExecutable(TENANT)]

    def flows(self, namespace: str) -> list[JsonObject]:
        """Return the flows of a namespace which can be started."""
        found = self._beans.flows.findByNamespaceExecutable(TENANT, namespace)
        return [_defaults(to_object(each)) for each in found]

    def average_duration(self, namespace: str, id_: str) -> JsonObject:
        """Return how long the last executions of a flow took on average."""
        find_flow(self._beans, namespace, id_)
        pageable = Page(1, 100, ("state.startDate:desc",)).to_java(self._beans.executions)
        found = self._beans.executions.findByFlowId(TENANT, namespace, id_, pageable)
        ended = [each.getState().getDuration() for each in found if each.getState().isSuccess()]
        millis = [int(each.get().toMillis()) for each in ended if each.isPresent()]
        answer: JsonObject = {"count": len(millis)}
        if millis:
            mean = java("java.time.Duration").ofMillis(sum(millis) // len(millis))
            answer["duration"] = str(mean.toString())
        return answer

    def distinct(
        self, field: str, parameters: Iterable[tuple[str, str]], size: int = 100
    ) -> list[str]:
        """Return the values that a field has in the executions that pass the filters."""
        try:
            wanted = java("io.kestra.core.models.QueryFilter$Field").valueOf(field)
        except JavaError as error:
            raise Invalid("field", f"unknown field {field!r}") from error
        found = self._beans.executions.findDistinctFieldValues(
            TENANT, wanted, to_filters(parameters), Page(1, size).to_java()
        )
        return [str(each) for each in found]

    def table(self, parameters: Iterable[tuple[str, str]]) -> str:
        """Return the executions that pass the filters as CSV."""
        pageable = Page(1, CSV_ROWS, ("state.startDate:desc",)).to_java(self._beans.executions)
        found = self._beans.executions.find(pageable, TENANT, to_filters(parameters))
        rows = [_row(to_object(each)) for each in found]
        return to_csv(_COLUMNS, rows)


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as CSV with a line of names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def for_execution(flow: Java) -> JsonObject:
    """Return a flow as those see it who only start it."""
    return _defaults(to_object(java("io.kestra.core.models.flows.FlowForExecution").of(flow)))


def _defaults(plain: JsonObject) -> JsonObject:
    return {"disabled": False, "draft": False, "deleted": False, **plain}


def _last(execution: Java) -> JsonObject:
    return {
        "id": str(execution.getId()),
        "namespace": str(execution.getNamespace()),
        "flowId": str(execution.getFlowId()),
        "startDate": str(execution.getState().getStartDate()),
        "status": str(execution.getState().getCurrent()),
    }


def _status(execution: Java) -> JsonObject:
    return {
        "executionId": str(execution.getId()),
        "tenantId": TENANT,
        "namespace": str(execution.getNamespace()),
        "flowId": str(execution.getFlowId()),
        "state": to_object(execution.getState()),
        "isTerminated": bool(execution.getState().isTerminated()),
    }


def _row(plain: JsonObject) -> JsonObject:
    state = cast(JsonObject, plain.get("state", {}))
    named = {name: state.get(name, "") for name in ("startDate", "endDate", "duration")}
    return {**plain, **named, "state": state.get("current", "")}


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise Invalid(name, f"a text is required, was {value!r}")
    return value
