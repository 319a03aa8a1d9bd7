"""Go on with what a kill left standing, which no message in any queue would ever move again.

Kestra's executor commits the state of an execution first and sends the messages that follow from it
afterwards: to go on with it, and to tell its parent of its end. A kill between both loses them; at
the next start the message that caused the change comes again, finds it made, and is dropped. So
they are sent again here, at each start, before the services run and anything changes. To be told
twice harms nobody: the executor decides by the stored state, under the lock of the execution.
"""

import logging
from collections import Counter
from collections.abc import Iterator

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.inheritance import Inheritance
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.unfinished import executions_in, whole

#: a queued one waits for a slot, a paused one for a person, a retrying one for its time
_MOVING = "CREATED,RUNNING,KILLING,RESTARTED"
_RUNNERS = "io.kestra.core.runners."
_SUBFLOW = "io.kestra.plugin.core.flow.Subflow"
_log = logging.getLogger(__name__)


def go_on_with_what_stands(beans: Beans, inherited: Inheritance) -> None:
    """Send again what may have been lost; call this before the services start."""
    for execution in list(executions_in(beans, _MOVING)):
        _log.info("going on with execution=%s", execution.getId())
        try:
            _go_on(beans, execution, inherited)
        except JavaError as error:
            # of a flow that is gone, for one: no reason to leave the others standing
            _log.error("execution=%s cannot go on: %s", execution.getId(), error)


def _go_on(beans: Beans, execution: Java, inherited: Inheritance) -> None:
    event, kind = java(_RUNNERS + "ExecutionEvent"), java(_RUNNERS + "ExecutionEventType")
    _tell_of_ended_subflows(beans, execution)
    for run in execution.getTaskRunList() or []:
        if str(run.getState().getCurrent()) == "RUNNING":
            _tell_of_ended_iterations(beans, execution, run, inherited)
    beans.events.emit(event(execution, kind.UPDATED))


def _tell_of_ended_subflows(beans: Beans, parent: Java) -> None:
    children = beans.executions.findAllByTriggerExecutionId(TENANT, parent.getId())
    waiting = {
        str(run.getId())
        for run in parent.getTaskRunList() or []
        if not run.getState().isTerminated()
    }
    for child in children.collectList().block():
        trigger, state = child.getTrigger(), child.getState()
        if not (state.isTerminated() and trigger is not None and trigger.getType() == _SUBFLOW):
            continue
        run_id = trigger.getVariables().get("taskRunId")
        if str(run_id) in waiting:
            names = parent.getId(), run_id, trigger.getVariables().get("taskId")
            end = java(_RUNNERS + "SubflowExecutionEnd")(child, *names, state.getCurrent())
            beans.subflow_ends.emit(end)


def _tell_of_ended_iterations(
    beans: Beans, parent: Java, run: Java, inherited: Inheritance
) -> None:
    """Tell a Loop of iterations that have ended and that it has not counted."""
    ended = [
        child
        for child in _iterations(beans, parent, run)
        if child.getState().isTerminated() and str(child.getId()) not in inherited.told_iterations
    ]
    if not ended:
        return
    outputs = beans.task_outputs.getOutputs(run)
    counted = Counter(
        {str(state): int(n) for state, n in dict(outputs.get("terminatedIterations") or {}).items()}
    )
    # the newest are those that were not counted
    for child in sorted(ended, key=lambda one: int(one.getLoopRun().index())):
        state = str(child.getState().getCurrent())
        if counted[state]:
            counted[state] -= 1
        else:
            beans.iteration_ends.emit(_iteration_end(beans, child))


def _iterations(beans: Beans, parent: Java, run: Java) -> Iterator[Java]:
    listed = beans.executions.findLoopSubExecutions(TENANT, parent.getId(), run.getTaskId())
    for child in whole(beans, [str(each.getId()) for each in listed]):
        if str(child.getLoopRun().taskRunId()) == str(run.getId()):
            yield child


def _iteration_end(beans: Beans, child: Java) -> Java:
    flow, outputs = beans.runtime_flows.findByExecutionForRuntime(child).get(), None
    loop = flow.findTaskByTaskId(child.getLoopRun().taskId())
    if loop.getOutputs():
        outputs = loop.computeIterationOutput(beans.run_contexts.of(flow, child), child)
    told = java("io.kestra.core.models.executions.LoopExecutionEvent")
    return told(child.getLoopRun(), child.getId(), child.getState().getCurrent(), outputs)
