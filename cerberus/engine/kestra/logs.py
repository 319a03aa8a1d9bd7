"""Log lines of executions."""

from collections.abc import Iterable
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, integer, java, typed_null
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


@dataclass(frozen=True, slots=True)
class LogSelection:
    """Which lines of an execution are wanted."""

    execution_id: str
    minimum_level: str | None = None
    task_run_id: str | None = None
    task_id: str | None = None
    attempt: int | None = None


class Logs:
    """The engine's log store, written by the indexer a moment after the line was logged."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def lines(self, wanted: LogSelection) -> str:
        """Return the lines as JSON text."""
        return to_text(self._find(wanted))

    def download(self, wanted: LogSelection) -> str:
        """Return the lines as plain text."""
        lines = (
            f"{each.getTimestamp()} {each.getLevel()} {each.getMessage()}\n"
            for each in self._find(wanted)
        )
        return "".join(lines)

    def delete(self, wanted: LogSelection) -> None:
        """Delete lines of an execution, those of the level and below it when one is given."""
        level = _level(wanted.minimum_level) if wanted.minimum_level else None
        attempt = None if wanted.attempt is None else integer(wanted.attempt)
        self._beans.logs.deleteByQuery(
            TENANT,
            wanted.execution_id,
            wanted.task_id,
            wanted.task_run_id,
            level or typed_null("org.slf4j.event.Level"),
            attempt or typed_null("java.lang.Integer"),
        )

    def delete_of_trigger(self, namespace: str, flow_id: str, trigger_id: str) -> None:
        """Delete the lines that a trigger wrote."""
        self._beans.logs.deleteByQuery(TENANT, namespace, flow_id, trigger_id)

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the lines that pass the filters."""
        pageable = page.to_java(self._beans.logs)
        found = self._beans.logs.find(pageable, TENANT, to_filters(parameters))
        lines = found.getContent() if hasattr(found, "getContent") else found.results()
        results = [to_object(line) for line in lines]
        total = int(found.getTotal()) if hasattr(found, "getTotal") else len(results)
        return {"results": results, "total": total, "type": "OFFSET"}

    def _find(self, wanted: LogSelection) -> Java:
        level = _level(wanted.minimum_level)
        id_, store = wanted.execution_id, self._beans.logs
        if wanted.task_run_id and wanted.attempt is not None:
            return store.findByExecutionIdAndTaskRunIdAndAttempt(
                TENANT, id_, wanted.task_run_id, level, integer(wanted.attempt)
            )
        if wanted.task_run_id:
            return store.findByExecutionIdAndTaskRunId(TENANT, id_, wanted.task_run_id, level)
        if wanted.task_id:
            return store.findByExecutionIdAndTaskId(TENANT, id_, wanted.task_id, level)
        return store.findByExecutionId(TENANT, id_, level)


def level_name(name: str | None) -> str:
    """Return the level that is meant; none means all."""
    chosen = (name or "TRACE").upper()
    if chosen not in LEVELS:
        raise Invalid("minLevel", f"one of {', '.join(LEVELS)}, was {name!r}")
    return chosen


def _level(name: str | None) -> Java:
    return java("org.slf4j.event.Level").valueOf(level_name(name))
