"""The flows of a folder, and the engine's flows that came from it."""

import logging
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from cerberus.engine.flow_files.ledger import Origins, read_ledger, write_ledger
from cerberus.engine.flow_files.sources import find_files, read_file
from cerberus.engine.flow_files.swap import FlowName, FlowStore, names_of, swap
from cerberus.engine.kestra.errors import describe
from cerberus.engine.kestra.java import JavaError, boolean, java
from cerberus.engine.reports import FlowFileReport, Reports
from cerberus.errors import CerberusError, NotFound

_log = logging.getLogger(__name__)


def disable_in_source(source: str) -> str:
    """Return the source of a flow with `disabled: true`, as the engine itself writes it."""
    service = java("io.kestra.core.services.FlowService")
    return str(service.injectDisabled(source, boolean(True)))


class FlowFolder:
    """Keeps the engine's flows as the files say.

    A flow whose file is broken stays as it was; a flow that no file holds any more is disabled.
    """

    def __init__(
        self,
        folder: Path,
        flows: FlowStore,
        reports: Reports,
        ledger: Path,
        disabled: Callable[[str], str] = disable_in_source,
    ) -> None:
        self.folder = folder
        self._flows = flows
        self._reports = reports
        self._ledger = ledger
        self._disabled = disabled
        self._origins: Origins = {}
        self._by_file: dict[str, list[FlowFileReport]] = {}

    def load(self) -> None:
        """Bring in every file; disable what came from files that are gone."""
        self._origins = read_ledger(self._ledger)
        present = {path.relative_to(self.folder).as_posix() for path in find_files(self.folder)}
        self.refresh(present, self._origins.keys() - present)

    def refresh(self, changed: Collection[str], gone: Collection[str]) -> None:
        """Bring in the files that changed and give up those that are gone."""
        before = self._origins
        known = frozenset().union(*before.values()) if before else frozenset()
        # a flow may move from one file to another: nobody's claim of before counts
        owners = {file: flows for file, flows in before.items() if file not in {*changed, *gone}}
        for name in gone:
            self._by_file.pop(name, None)
        broken = [name for name in sorted(changed) if not self._bring_in(name, owners)]
        for name in broken:
            kept = before.get(name, frozenset()) - frozenset().union(*owners.values())
            owners[name] = kept
        for flow in sorted(known - frozenset().union(*owners.values())):
            file = _file_of(flow, before)
            if not self._disable(flow, file):
                owners[file] = owners.get(file, frozenset()) | {
                    flow
                }  # tried again at the next turn
        self._origins = {file: flows for file, flows in owners.items() if flows}
        write_ledger(self._ledger, self._origins)
        self._reports.flow_files = [
            report for name in sorted(self._by_file) for report in self._by_file[name]
        ]

    def _bring_in(self, name: str, owners: Origins) -> bool:
        reports = swap(
            read_file(self.folder / name, name),
            self._flows,
            lambda flow: next((file for file, flows in owners.items() if flow in flows), None),
        )
        self._by_file[name] = reports
        _tell(reports)
        if any(report.outcome == "broken" for report in reports):
            self._reports.flow_file_failures += 1
            return False
        owners[name] = names_of(reports)
        return True

    def _disable(self, flow: FlowName, file: str) -> bool:
        try:
            stored = self._flows.get(*flow, with_source=True)
            if stored["disabled"] is True:
                return True
            saved = self._flows.save(self._disabled(str(stored["source"])))
            report = FlowFileReport(file, "disabled", *flow, saved.revision)
        except NotFound:
            return True  # somebody has deleted it
        except (CerberusError, JavaError) as error:
            reason = str(error) if isinstance(error, CerberusError) else describe(error)
            report = FlowFileReport(file, "broken", *flow, line=1, reason=f"not disabled: {reason}")
            self._reports.flow_file_failures += 1
        self._by_file.setdefault(file, []).append(report)
        _tell([report])
        return report.outcome == "disabled"


def _file_of(flow: FlowName, origins: Origins) -> str:
    return next(file for file, flows in origins.items() if flow in flows)


def _tell(reports: Iterable[FlowFileReport]) -> None:
    for report in reports:
        if report.outcome == "broken":
            _log.error("flow file %s:%s is broken: %s", report.file, report.line, report.reason)
        elif report.outcome != "unchanged":
            _log.info("flow file %s: %s %s", report.file, report.outcome, report.id)
