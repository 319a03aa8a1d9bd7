"""Bring one file into the engine: all of it, or nothing of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from cerberus.engine.flow_files.sources import Document, FlowFile, line_in_file
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.flows import SavedFlow
from cerberus.engine.kestra.java import JavaError
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.reports import FlowFileReport
from cerberus.errors import CerberusError, NotFound

#: namespace and id of a flow
FlowName: TypeAlias = tuple[str, str]


class FlowStore(Protocol):
    """What is needed of the engine's flows."""

    def get(self, namespace: str, id_: str, *, with_source: bool = False) -> JsonObject:
        """Return a flow."""

    def validate(self, source: str) -> list[JsonObject]:
        """Return what the engine says about a YAML text."""

    def save(self, source: str) -> SavedFlow:
        """Create or update a flow."""

    def delete(self, namespace: str, id_: str) -> None:
        """Delete a flow."""


@dataclass(slots=True)
class _Written:
    """What was written of a file so far, and what stood there before."""

    sources: list[tuple[FlowName, str | None]] = field(default_factory=list)


def swap(
    file: FlowFile, flows: FlowStore, taken: Callable[[FlowName], str | None]
) -> list[FlowFileReport]:
    """Validate every flow of a file, then write those that changed; report each.

    `taken` names the other file that holds a flow already. When one flow of the file is broken, or
    cannot be written, the last good version of all of them stays.
    """
    if file.problem is not None:
        return [FlowFileReport(file.name, "broken", line=1, reason=file.problem)]
    checked = [_check(file.name, document, flows, taken) for document in file.documents]
    if any(report.outcome == "broken" for report in checked):
        return checked
    return _write(file, flows, checked)


def names_of(reports: Collection[FlowFileReport]) -> frozenset[FlowName]:
    """Return the flows that reports are about."""
    return frozenset((each.namespace, each.id) for each in reports if each.namespace and each.id)


def _check(
    name: str, document: Document, flows: FlowStore, taken: Callable[[FlowName], str | None]
) -> FlowFileReport:
    try:
        said = flows.validate(document.source)[0]
    except (CerberusError, JavaError) as error:
        return _broken(name, document, _reason(error))
    if said.get("constraints"):
        return _broken(name, document, str(said["constraints"]))
    flow = str(said.get("namespace")), str(said.get("flow"))
    other = taken(flow)
    if other is not None:
        return _broken(name, document, f"id: flow {'.'.join(flow)} stands in {other} already")
    return FlowFileReport(name, "held back", *flow)


def _write(file: FlowFile, flows: FlowStore, checked: list[FlowFileReport]) -> list[FlowFileReport]:
    written = _Written()
    reports = []
    for document, flow in zip(file.documents, checked, strict=True):
        name = str(flow.namespace), str(flow.id)
        written.sources.append((name, _source(flows, name)))
        try:
            saved = flows.save(document.source)
        except (CerberusError, JavaError) as error:
            undone = _undo(written, flows)
            reason = _reason(error) + ("" if undone else "; a last good version was not restored")
            return [_broken(file.name, document, reason)]
        reports.append(FlowFileReport(file.name, saved.outcome, *name, saved.revision))
    return reports


def _undo(written: _Written, flows: FlowStore) -> bool:
    is_undone = True
    for name, source in reversed(written.sources):
        try:
            if source is not None:
                flows.save(source)  # does nothing where the new version was never stored
            elif _source(flows, name) is not None:
                flows.delete(*name)
        except (CerberusError, JavaError):
            is_undone = False
    return is_undone


def _source(flows: FlowStore, name: FlowName) -> str | None:
    try:
        return str(flows.get(*name, with_source=True)["source"])
    except NotFound:
        return None


def _broken(name: str, document: Document, reason: str) -> FlowFileReport:
    return FlowFileReport(name, "broken", line=line_in_file(document, reason), reason=reason)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CerberusError) else describe(error)
