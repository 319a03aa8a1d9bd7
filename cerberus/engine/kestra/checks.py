"""Ask without starting anything: do these inputs fit, and what does this expression give."""

from collections.abc import Sequence

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.inputs import (
    Part,
    resolve_inputs,
    resolve_resume_inputs,
    resolved_object,
)
from cerberus.engine.kestra.java import Java, JavaError, java, optional_integer
from cerberus.engine.kestra.json_text import JsonObject, to_object
from cerberus.engine.kestra.labels import labels_of_texts
from cerberus.engine.kestra.lookup import find_execution, flow_of
from cerberus.errors import Conflict, NotFound


class Checks:
    """Validation of inputs and evaluation of expressions."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def for_new(
        self,
        namespace: str,
        flow_id: str,
        parts: Sequence[Part],
        labels: Sequence[str] = (),
        revision: int | None = None,
    ) -> list[JsonObject]:
        """Return what the inputs and the checks of a flow say about a new execution."""
        flow = self._beans.flow_service.getFlowIfExecutableOrThrow(
            TENANT, namespace, flow_id, optional_integer(revision)
        )
        executions = java("io.kestra.core.models.executions.Execution")
        execution = executions.newExecution(flow, labels_of_texts(labels))
        found = resolve_inputs(self._beans, flow, execution, parts)
        values = java("java.util.HashMap")()
        for each in found:
            if each.enabled() and each.value() is not None:
                values.put(each.input().getId(), each.value())
        answer: JsonObject = {
            "id": flow_id,
            "namespace": namespace,
            "inputs": [resolved_object(each) for each in found],
            "checks": [
                to_object(each) for each in self._beans.flow_service.getFailedChecks(flow, values)
            ],
        }
        return [answer]

    def for_resume(self, id_: str, parts: Sequence[Part]) -> list[JsonObject]:
        """Return what a Pause task says about the inputs to resume with."""
        execution = find_execution(self._beans, id_)
        if not execution.getState().isPaused():
            raise Conflict(f"execution {id_} is {execution.getState().getCurrent()}, not PAUSED")
        found = resolve_resume_inputs(
            self._beans, flow_of(self._beans, execution), execution, parts
        )
        answer: JsonObject = {
            "id": str(execution.getFlowId()),
            "namespace": str(execution.getNamespace()),
            "inputs": [resolved_object(each) for each in found],
            "checks": [],
        }
        return [answer]

    def evaluate(self, id_: str, expression: str, task_run_id: str | None = None) -> JsonObject:
        """Render an expression with what an execution, or one of its task runs, knows."""
        execution = find_execution(self._beans, id_)
        flow = flow_of(self._beans, execution)
        context = self._context(flow, execution, task_run_id)
        try:
            return {"result": str(context.render(expression))}
        except JavaError as error:
            return {"error": describe(error)}

    def _context(self, flow: Java, execution: Java, task_run_id: str | None) -> Java:
        if task_run_id is None:
            return self._beans.run_contexts.of(flow, execution)
        found = execution.findTaskRunByTaskRunIdIfPresent(task_run_id)
        if found.isEmpty():
            raise NotFound(f"task run {task_run_id} not found in execution {execution.getId()}")
        run = found.get()
        task = flow.findTaskByTaskId(run.getTaskId())
        return self._beans.run_contexts.of(flow, task, execution, run)
