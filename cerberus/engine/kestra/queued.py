"""Executions that wait for a slot and stand in no line: nothing would ever call them.

An execution leaves the line of its concurrency limit in one commit, and the message that begins it
is sent afterwards; a kill between both loses it. It gets its place again, by its age, before the
lost slots are freed: the slot that was kept for it is one of them.
"""

import logging

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.inheritance import Inheritance
from cerberus.engine.kestra.java import Java, java
from cerberus.engine.kestra.unfinished import executions_in

_log = logging.getLogger(__name__)


def put_back_in_line(beans: Beans, inherited: Inheritance) -> None:
    """Give each its place again; call this before the services start."""
    store = beans.of_class("io.kestra.core.runners.ExecutionQueuedStateStore")
    standing = {str(place.getExecution().getId()) for place in store.getAllForAllTenants()}
    for execution in list(executions_in(beans, "QUEUED")):
        id_ = str(execution.getId())
        if id_ not in standing and id_ not in inherited.told_executions:
            _log.warning("execution=%s waits for a slot again", id_)
            place = _place(execution)
            beans.line.persist(place, beans.line.persistFields(place))


def _place(execution: Java) -> Java:
    histories = execution.getState().getHistories()
    return (
        java("io.kestra.core.runners.ExecutionQueued")
        .builder()
        .tenantId(execution.getTenantId())
        .namespace(execution.getNamespace())
        .flowId(execution.getFlowId())
        .execution(execution)
        .date(histories[len(histories) - 1].getDate())
        .build()
    )
