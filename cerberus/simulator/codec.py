"""Records to JSON and back, decimals as exact text."""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

import orjson

Record = TypeVar("Record")

_HINTS: dict[type, dict[str, Any]] = {}


def encode(record: object) -> bytes:
    """Return a record as JSON."""
    return orjson.dumps(record, default=str)


def decode(kind: type[Record], body: bytes) -> Record:
    """Return the record that `encode` wrote."""
    return build(kind, orjson.loads(body))


def build(kind: type[Record], raw: dict[str, Any]) -> Record:
    """Return a record from its fields as JSON has them; unknown fields are ignored."""
    hints = _HINTS.setdefault(kind, get_type_hints(kind))
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # always a dataclass
    return kind(**{name: _value(hints[name], raw[name]) for name in names if name in raw})


def _value(hint: Any, value: Any) -> object:
    if hint is Decimal:
        return Decimal(value)
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    return value
