"""The key-value store: typed values, each with an end of its life if wanted."""

import json
import re
from collections.abc import Iterable, Sequence

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.java import Java, JavaError, java, typed_null
from cerberus.engine.kestra.json_text import JsonObject, to_object, to_text
from cerberus.engine.kestra.lookup import require_namespace
from cerberus.engine.kestra.paging import Page, listing
from cerberus.errors import Invalid, NotFound

_DURATION = re.compile(r"P(?=.)(?:\d+D)?(?:T.+)?")


class KeyValues:
    """The keys of every namespace."""

    def __init__(self, beans: Beans) -> None:
        self._service = beans.of_class("io.kestra.core.services.KVStoreService")

    def get(self, namespace: str, key: str) -> JsonObject:
        """Return a value with its type.

        Raises
        ------
        NotFound
            There is no such key.
        cerberus.engine.kestra.errors.Expired
            There was one, and its time is over.
        """
        store = self._store(namespace)
        value = store.getValue(key)
        entry = store.get(key)
        if value.isEmpty() or entry.isEmpty():
            raise NotFound(f"no value for key {key!r} in namespace {namespace}")
        inner = value.get().value()
        shown: JsonObject = {
            "type": str(java("io.kestra.core.models.kv.KVType").from_(inner)),
            "value": json.loads(to_text(inner)),
            "revision": int(entry.get().revision()),
        }
        return {**shown, "updated": to_object(entry.get()).get("updateDate")}

    def put(
        self,
        namespace: str,
        key: str,
        text: str,
        *,
        description: str | None = None,
        ttl: str | None = None,
    ) -> None:
        """Set a key to a JSON, ION or duration literal."""
        java("io.kestra.core.storages.kv.KVStore").validateKey(key)
        kind = "java.time.Duration"
        life = _duration("ttl", ttl) if ttl else typed_null(kind)
        metadata = java("io.kestra.core.storages.kv.KVMetadata")(description, life)
        value = java("io.kestra.core.storages.kv.KVValueAndMetadata")(metadata, _value(text))
        self._store(require_namespace(namespace)).put(key, value)

    def delete(self, namespace: str, key: str) -> bool:
        """Delete a key and tell whether it was there."""
        return bool(self._store(namespace).delete(key))

    def delete_all(self, namespace: str, keys: Sequence[str]) -> JsonObject:
        """Delete keys and return those that were there."""
        return {"keys": [key for key in keys if self.delete(namespace, key)]}

    def search(self, page: Page, parameters: Iterable[tuple[str, str]]) -> JsonObject:
        """Return one page of the keys of all namespaces that pass the filters."""
        found = self._service.list(page.to_java(), TENANT, None, to_filters(parameters))
        return listing(found, to_object)

    def in_namespace(self, namespace: str) -> list[JsonObject]:
        """Return the keys of a namespace."""
        return [to_object(each) for each in self._store(namespace).list()]

    def inherited(self, namespace: str) -> list[JsonObject]:
        """Return the keys which a namespace has from those above it."""
        seen = {str(each["key"]) for each in self.in_namespace(namespace)}
        found: list[JsonObject] = []
        parts = namespace.split(".")
        for length in range(len(parts) - 1, 0, -1):
            for each in self.in_namespace(".".join(parts[:length])):
                if str(each["key"]) not in seen:
                    seen.add(str(each["key"]))
                    found.append(each)
        return found

    def _store(self, namespace: str) -> Java:
        return self._service.get(TENANT, namespace)


def _value(text: str) -> Java:
    if _DURATION.fullmatch(text.strip()):
        return _duration("body", text.strip())
    ion = java("io.kestra.core.serializers.JacksonMapper").ofIon()
    try:
        return ion.readValue(text, java("java.lang.Object").class_)
    except JavaError as error:
        raise Invalid("body", "a literal of JSON or ION is required") from error


def _duration(field: str, text: str) -> Java:
    try:
        return java("java.time.Duration").parse(text)
    except JavaError as error:
        raise Invalid(field, f"a duration is written PT1H, was {text!r}") from error
