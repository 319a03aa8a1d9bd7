"""A body as text, and as JSON where it is JSON; nothing in it can break what comes after."""

import json
from collections.abc import Iterable
from decimal import Decimal

from cerberus.errors import Invalid

#: deeper bodies come from nobody who means well
DEEPEST = 20

Told = dict[str, object]


def read_text(body: bytes) -> str:
    """Return a body as text.

    Raises
    ------
    Invalid
        It is empty or no UTF-8.
    """
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Invalid("body", f"UTF-8 text is expected, byte {error.start} is not") from error
    if not text:
        raise Invalid("body", "it is empty")
    return text


def read_object(text: str) -> Told:
    """Return the JSON object that a text is; numbers with a point are decimals.

    Raises
    ------
    Invalid
        It is no JSON object, is nested too deep, or holds what is no character or number.
    """
    try:
        told = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        # half a surrogate pair is a str, and cannot be written anywhere
        json.dumps(told, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError) as error:
        raise Invalid("body", f"it is not valid JSON: {str(error)[:120]}") from error
    if not isinstance(told, dict):
        raise Invalid("body", f"a JSON object is expected, was {type(told).__name__}")
    if _depth(told) > DEEPEST:
        raise Invalid("body", f"it is nested deeper than {DEEPEST}")
    return told


def is_object(text: str) -> bool:
    """Return whether a text means to be a JSON object."""
    return text.startswith("{")


def text_of(told: object, limit: int) -> str:
    """Return any value as one piece of readable text."""
    text = "" if told is None else told if isinstance(told, str) else str(told)
    kept = "".join(one for one in text if one.isprintable() or one == "\n").strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number")


def _depth(told: object) -> int:
    level, depth = [told], 0
    while level and depth <= DEEPEST:
        level = [child for one in level for child in _children(one)]
        depth += 1
    return depth


def _children(told: object) -> Iterable[object]:
    if isinstance(told, dict):
        return told.values()
    return told if isinstance(told, list) else ()
