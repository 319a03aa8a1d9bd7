"""The engine's beans which the API uses, fetched once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cerberus.engine.jvm.engine import Engine
from cerberus.engine.kestra.java import Java

#: the only tenant of the open-source engine
TENANT = "main"

_QUEUES = "io.kestra.core.queues."
_REPOSITORIES = "io.kestra.core.repositories."
_SERVICES = "io.kestra.core.services."
_RUNNERS = "io.kestra.core.runners."


@dataclass(frozen=True, slots=True)
class Beans:
    """Repositories read, services decide, queues carry commands to the executor."""

    of_class: Callable[[str], Java]
    flow_service: Java
    graphs: Java
    parsing: Java
    topologies: Java
    validator: Java
    limits: Java
    flows: Java
    executions: Java
    execution_service: Java
    run_contexts: Java
    inputs: Java
    storage: Java
    webhooks: Java
    waiter: Java
    logs: Java
    triggers: Java
    trigger_queue: Java
    flow_outputs: Java
    task_outputs: Java
    commands: Java
    kills: Java
    results: Java
    events: Java
    follow_events: Java
    subflow_ends: Java
    iteration_ends: Java
    new_executions: Java
    line: Java
    runtime_flows: Java
    followers: Java

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Fetch all beans of a running engine."""
        return cls(**_services(engine), **_queues(engine))


def _services(engine: Engine) -> dict[str, Java]:
    bean = engine.bean
    return {
        "of_class": bean,
        "flow_service": bean(_SERVICES + "FlowService"),
        "graphs": bean(_SERVICES + "GraphService"),
        "parsing": bean(_SERVICES + "FlowParsingService"),
        "topologies": bean("io.kestra.core.topologies.FlowTopologyService"),
        "validator": bean("io.kestra.core.models.validations.ModelValidator"),
        "limits": bean(_REPOSITORIES + "ConcurrencyLimitRepositoryInterface"),
        "flows": bean(_REPOSITORIES + "FlowRepositoryInterface"),
        "executions": bean(_REPOSITORIES + "ExecutionRepositoryInterface"),
        "execution_service": bean(_SERVICES + "ExecutionService"),
        "run_contexts": bean(_RUNNERS + "RunContextFactory"),
        "inputs": bean(_RUNNERS + "FlowInputOutput"),
        "storage": bean("io.kestra.core.storages.StorageInterface"),
        "webhooks": bean(_SERVICES + "WebhookService"),
        "waiter": bean(_SERVICES + "AsyncOperationWaiter"),
        "logs": bean(_REPOSITORIES + "LogDataStoreInterface"),
        "triggers": bean(_REPOSITORIES + "TriggerRepositoryInterface"),
        "trigger_queue": bean("io.kestra.core.scheduler.queue.TriggerEventQueue"),
        "flow_outputs": bean(_SERVICES + "ExecutionOutputService"),
        "task_outputs": bean(_SERVICES + "TaskOutputService"),
        "runtime_flows": bean(_RUNNERS + "FlowMetaStoreInterface"),
        "line": engine.named_bean("io.kestra.jdbc.AbstractJdbcRepository", "executionqueued"),
        "followers": bean(_SERVICES + "ExecutionStreamingService"),
    }


def _queues(engine: Engine) -> dict[str, Java]:
    def dispatch(event: str) -> Java:
        return engine.queue(_QUEUES + "DispatchQueueInterface", event)

    def broadcast(event: str) -> Java:
        return engine.queue(_QUEUES + "BroadcastQueueInterface", event)

    return {
        "commands": dispatch("io.kestra.core.executor.command.ExecutionCommand"),
        "kills": broadcast("io.kestra.core.models.executions.ExecutionKilled"),
        "results": dispatch(_RUNNERS + "WorkerTaskResult"),
        "events": dispatch(_RUNNERS + "ExecutionEvent"),
        "follow_events": broadcast(_RUNNERS + "FollowExecutionEvent"),
        "subflow_ends": dispatch(_RUNNERS + "SubflowExecutionEnd"),
        "iteration_ends": dispatch("io.kestra.core.models.executions.LoopExecutionEvent"),
        "new_executions": dispatch("io.kestra.core.models.executions.Execution"),
    }
