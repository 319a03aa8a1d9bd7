"""Java objects as JSON, in the shape of Kestra's own API."""

import json
from functools import cache
from typing import TypeAlias

from cerberus.engine.kestra.java import Java, java

#: a JSON object
JsonObject: TypeAlias = dict[str, object]


@cache
def mapper() -> Java:
    """Return the mapper that writes what the API shows."""
    features = java("com.fasterxml.jackson.databind.SerializationFeature")
    mapper = java("io.kestra.core.serializers.JacksonMapper").ofJson().copy()
    # the engine stores durations as numbers, the API shows them as PT0.5S
    return mapper.configure(features.WRITE_DURATIONS_AS_TIMESTAMPS, False)


def to_text(value: Java) -> str:
    """Return a Java object as JSON text."""
    return str(mapper().writeValueAsString(value))


def to_object(value: Java) -> JsonObject:
    """Return a Java object as a dictionary."""
    plain = json.loads(to_text(value))
    if not isinstance(plain, dict):
        raise TypeError(f"a JSON object was expected, was {type(plain).__name__}")
    return plain


def to_map(value: JsonObject) -> Java:
    """Return a Java map; numbers, lists and nested maps become what the engine expects."""
    return java("io.kestra.core.serializers.JacksonMapper").toMap(json.dumps(value))
