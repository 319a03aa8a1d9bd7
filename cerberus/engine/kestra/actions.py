"""What can be done to an execution that exists, beside ending it."""

from collections.abc import Iterable, Mapping, Sequence

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.commands import submit_command
from cerberus.engine.kestra.inputs import Part, read_inputs, read_resume_inputs
from cerberus.engine.kestra.java import Java, array_list, integer, java, optional_string
from cerberus.engine.kestra.labels import is_set_by_engine, labels_of_objects
from cerberus.engine.kestra.lookup import find_execution, find_flow, flow_of, state_type
from cerberus.errors import Conflict, NotFound

_COMMANDS = "io.kestra.core.executor.command."


class Actions:
    """Commands to the executor; each returns the execution once the executor has taken it in.

    Every method raises `NotFound` for an unknown execution and `Conflict` for a state that does
    not allow it.
    """

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def pause(self, id_: str) -> Java:
        """Let running tasks end and start no more."""
        execution = self._in_state(id_, "RUNNING")
        return self._send(id_, _command("Pause").from_(execution))

    def resume(self, id_: str, parts: Iterable[Part] = ()) -> Java:
        """Go on with a paused execution; a Pause task may ask for inputs."""
        execution = self._in_state(id_, "PAUSED")
        values = read_resume_inputs(self._beans, flow_of(self._beans, execution), execution, parts)
        resumed = java("io.kestra.plugin.core.flow.Pause$Resumed").now("user")
        return self._send(id_, _command("Resume").from_(execution, resumed, values))

    def resume_from_breakpoint(self, id_: str, breakpoints: str | None = None) -> Java:
        """Go on with an execution that stands at a breakpoint."""
        execution = self._in_state(id_, "BREAKPOINT")
        wanted = optional_string(breakpoints)
        return self._send(id_, _command("ResumeFromBreakpoint").from_(execution, wanted))

    def restart(self, id_: str, revision: int | None = None) -> Java:
        """Run the failed tasks of an execution again, under the same id."""
        execution = find_execution(self._beans, id_)
        if not execution.getState().canBeRestarted():
            raise Conflict(_state(execution) + " cannot be restarted")
        self._require_revision(execution, revision)
        return self._send(id_, _command("Restart").from_(execution, _boxed(revision)))

    def replay(
        self,
        id_: str,
        *,
        task_run_id: str | None = None,
        revision: int | None = None,
        breakpoints: str | None = None,
        parts: Sequence[Part] | None = None,
    ) -> Java:
        """Run an execution again under a new id, from its start or from a task run."""
        execution = find_execution(self._beans, id_)
        if not execution.getState().isTerminated() and not execution.getState().isPaused():
            raise Conflict(_state(execution) + " has not ended and cannot be replayed")
        self._require_revision(execution, revision)
        if task_run_id:
            _require_task_run(execution, task_run_id)
        new_id = str(java("io.kestra.core.utils.IdUtils").create())
        command = _command("Replay").from_(
            execution, new_id, task_run_id, _boxed(revision), breakpoints
        )
        if parts is not None:
            flow = flow_of(self._beans, execution)
            command = command.withInputs(read_inputs(self._beans, flow, execution, parts))
        return self._send(new_id, command)

    def replay_revision(self, id_: str, *, is_latest: bool) -> Java:
        """Replay with the revision that ran, or with the latest."""
        execution = find_execution(self._beans, id_)
        if not is_latest:
            return self.replay(id_)
        names = str(execution.getNamespace()), str(execution.getFlowId())
        return self.replay(id_, revision=int(find_flow(self._beans, *names).getRevision()))

    def force_run(self, id_: str) -> Java:
        """Run an execution now that waits for a slot, a date, or a worker."""
        execution = find_execution(self._beans, id_)
        if execution.getState().isTerminated():
            raise Conflict(_state(execution) + " has ended")
        return self._send(id_, _command("ForceRun").from_(execution))

    def unqueue(self, id_: str, state: str | None = None) -> Java:
        """Take an execution out of the queue of its flow's concurrency limit."""
        execution = self._in_state(id_, "QUEUED")
        wanted = state_type(state or "RUNNING")
        return self._send(id_, _command("Unqueue").from_(execution, wanted))

    def set_labels(self, id_: str, labels: Sequence[Mapping[str, object]]) -> Java:
        """Replace an ended execution's labels; those of the engine stay."""
        execution = self._ended(id_)
        own = [each for each in execution.getLabels() or [] if is_set_by_engine(each)]
        wanted = array_list([*own, *labels_of_objects(labels)])
        return self._send(id_, _command("UpdateLabels").from_(execution, wanted))

    def change_status(self, id_: str, status: str) -> Java:
        """Say that an ended execution ended otherwise."""
        execution = self._ended(id_)
        wanted = state_type(status, "status")
        return self._send(id_, _command("UpdateStatus").from_(execution, wanted))

    def change_task_run(self, id_: str, task_run_id: str, state: str) -> Java:
        """Say that a task run of an ended execution ended otherwise, and go on from there."""
        execution = self._ended(id_)
        _require_task_run(execution, task_run_id)
        wanted = state_type(state)
        return self._send(id_, _command("ChangeTaskRunState").from_(execution, task_run_id, wanted))

    def delete(
        self,
        id_: str,
        *,
        is_alive_too: bool = True,
        logs: bool = True,
        metrics: bool = True,
        storage: bool = True,
    ) -> None:
        """Delete an execution and what belongs to it."""
        execution = find_execution(self._beans, id_) if is_alive_too else self._ended(id_)
        self._beans.execution_service.delete(execution, logs, metrics, storage)

    def _send(self, id_: str, command: Java) -> Java:
        submit_command(self._beans, id_, command)
        return find_execution(self._beans, id_)

    def _in_state(self, id_: str, wanted: str) -> Java:
        execution = find_execution(self._beans, id_)
        if str(execution.getState().getCurrent()) != wanted:
            raise Conflict(f"{_state(execution)}, not {wanted}")
        return execution

    def _ended(self, id_: str) -> Java:
        execution = find_execution(self._beans, id_)
        if not execution.getState().isTerminated():
            raise Conflict(_state(execution) + " and has not ended")
        return execution

    def _require_revision(self, execution: Java, revision: int | None) -> None:
        if revision is not None:
            names = str(execution.getNamespace()), str(execution.getFlowId())
            find_flow(self._beans, *names, revision)


def _command(name: str) -> Java:
    return java(_COMMANDS + name)


def _state(execution: Java) -> str:
    return f"execution {execution.getId()} is {execution.getState().getCurrent()}"


def _boxed(value: int | None) -> Java:
    return None if value is None else integer(value)


def _require_task_run(execution: Java, task_run_id: str) -> None:
    runs = execution.getTaskRunList() or []
    if not any(str(run.getId()) == task_run_id for run in runs):
        raise NotFound(f"task run {task_run_id} not found in execution {execution.getId()}")
