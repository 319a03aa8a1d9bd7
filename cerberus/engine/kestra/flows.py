"""Flows: read, check, write."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, array_list, java
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.engine.kestra.lookup import find_flow
from cerberus.engine.kestra.paging import Page, listing
from cerberus.errors import Invalid, NotFound, Rejected

_BETWEEN_DOCUMENTS = re.compile(r"(?m)^---\s*$")


@dataclass(frozen=True, slots=True)
class SavedFlow:
    """What writing a flow came to."""

    namespace: str
    id: str
    revision: int
    outcome: str


class Flows:
    """The flows of the one tenant."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def get(
        self,
        namespace: str,
        id_: str,
        *,
        revision: int | None = None,
        with_source: bool = False,
        deleted_too: bool = False,
    ) -> JsonObject:
        """Return one flow."""
        found = find_flow(self._beans, namespace, id_, revision, deleted_too=deleted_too)
        return flow_object(found, with_source=with_source)

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the flows that pass the filters."""
        found = self._beans.flows.find(page.to_java(), TENANT, to_filters(parameters))
        return listing(found, lambda flow: flow_object(flow, with_source=False))

    def in_namespace(self, namespace: str) -> list[JsonObject]:
        """Return all flows of a namespace."""
        found = self._beans.flows.findByNamespaceWithSource(TENANT, namespace)
        return [flow_object(flow, with_source=False) for flow in found]

    def create(self, source: str) -> JsonObject:
        """Write a flow that does not exist yet."""
        parsed = parse_flow(source)
        if self._stored(parsed) is not None:
            name = f"{parsed.getNamespace()}.{parsed.getId()}"
            raise Invalid("flow.id", f"flow {name} already exists")
        return flow_object(self._beans.flow_service.create(parsed), with_source=True)

    def update(self, namespace: str, id_: str, source: str) -> JsonObject:
        """Write a flow that exists; its name stays."""
        parsed = parse_flow(source)
        if (str(parsed.getNamespace()), str(parsed.getId())) != (namespace, id_):
            raise Rejected("the namespace and the id of a flow cannot be changed")
        stored = self._stored(parsed)
        if stored is None:
            raise NotFound(f"flow {namespace}.{id_} not found")
        return flow_object(self._beans.flow_service.update(parsed, stored), with_source=True)

    def save(self, source: str) -> SavedFlow:
        """Create or update a flow; one whose source is the same is left as it is."""
        parsed = parse_flow(source)
        stored = self._stored(parsed)
        if stored is None:
            saved, outcome = self._beans.flow_service.create(parsed), "created"
        elif str(stored.getSource()) == source:
            saved, outcome = stored, "unchanged"
        else:
            saved, outcome = self._beans.flow_service.update(parsed, stored), "updated"
        names = str(saved.getNamespace()), str(saved.getId())
        return SavedFlow(*names, int(saved.getRevision()), outcome)

    def validate(self, source: str) -> list[JsonObject]:
        """Return what the engine says about each document of a YAML text."""
        texts = enumerate(split_documents(source))
        return self.validate_files([(f"{at}.yml", text) for at, text in texts])

    def validate_files(self, files: Sequence[tuple[str, str]]) -> list[JsonObject]:
        """Return what the engine says about each named file."""
        flow_source = java("io.kestra.core.models.flows.FlowSource")
        sources = [flow_source(name, text) for name, text in files]
        found = self._beans.flow_service.validate(TENANT, array_list(sources))
        plain: list[JsonObject] = json.loads(to_text(found))
        return plain

    def delete(self, namespace: str, id_: str) -> None:
        """Delete a flow; its executions stay."""
        self._beans.flow_service.delete(find_flow(self._beans, namespace, id_))

    def _stored(self, parsed: Java) -> Java:
        found = self._beans.flows.findByIdWithSource(TENANT, parsed.getNamespace(), parsed.getId())
        return None if found.isEmpty() else found.get()


def flow_object(flow: Java, *, with_source: bool) -> JsonObject:
    """Return a flow as the API shows it."""
    has_source = hasattr(flow, "toFlow")  # searches return flows without
    plain = to_object(flow.toFlow() if has_source and not with_source else flow)
    return {"disabled": False, "draft": False, "deleted": False, **plain}


def split_documents(source: str) -> Sequence[str]:
    """Return the documents of a YAML text that are not empty."""
    return [text for text in _BETWEEN_DOCUMENTS.split(source) if text.strip()]


def parse_flow(source: str) -> Java:
    """Return a flow as far as its name; the engine reads the rest when it writes it."""
    if not source.strip():
        raise Invalid("body", "a flow in YAML is required, was empty")
    return java("io.kestra.core.models.flows.GenericFlow").fromYaml(TENANT, source)
