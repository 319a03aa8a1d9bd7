"""What a start found and did, kept for those who ask later."""

from dataclasses import dataclass, field, fields

from cerberus.engine.kestra.json_text import JsonObject


@dataclass(frozen=True, slots=True)
class FlowFileReport:
    """What became of a flow file: created, updated, unchanged, broken, held back or disabled."""

    file: str
    outcome: str
    namespace: str | None = None
    id: str | None = None
    revision: int | None = None
    line: int | None = None
    reason: str | None = None

    def as_object(self) -> JsonObject:
        """Return what is known as JSON."""
        return _as_object(self)


@dataclass(frozen=True, slots=True)
class EndedTaskRun:
    """A task run of a dead worker that was reported as ended."""

    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    was: str
    ended_as: str


@dataclass(frozen=True, slots=True)
class UnlockedTrigger:
    """A trigger that waited for something that does not exist any more."""

    namespace: str
    flow_id: str
    trigger_id: str


@dataclass(frozen=True, slots=True)
class EndedProcess:
    """A task process of a dead engine that was ended."""

    pid: int
    command: str


@dataclass(slots=True)
class Reports:
    """What the start found, and what has come since."""

    flow_files: list[FlowFileReport] = field(default_factory=list)
    flow_file_failures: int = 0
    task_runs: list[EndedTaskRun] = field(default_factory=list)
    triggers: list[UnlockedTrigger] = field(default_factory=list)
    processes: list[EndedProcess] = field(default_factory=list)

    def reconciliation_object(self) -> JsonObject:
        """Return the reconcile's part as JSON."""
        return {
            "taskRuns": [_as_object(each) for each in self.task_runs],
            "triggers": [_as_object(each) for each in self.triggers],
            "processes": [_as_object(each) for each in self.processes],
        }


def _as_object(
    report: FlowFileReport | EndedTaskRun | UnlockedTrigger | EndedProcess,
) -> JsonObject:
    shown: JsonObject = {}
    for each in fields(report):
        head, *tail = each.name.split("_")
        if (value := getattr(report, each.name)) is not None:
            shown[head + "".join(part.capitalize() for part in tail)] = value
    return shown
