"""Namespaces, which in the open-source edition exist by holding something."""

from collections.abc import Iterable

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, java
from cerberus.engine.kestra.json_text import JsonObject, to_object
from cerberus.engine.kestra.paging import Page
from cerberus.errors import NotFound

_FILES = "io.kestra.core.repositories.NamespaceFileMetadataRepositoryInterface"
_TEXT_FILTERS = ("filters[q][EQUALS]", "filters[q][CONTAINS]", "q")


class Namespaces:
    """What is known of namespaces, their secrets and the expressions in their flows."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans
        self._files = beans.of_class(_FILES)
        self._kv = beans.of_class("io.kestra.core.services.KVStoreService")

    def get(self, id_: str) -> JsonObject:
        """Return a namespace."""
        if id_ not in self._names():
            raise NotFound(f"namespace {id_} not found")
        return {"id": id_, "deleted": False}

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the namespaces whose name holds a text."""
        wanted = [value for key, value in parameters if key in _TEXT_FILTERS]
        found = [name for name in self._names() if all(text in name for text in wanted)]
        if any(each.endswith(":desc") for each in page.sort):
            found.reverse()
        first = (page.number - 1) * page.size
        shown = [{"id": name, "deleted": False} for name in found[first : first + page.size]]
        return {"results": shown, "total": len(found)}

    def complete(self, text: str = "", ids: Iterable[str] = ()) -> list[str]:
        """Return the namespaces that begin like a text, and those that are named."""
        named = set(ids)
        return [name for name in self._names() if text.lower() in name.lower() or name in named]

    def inherited_secrets(self, namespace: str) -> JsonObject:
        """Return the names of the secrets that a namespace's flows may use."""
        service = self._beans.of_class("io.kestra.core.secret.SecretService")
        return to_object(service.inheritedSecrets(TENANT, namespace))

    def secrets(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the names of all secrets; they belong to every namespace."""
        service = self._beans.of_class("io.kestra.core.secret.SecretService")
        found = service.list(page.to_java(), TENANT, to_filters(parameters))
        results = [{"key": str(each), "tags": []} for each in found]
        return {"readOnly": True, "results": results, "total": int(found.getTotal())}

    def pebble_filters(self) -> list[str]:
        """Return the filters that expressions may use."""
        return sorted(str(each) for each in self._pebble().filters())

    def pebble_functions(self) -> list[JsonObject]:
        """Return the functions that expressions may use."""
        return [to_object(each) for each in self._pebble().functions()]

    def _names(self) -> list[str]:
        holding = {str(each) for each in self._beans.flows.findDistinctNamespace(TENANT)}
        holding |= {str(each) for each in self._files.findDistinctNamespace(TENANT)}
        pageable = Page(1, 10_000).to_java()
        nothing = java("java.util.ArrayList")()
        keys = self._kv.list(pageable, TENANT, None, nothing)
        holding |= {str(each.namespace()) for each in keys}
        parents = {
            ".".join(parts[:length])
            for parts in (name.split(".") for name in holding)
            for length in range(1, len(parts) + 1)
        }
        return sorted(parents)

    def _pebble(self) -> Java:
        return self._beans.of_class("io.kestra.core.runners.pebble.PebbleExpressionService")
