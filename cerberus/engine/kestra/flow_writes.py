"""Many flows written at once: bulk, import, export, on and off, delete."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.bulk import LARGEST_BULK, BulkRefused, bulk_object
from cerberus.engine.kestra.errors import describe, from_java
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.flows import Flows, parse_flow, split_documents
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.lookup import find_flow
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Invalid, Rejected

#: what a small archive may unfold to
LARGEST_ARCHIVE_BYTES = 64 * 1024 * 1024
_YAML = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class FlowSet:
    """The flows that a namespace is to hold; `delete` removes those that are not among them."""

    source: str
    delete: bool
    namespace: str | None = None
    children_too: bool = False
    override: bool = False


class FlowWrites:
    """Writes more than one flow; each is checked before the first is written."""

    def __init__(self, beans: Beans, flows: Flows) -> None:
        self._beans = beans
        self._flows = flows

    def replace(self, wanted: FlowSet) -> list[JsonObject]:
        """Create or update each document of a YAML text, and delete the others when asked to."""
        texts = [self._moved(text, wanted) for text in split_documents(wanted.source)]
        parsed = [self._valid(text) for text in texts]
        for flow in parsed:
            self._require_inside(flow, wanted)
        saved = [self._flows.save(text) for text in texts]
        names = {(each.namespace, each.id) for each in saved}
        if wanted.delete:
            spaces = {wanted.namespace} if wanted.namespace else {each.namespace for each in saved}
            self._delete_others(spaces, names, children_too=wanted.children_too)
        return [self._flows.get(*name) for name in sorted(names)]

    def import_text(self, source: str, *, strict: bool) -> list[str]:
        """Create or update each document and return the names of those that were refused."""
        refused = []
        for text in split_documents(source):
            try:
                self._flows.save(text)
            except (JavaError, Rejected) as error:
                known = from_java(error) if isinstance(error, JavaError) else error
                if strict or known is None:
                    raise
                refused.append(_named(text))
        return refused

    def import_archive(self, content: bytes, *, strict: bool) -> list[str]:
        """Create or update the flows of a zip and return the names of those that were refused."""
        return [
            name for text in _unpacked(content) for name in self.import_text(text, strict=strict)
        ]

    def export(self, flows: Iterable[Java]) -> bytes:
        """Return the sources of flows as a zip."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for flow in flows:
                archive.writestr(f"{flow.getNamespace()}.{flow.getId()}.yml", str(flow.getSource()))
        return target.getvalue()

    def set_disabled(self, flows: Iterable[Java], disabled: bool) -> JsonObject:
        """Switch flows off or on; those that are so already are left alone."""
        count = 0
        service = java("io.kestra.core.services.FlowService")
        boxed = java("java.lang.Boolean").valueOf(disabled)
        for flow in flows:
            if bool(flow.isDisabled()) != disabled:
                source = str(service.injectDisabled(flow.getSource(), boxed))
                self._beans.flow_service.update(parse_flow(source), flow)
                count += 1
        return bulk_object(count)

    def delete(self, flows: Iterable[Java]) -> JsonObject:
        """Delete flows; their executions stay."""
        count = 0
        for flow in flows:
            self._beans.flow_service.delete(flow)
            count += 1
        return bulk_object(count)

    def named(self, names: Sequence[Mapping[str, object]]) -> list[Java]:
        """Return the flows of these names, with their sources.

        Raises
        ------
        BulkRefused
            With the names that do not exist.
        """
        found: list[Java] = []
        invalids: list[JsonObject] = []
        for name in names:
            namespace, id_ = str(name.get("namespace")), str(name.get("id"))
            try:
                found.append(find_flow(self._beans, namespace, id_))
            except Rejected as error:
                invalids.append({"invalidValue": dict(name), "message": str(error)})
        if invalids:
            raise BulkRefused("; ".join(str(each["message"]) for each in invalids), invalids)
        return found

    def matching(self, parameters: Iterable[tuple[str, str]]) -> list[Java]:
        """Return the flows that pass the filters, with their sources."""
        pageable = Page(1, LARGEST_BULK).to_java()
        return list(self._beans.flows.findWithSource(pageable, TENANT, to_filters(parameters)))

    def _valid(self, text: str) -> Java:
        problems = [
            str(each["constraints"]) for each in self._flows.validate(text) if "constraints" in each
        ]
        if problems:
            raise Rejected("; ".join(problems))
        return parse_flow(text)

    def _moved(self, text: str, wanted: FlowSet) -> str:
        if not wanted.override or wanted.namespace is None:
            return text
        lines = text.splitlines(keepends=True)
        return "".join(
            f"namespace: {wanted.namespace}\n" if line.startswith("namespace:") else line
            for line in lines
        )

    def _require_inside(self, flow: Java, wanted: FlowSet) -> None:
        namespace = str(flow.getNamespace())
        is_child = wanted.children_too and namespace.startswith(f"{wanted.namespace}.")
        if wanted.namespace not in (None, namespace) and not is_child:
            raise Invalid("flow.namespace", f"{wanted.namespace} is required, was {namespace}")

    def _delete_others(
        self, spaces: Iterable[str | None], keep: set[tuple[str, str]], *, children_too: bool
    ) -> None:
        repository = self._beans.flows
        find: Callable[[str, str | None], Java] = (
            repository.findByNamespacePrefixWithSource
            if children_too
            else repository.findByNamespaceWithSource
        )
        for space in spaces:
            for flow in find(TENANT, space):
                if (str(flow.getNamespace()), str(flow.getId())) not in keep:
                    self._beans.flow_service.delete(flow)


def _unpacked(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [each for each in archive.infolist() if each.filename.endswith(_YAML)]
            size = sum(each.file_size for each in entries)
            if size > LARGEST_ARCHIVE_BYTES:
                raise Invalid("fileUpload", f"{size} bytes exceed limit {LARGEST_ARCHIVE_BYTES}")
            return [archive.read(each).decode() for each in entries]
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError) as error:
        raise Invalid("fileUpload", f"a zip of YAML files is required: {error}") from error


def _named(text: str) -> str:
    try:
        parsed = java("io.kestra.core.models.flows.GenericFlow").fromYaml(TENANT, text)
        return f"{parsed.getNamespace()}.{parsed.getId()}"
    except JavaError as error:
        return describe(error)
