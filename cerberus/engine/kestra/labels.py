"""Labels as clients may set them."""

from collections.abc import Iterable, Mapping

from cerberus.engine.kestra.java import Java, array_list, java
from cerberus.errors import Invalid

_SYSTEM = "system."
_SET_BY_CLIENTS = "system.correlationId"


def labels_of_texts(texts: Iterable[str]) -> Java:
    """Return labels written `key:value`."""
    return array_list([_label(*_split(text)) for text in texts])


def labels_of_objects(objects: Iterable[Mapping[str, object]]) -> Java:
    """Return labels written `{"key": ..., "value": ...}`."""
    return array_list([_label(*_pair(each)) for each in objects])


def is_set_by_engine(label: Java) -> bool:
    """Tell whether a label belongs to the engine and outlives a change by a client."""
    return str(label.key()).startswith(_SYSTEM)


def _split(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    if not key or not value:
        raise Invalid("labels", f"a label is written key:value, was {text!r}")
    return key, value


def _pair(given: Mapping[str, object]) -> tuple[str, str]:
    key, value = given.get("key"), given.get("value")
    if not isinstance(key, str) or not isinstance(value, str) or not key or not value:
        raise Invalid("labels", f"a label has a key and a value, both text, was {dict(given)}")
    return key, value


def _label(key: str, value: str) -> Java:
    if key.startswith(_SYSTEM) and key != _SET_BY_CLIENTS:
        raise Invalid("labels", f"only the engine sets labels system.*, was {key!r}")
    return java("io.kestra.core.models.Label")(key, value)
