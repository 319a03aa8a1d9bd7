"""What can be asked about flows beside themselves: revisions, sources, graphs, parts."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.flows import flow_object, parse_flow
from cerberus.engine.kestra.java import Java, JavaError, array_list, boolean, integer, java
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.engine.kestra.lookup import find_flow
from cerberus.engine.kestra.paging import Page
from cerberus.engine.kestra.views import to_csv
from cerberus.errors import Invalid, NotFound, Rejected

LONGEST_SEARCH = 500

_ROWS = 10_000
_COLUMNS = ("namespace", "id", "revision", "disabled", "draft", "description", "updated")
_PARTS = {
    "tasks": "io.kestra.core.models.tasks.Task",
    "errors": "io.kestra.core.models.tasks.Task",
    "finally": "io.kestra.core.models.tasks.Task",
    "afterExecution": "io.kestra.core.models.tasks.Task",
    "triggers": "io.kestra.core.models.triggers.AbstractTrigger",
}


@dataclass(frozen=True, slots=True)
class SourceSearch:
    """What to look for in the sources of flows."""

    text: str
    namespace: str | None = None
    case_sensitive: bool = False
    whole_word: bool = False
    regex: bool = False
    scope: str | None = None


class FlowViews:
    """Reads about flows."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def revisions(self, namespace: str, id_: str, *, deleted_too: bool = False) -> list[JsonObject]:
        """Return every revision of a flow, oldest first."""
        found = self._beans.flows.findRevisions(TENANT, namespace, id_, boolean(deleted_too))
        if found.isEmpty():
            raise NotFound(f"flow {namespace}.{id_} not found")
        return [flow_object(each, with_source=True) for each in found]

    def delete_revisions(self, namespace: str, id_: str, revisions: Sequence[int]) -> None:
        """Delete revisions of a flow, but not the one that is in use."""
        current = int(find_flow(self._beans, namespace, id_).getRevision())
        if current in revisions:
            raise Invalid("revisions", f"revision {current} is in use")
        wanted = array_list([integer(each) for each in revisions])
        self._beans.flows.deleteRevisions(TENANT, namespace, id_, wanted)

    def namespaces(self, text: str | None = None) -> list[str]:
        """Return the namespaces that hold flows."""
        found = [str(each) for each in self._beans.flows.findDistinctNamespace(TENANT)]
        return [each for each in found if not text or text.lower() in each.lower()]

    def search_sources(self, page: Page, wanted: SourceSearch) -> JsonObject:
        """Return one page of the flows whose source holds a text, with the lines."""
        require_searchable(wanted)
        found = self._beans.flows.findSourceCode(
            page.to_java(),
            wanted.text,
            wanted.case_sensitive,
            wanted.whole_word,
            wanted.regex,
            require_scope(wanted.scope),
            TENANT,
            wanted.namespace,
        )
        results = [_source_result(each) for each in found]
        return {"results": results, "total": int(found.getTotal())}

    def deprecated(self, namespace: str | None = None) -> list[JsonObject]:
        """Return the flows that use a task which is to go."""
        answer: list[JsonObject] = []
        for flow in self._beans.flows.findAll(TENANT):
            tasks = list(self._beans.flow_service.findDeprecatedTasks(flow))
            if tasks and namespace in (None, str(flow.getNamespace())):
                name = {"namespace": str(flow.getNamespace()), "id": str(flow.getId())}
                answer.append({**name, "tasks": [to_object(each) for each in tasks]})
        return answer

    def graph(
        self, namespace: str, id_: str, revision: int | None = None, subflows: Sequence[str] = ()
    ) -> JsonObject:
        """Return the graph of a flow's tasks."""
        flow = find_flow(self._beans, namespace, id_, revision)
        return to_object(self._beans.graphs.flowGraph(flow, array_list(list(subflows))))

    def graph_of_source(self, source: str, subflows: Sequence[str] = ()) -> JsonObject:
        """Return the graph of a flow that is not written yet."""
        flow = self._beans.parsing.parse(parse_flow(source), False)
        return to_object(self._beans.graphs.flowGraph(flow, array_list(list(subflows))))

    def dependencies(
        self, namespace: str, id_: str, *, destination_only: bool = False, expand: bool = False
    ) -> JsonObject:
        """Return the flows that a flow starts and those that start it."""
        find_flow(self._beans, namespace, id_)
        found = self._beans.flow_service.findDependencies(
            TENANT, namespace, id_, destination_only, expand
        )
        nodes = java("java.util.function.Function").identity()
        return to_object(self._beans.topologies.graph(found, nodes))

    def dependencies_of_namespace(self, namespace: str) -> JsonObject:
        """Return how the flows of a namespace start each other."""
        return to_object(self._beans.topologies.namespaceGraph(TENANT, namespace))

    def task(
        self, namespace: str, id_: str, task_id: str, revision: int | None = None
    ) -> JsonObject:
        """Return one task of a flow."""
        flow = find_flow(self._beans, namespace, id_, revision)
        found = flow.toFlow().findTaskByTaskIdOrNull(task_id)
        if found is None:
            raise NotFound(f"task {task_id} not found in flow {namespace}.{id_}")
        return to_object(found)

    def validate_part(self, section: str, given: JsonObject | str) -> JsonObject:
        """Return what the engine says about one task or trigger."""
        kind = {name.lower(): cls for name, cls in _PARTS.items()}.get(section.lower())
        if kind is None:
            raise Invalid("section", f"one of {', '.join(_PARTS)}, was {section!r}")
        source = given if isinstance(given, str) else json.dumps(given)
        try:
            parsed = java("io.kestra.core.serializers.YamlParser").parse(source, java(kind).class_)
            self._beans.validator.validate(parsed)
        except JavaError as error:
            return {"index": 0, "constraints": describe(error), "outdated": False}
        return {"index": 0, "outdated": False}

    def expressions(self, source: str, task_id: str | None = None) -> JsonObject:
        """Return the expressions that a flow, or one of its tasks, may use."""
        flow = self._beans.parsing.parse(parse_flow(source), False)
        if task_id and flow.toFlow().findTaskByTaskIdOrNull(task_id) is None:
            raise Rejected(f"task {task_id} not found in the flow")
        context = self._beans.of_class(
            "io.kestra.core.services.ExpressionContextService"
        ).buildExpressionContext(flow.toFlow(), task_id)
        return to_object(context.toMap())

    def table(self, parameters: Iterable[tuple[str, str]]) -> str:
        """Return the flows that pass the filters as CSV."""
        found = self._beans.flows.find(Page(1, _ROWS).to_java(), TENANT, to_filters(parameters))
        return to_csv(_COLUMNS, (flow_object(each, with_source=False) for each in found))

    def concurrency(self) -> JsonObject:
        """Return how many executions of each limited flow run."""
        found = [to_object(each) for each in self._beans.limits.find(TENANT)]
        return {"results": found, "total": len(found)}

    def set_concurrency(self, namespace: str, id_: str, running: int) -> JsonObject:
        """Correct the number of running executions of a limited flow."""
        found = self._beans.limits.findById(TENANT, namespace, id_)
        if found.isEmpty():
            raise NotFound(f"flow {namespace}.{id_} has no concurrency limit in use")
        changed = found.get().withRunning(integer(running))
        return to_object(self._beans.limits.update(changed))


def require_scope(name: str | None) -> Java:
    """Return the part of a source in which is looked, all of it by default."""
    scopes = java("io.kestra.core.models.flows.SourceSearchScope")
    known = {str(each.name()): each for each in scopes.values()}
    if (name or "ALL").upper() not in known:
        raise Invalid("scope", f"one of {', '.join(known)}, was {name!r}")
    return known[(name or "ALL").upper()]


def require_searchable(wanted: SourceSearch) -> None:
    """Refuse a search that is too long or no regular expression.

    Raises
    ------
    Invalid
        With what is wrong.
    """
    if len(wanted.text) > LONGEST_SEARCH:
        raise Invalid("q", f"{len(wanted.text)} characters exceed limit {LONGEST_SEARCH}")
    if wanted.regex:
        try:
            java("java.util.regex.Pattern").compile(wanted.text)
        except JavaError as error:
            raise Invalid("q", f"no regular expression: {describe(error)}") from error


def _source_result(found: Java) -> JsonObject:
    model = found.getModel()
    return {
        "namespace": str(model.getNamespace()),
        "id": str(model.getId()),
        "editable": bool(found.isEditable()),
        "matches": json.loads(to_text(found.getMatches())),
    }
