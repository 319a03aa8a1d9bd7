"""Slots of concurrency limits that are counted though nobody holds them any more.

An execution's slot is freed after its end is committed; a kill in between leaves it counted, and a
flow with one slot would wait for ever. Counted before the services run, when nothing changes.
"""

import logging
from collections import Counter

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.inheritance import Inheritance
from cerberus.engine.kestra.java import Java, integer, java
from cerberus.engine.kestra.paging import Page
from cerberus.engine.kestra.unfinished import executions_in, whole

_HOLDING = "CREATED,SUBMITTED,RUNNING,PAUSED,BREAKPOINT,KILLING,RESTARTED,RETRYING"
#: among so many of a flow's newest executions is one that held a slot
_NEWEST = 50
_log = logging.getLogger(__name__)


def free_lost_slots(beans: Beans, inherited: Inheritance) -> None:
    """Free what nobody holds, by the engine's own release: whoever waits for the slot begins."""
    # who was called out of the line and whose message was not read yet is stored as waiting still
    holders = dict(inherited.told_executions)
    holders |= {
        str(one.getId()): _slots_of(one)
        for one in executions_in(beans, _HOLDING)
        # an iteration of a Loop names the slots of its parent, and holds none
        if one.getLoopRun() is None
    }
    held = Counter(uid for slots in holders.values() for uid in slots)
    for limit in beans.limits.find(TENANT):
        uid = str(limit.uid())
        if (lost := int(limit.getRunning()) - held[uid]) <= 0:
            continue
        _log.warning("freeing slots=%d of=%s, whose executions have ended", lost, uid)
        if (ended := _last_that_held(beans, limit)) is None:
            beans.limits.update(limit.withRunning(integer(held[uid])))
        else:
            for _ in range(lost):
                _release(beans, ended)


def _slots_of(execution: Java) -> tuple[str, ...]:
    metadata = execution.getMetadata()
    scopes = None if metadata is None else metadata.getConcurrencyScopes()
    return tuple(str(uid) for uid in scopes or [])


def _last_that_held(beans: Beans, limit: Java) -> Java | None:
    newest = Page(1, _NEWEST, ("state.startDate:desc",)).to_java(beans.executions)
    names = limit.getNamespace(), limit.getFlowId()
    listed = beans.executions.findByFlowId(TENANT, *names, newest)
    for execution in whole(beans, [str(each.getId()) for each in listed]):
        if execution.getState().isTerminated() and str(limit.uid()) in _slots_of(execution):
            return execution
    return None


def _release(beans: Beans, ended: Java) -> None:
    flow = beans.runtime_flows.findByExecutionForRuntime(ended).get()
    context = java("io.kestra.executor.ExecutorContext")(ended, flow)
    processor = beans.of_class("io.kestra.executor.ConcurrencySlotReleaseProcessor")
    popped = processor.release(context, True)
    if popped.isPresent():
        beans.new_executions.emit(popped.get())
