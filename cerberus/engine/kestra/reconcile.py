"""End what a dead worker left unfinished: it will never report it, and nothing else does.

The worker's report is sent in its place. The executor then goes on as after any failure: errors,
finally, the end of the execution, the release of its schedule.
"""

import logging

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.inheritance import Inheritance
from cerberus.engine.kestra.java import Java, java
from cerberus.engine.kestra.paging import Page
from cerberus.engine.kestra.triggers import TriggerName, Triggers
from cerberus.engine.kestra.unfinished import UNFINISHED, executions_in
from cerberus.engine.reports import EndedTaskRun, UnlockedTrigger

_WITH_WORKER = frozenset({"RUNNING", "KILLING"})
_WAITING = frozenset({"SUBMITTED", "RESUBMITTED"})
_log = logging.getLogger(__name__)


def end_runs_of_dead_workers(
    beans: Beans, live: frozenset[str], inherited: Inheritance
) -> list[EndedTaskRun]:
    """Report every task run whose worker is gone as ended, and return them."""
    return [
        _end(beans, execution, run)
        for execution in executions_in(beans, UNFINISHED)
        for run in execution.getTaskRunList() or []
        if _is_running_nowhere(run, live) or _was_never_begun(run, inherited)
    ]


def unlock_abandoned_triggers(
    beans: Beans, triggers: Triggers, live: frozenset[str]
) -> list[UnlockedTrigger]:
    """Unlock triggers which wait for an execution or a worker that does not exist any more.

    The others go on by themselves when their execution ends.
    """
    unlocked = []
    for state in beans.triggers.find(Page(1, 10_000).to_java(), TENANT, to_filters(())):
        if state.isLocked() and _waits_for_nothing(beans, state, live):
            names = str(state.getNamespace()), str(state.getFlowId()), str(state.getTriggerId())
            triggers.unlock(TriggerName(*names))
            unlocked.append(UnlockedTrigger(*names))
            _log.warning("unlocked trigger %s.%s.%s", *names)
    return unlocked


def _is_running_nowhere(run: Java, live: frozenset[str]) -> bool:
    if str(run.getState().getCurrent()) not in _WITH_WORKER:
        return False
    attempts = run.getAttempts() or []
    worker = attempts[len(attempts) - 1].getWorkerId() if len(attempts) else None
    # a flowable task has no worker: the executor itself goes on with it
    return worker is not None and str(worker) not in live


def _was_never_begun(run: Java, inherited: Inheritance) -> bool:
    return (
        str(run.getState().getCurrent()) in _WAITING
        and str(run.getId()) not in inherited.waiting
        and bool(run.getState().getStartDate().isBefore(inherited.taken_at))
    )


def _end(beans: Beans, execution: Java, run: Java) -> EndedTaskRun:
    is_killing = str(execution.getState().getCurrent()) == "KILLING"
    end = "KILLED" if is_killing else "FAILED"
    state = java("io.kestra.core.models.flows.State$Type").valueOf(end)
    result = java("io.kestra.core.runners.WorkerTaskResult")(run.withStateAndAttempt(state))
    beans.results.emit(result)
    ended = EndedTaskRun(
        str(execution.getId()),
        str(execution.getNamespace()),
        str(execution.getFlowId()),
        str(run.getTaskId()),
        str(run.getState().getCurrent()),
        end,
    )
    _log.warning(
        "worker died: execution=%s flow=%s.%s task=%s was=%s ended_as=%s",
        ended.execution_id,
        ended.namespace,
        ended.flow_id,
        ended.task_id,
        ended.was,
        ended.ended_as,
    )
    return ended


def _waits_for_nothing(beans: Beans, state: Java, live: frozenset[str]) -> bool:
    if state.getExecutionId() is not None:
        found = beans.executions.findById(TENANT, state.getExecutionId())
        return bool(found.isEmpty() or found.get().getState().isTerminated())
    return state.getWorkerId() is not None and str(state.getWorkerId()) not in live
