"""Triggers: their state, on and off, unlock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.bulk import LARGEST_BULK, BulkRefused, bulk_object
from cerberus.engine.kestra.commands import submit
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, JavaError, boolean, java
from cerberus.engine.kestra.json_text import JsonObject, to_map, to_object
from cerberus.engine.kestra.labels import labels_of_objects
from cerberus.engine.kestra.paging import Page, listing
from cerberus.engine.kestra.views import to_csv
from cerberus.errors import Conflict, Invalid, NotFound, Rejected

_COLUMNS = (
    "namespace",
    "flowId",
    "triggerId",
    "disabled",
    "locked",
    "lastTriggeredDate",
    "nextEvaluationDate",
    "executionId",
)
_INTERNAL = ("vnode", "lastEventId", "dispatchEpoch", "nextEvaluationEpoch", "tenantId")


@dataclass(frozen=True, slots=True)
class TriggerName:
    """Names one trigger of one flow."""

    namespace: str
    flow_id: str
    trigger_id: str

    def as_object(self) -> JsonObject:
        """Return the name as JSON."""
        return {
            "namespace": self.namespace,
            "flowId": self.flow_id,
            "triggerId": self.trigger_id,
        }

    def to_java(self) -> Java:
        """Return the engine's id of the trigger."""
        trigger_id = java("io.kestra.core.models.triggers.TriggerId")
        return trigger_id.of(TENANT, self.namespace, self.flow_id, self.trigger_id)


class Triggers:
    """The state of every trigger which the scheduler evaluates."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of definitions with their states."""
        repository = self._beans.triggers
        found = repository.find(page.to_java(repository), TENANT, to_filters(parameters))
        return listing(found, self._with_definition)

    def of_flow(self, namespace: str, flow_id: str, page: Page) -> JsonObject:
        """Return one page of the states of a flow's triggers."""
        repository = self._beans.triggers
        found = repository.find(page.to_java(repository), None, TENANT, namespace, flow_id, None)
        return listing(found, _state_object)

    def set_disabled(self, name: TriggerName, disabled: bool) -> JsonObject:
        """Switch a trigger off or on."""
        return self._send(name, "SetDisableTrigger", boolean(disabled))

    def unlock(self, name: TriggerName) -> JsonObject:
        """Let a trigger go on whose last execution never ended."""
        return self._send(name, "ResetTrigger")

    def create_backfill(self, name: TriggerName, wanted: JsonObject) -> JsonObject:
        """Run a schedule for dates that are past."""
        backfill = java("io.kestra.core.scheduler.events.CreateBackfillTrigger$Backfill")
        start = _date("start", wanted.get("start"))
        given = wanted.get("end")
        end = java("java.time.ZonedDateTime").now() if given is None else _date("end", given)
        if not start.isBefore(end):
            raise Invalid("start", f"a date before {end} is required, was {start}")
        inputs, labels = wanted.get("inputs") or {}, wanted.get("labels") or []
        if not isinstance(inputs, dict) or not isinstance(labels, list):
            raise Invalid("backfill", "inputs are an object and labels a list")
        made = backfill(start, end, to_map(inputs), labels_of_objects(labels))
        return self._send(name, "CreateBackfillTrigger", made)

    def pause_backfill(self, name: TriggerName, *, paused: bool) -> JsonObject:
        """Let a backfill wait, or go on."""
        self._require_backfill(name)
        return self._send(name, "SetPauseBackfillTrigger", paused)

    def delete_backfill(self, name: TriggerName) -> JsonObject:
        """End a backfill."""
        self._require_backfill(name)
        return self._send(name, "DeleteBackfillTrigger")

    def delete(self, name: TriggerName) -> None:
        """Forget the state of a trigger; its flow brings it back when it is written again."""
        self._find(name)
        deleted = java("io.kestra.core.scheduler.events.TriggerDeleted")(name.to_java())
        queue = self._beans.trigger_queue
        submit(
            self._beans,
            str(deleted.id().uid()),
            lambda id_: queue.send(deleted.withOperationId(id_)),
        )

    def names(self, parameters: Iterable[tuple[str, str]]) -> list[TriggerName]:
        """Return the names of the triggers that pass the filters."""
        pageable = Page(1, LARGEST_BULK).to_java(self._beans.triggers)
        found = self._beans.triggers.find(pageable, TENANT, to_filters(parameters))
        return [
            TriggerName(str(each.getNamespace()), str(each.getFlowId()), str(each.getTriggerId()))
            for each in found
        ]

    def table(self, parameters: Iterable[tuple[str, str]]) -> str:
        """Return the triggers that pass the filters as CSV."""
        pageable = Page(1, LARGEST_BULK).to_java(self._beans.triggers)
        found = self._beans.triggers.find(pageable, TENANT, to_filters(parameters))
        return to_csv(_COLUMNS, (_state_object(each) for each in found))

    def each(
        self, action: str, names: Iterable[TriggerName], run: Callable[[TriggerName], object]
    ) -> JsonObject:
        """Run an action on each trigger.

        Raises
        ------
        BulkRefused
            With the triggers that were refused and why.
        """
        count = 0
        invalids: list[JsonObject] = []
        for name in names:
            try:
                run(name)
                count += 1
            except Rejected as error:
                invalids.append({"invalidValue": name.as_object(), "message": str(error)})
        if invalids:
            reasons = "; ".join(str(each["message"]) for each in invalids[:5])
            raise BulkRefused(f"invalid bulk {action}: {reasons}", invalids)
        return bulk_object(count)

    def each_possible(
        self, names: Iterable[TriggerName], run: Callable[[TriggerName], object]
    ) -> JsonObject:
        """Run an action on each trigger that allows it."""
        count = 0
        for name in names:
            try:
                run(name)
                count += 1
            except Rejected:
                continue  # it has no backfill, or is gone by now
        return bulk_object(count)

    def _require_backfill(self, name: TriggerName) -> None:
        if self._find(name).getBackfill() is None:
            raise Conflict(f"trigger {name.flow_id}.{name.trigger_id} has no backfill")

    def _send(self, name: TriggerName, event_class: str, *arguments: Java) -> JsonObject:
        self._find(name)
        event_type = java(f"io.kestra.core.scheduler.events.{event_class}")
        event = event_type(name.to_java(), *arguments)
        queue = self._beans.trigger_queue
        submit(
            self._beans, str(event.id().uid()), lambda id_: queue.send(event.withOperationId(id_))
        )
        return _state_object(self._find(name))

    def _find(self, name: TriggerName) -> Java:
        found = self._beans.triggers.findById(name.to_java())
        if found.isEmpty():
            raise NotFound(f"trigger {name.namespace}.{name.flow_id}.{name.trigger_id} not found")
        return found.get()

    def _with_definition(self, state: Java) -> JsonObject:
        shown: JsonObject = {"state": _state_object(state)}
        flow = self._beans.flows.findById(TENANT, state.getNamespace(), state.getFlowId())
        for each in (flow.get().getTriggers() or []) if flow.isPresent() else []:
            if each.getId() == state.getTriggerId():
                shown["trigger"] = to_object(each)
        return shown


def _state_object(state: Java) -> JsonObject:
    return {name: value for name, value in to_object(state).items() if name not in _INTERNAL}


def _date(field: str, text: object) -> Java:
    try:
        return java("java.time.ZonedDateTime").parse(str(text))
    except JavaError as error:
        raise Invalid(field, f"a date with a zone is required, was {text!r}") from error
