"""Outputs of flows and tasks; in Kestra 2.0 an execution no longer carries them."""

from cerberus.engine.kestra.beans import Beans
from cerberus.engine.kestra.json_text import JsonObject, to_text
from cerberus.engine.kestra.lookup import find_execution
from cerberus.errors import NotFound


class Outputs:
    """What executions left behind."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def of_execution(self, id_: str) -> str:
        """Return the flow's outputs as JSON text."""
        outputs = self._beans.flow_outputs.getOutputs(find_execution(self._beans, id_))
        return "{}" if outputs is None else to_text(outputs)

    def index(self, id_: str) -> list[JsonObject]:
        """Return which task runs have outputs."""
        found = []
        for run in find_execution(self._beans, id_).getTaskRunList() or []:
            if self._beans.task_outputs.getOutputs(run).isEmpty():
                continue
            entry: JsonObject = {
                "taskId": str(run.getTaskId()),
                "taskRunId": str(run.getId()),
                "inline": True,
            }
            for name, value in (("value", run.getValue()), ("iteration", run.getIteration())):
                if value is not None:
                    entry[name] = str(value) if name == "value" else int(value)
            found.append(entry)
        return found

    def of_task_run(self, id_: str, task_run_id: str) -> str:
        """Return a task run's outputs as JSON text."""
        for run in find_execution(self._beans, id_).getTaskRunList() or []:
            if str(run.getId()) == task_run_id:
                return to_text(self._beans.task_outputs.getOutputs(run))
        raise NotFound(f"task run {task_run_id} not found in execution {id_}")
