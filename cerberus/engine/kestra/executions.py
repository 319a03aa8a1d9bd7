"""Executions: start, look at, end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.commands import submit, submit_command
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.inputs import Part, read_inputs
from cerberus.engine.kestra.java import Java, JavaError, array_list, java, optional_integer, seconds
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.engine.kestra.labels import labels_of_texts
from cerberus.engine.kestra.lookup import find_execution, flow_of, state_type
from cerberus.engine.kestra.paging import Page, listing
from cerberus.errors import Conflict, Invalid, Rejected

LONGEST_WAIT_SECONDS = 3600.0
KINDS = ("NORMAL", "TEST", "PLAYGROUND")


@dataclass(frozen=True, slots=True)
class NewExecution:
    """What a client asks for when it starts a flow; labels are `key:value`."""

    namespace: str
    flow_id: str
    parts: Sequence[Part] = ()
    labels: Sequence[str] = ()
    revision: int | None = None
    schedule_date: str | None = None
    kind: str | None = None
    breakpoints: str | None = None


class Executions:
    """The executions of the one tenant."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def create(self, wanted: NewExecution) -> JsonObject:
        """Start a flow and return the execution as soon as the executor has it."""
        labels = labels_of_texts(wanted.labels)
        flow = self._beans.flow_service.getFlowIfExecutableOrThrow(
            TENANT, wanted.namespace, wanted.flow_id, optional_integer(wanted.revision)
        )
        execution = java("io.kestra.core.models.executions.Execution").newExecution(flow, labels)
        inputs = read_inputs(self._beans, flow, execution, wanted.parts)
        command = _create_command(wanted, flow, execution, inputs)
        if self._fails_by_checks(flow, inputs):
            command = command.withStateType(state_type("FAILED"))
        id_ = str(execution.getId())
        try:
            submit_command(self._beans, id_, command)
        except JavaError:
            # the executor's word may have passed us by, see followers: what is stored counts
            if self._beans.executions.findById(TENANT, id_).isEmpty():
                raise
        return to_object(find_execution(self._beans, id_))

    def wait(self, id_: str) -> JsonObject:
        """Return the execution once it has ended; the calling thread waits."""
        execution = find_execution(self._beans, id_)
        flow = flow_of(self._beans, execution)
        events = self._beans.webhooks.followExecution(execution, flow)
        last = events.blockLast(seconds(LONGEST_WAIT_SECONDS))
        return to_object(find_execution(self._beans, id_) if last is None else last.getData())

    def get(self, id_: str) -> str:
        """Return one execution as JSON text."""
        return to_text(find_execution(self._beans, id_))

    def of_flow(self, namespace: str, flow_id: str, page: Page) -> JsonObject:
        """Return one page of a flow's executions, without task runs."""
        found = self._beans.executions.findByFlowId(
            TENANT, namespace, flow_id, page.to_java(self._beans.executions)
        )
        return listing(found, light_object)

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the executions that pass the filters, without task runs."""
        found = self._beans.executions.find(
            page.to_java(self._beans.executions), TENANT, to_filters(parameters)
        )
        return listing(found, light_object)

    def kill(self, id_: str, *, cascade: bool = True) -> str:
        """End a running execution and, if wanted, its subflows."""
        execution = find_execution(self._beans, id_)
        if execution.getState().isTerminated():
            raise Conflict(f"execution {id_} is already {execution.getState().getCurrent()}")
        killed = java("io.kestra.core.models.executions.ExecutionKilledExecution")
        requested = java("io.kestra.core.models.executions.ExecutionKilled$State").REQUESTED

        def emit(operation: str) -> None:
            # the subclass's setters first: the others return the builder of the super class
            built = killed.builder().executionId(id_).isOnKillCascade(cascade)
            built = built.operationId(operation)
            self._beans.kills.emit(built.state(requested).tenantId(TENANT).build())

        submit(self._beans, id_, emit)
        return to_text(find_execution(self._beans, id_))

    def _fails_by_checks(self, flow: Java, inputs: Java) -> bool:
        failed = list(self._beans.flow_service.getFailedChecks(flow, inputs))
        for check in failed:
            if str(check.getBehavior()) == "BLOCK_EXECUTION":
                raise Rejected(str(check.getMessage()))
        return any(str(check.getBehavior()) == "FAIL_EXECUTION" for check in failed)


def light_object(execution: Java) -> JsonObject:
    """Return an execution as lists show it."""
    plain = to_object(execution)
    plain.pop("taskRunList", None)
    return plain


def _create_command(wanted: NewExecution, flow: Java, execution: Java, inputs: Java) -> Java:
    execution_id = java("io.kestra.core.models.executions.ExecutionId")(
        TENANT, wanted.namespace, wanted.flow_id, execution.getId(), flow.getRevision()
    )
    command = java("io.kestra.core.executor.command.Create").of(execution_id)
    command = command.withInputs(inputs).withLabels(execution.getLabels())
    if wanted.schedule_date:
        command = command.withScheduleDate(_instant(wanted.schedule_date))
    if wanted.breakpoints:
        breakpoints = java("io.kestra.core.debug.Breakpoint")
        names = [each.strip() for each in wanted.breakpoints.split(",") if each.strip()]
        command = command.withBreakpoints(array_list([breakpoints.of(name) for name in names]))
    if wanted.kind:
        if wanted.kind not in KINDS:
            raise Invalid("kind", f"one of {', '.join(KINDS)}, was {wanted.kind!r}")
        kinds = java("io.kestra.core.models.executions.ExecutionKind")
        command = command.withKind(kinds.valueOf(wanted.kind))
    return command


def _instant(text: str) -> Java:
    try:
        return java("java.time.ZonedDateTime").parse(text).toInstant()
    except JavaError as error:
        raise Invalid("scheduleDate", f"a date with a zone is required, was {text!r}") from error
