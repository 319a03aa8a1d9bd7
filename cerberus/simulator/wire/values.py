"""Reading parameters strictly and writing numbers the way the venue writes them."""

import re
from collections.abc import Mapping
from decimal import Decimal

from cerberus.simulator.refusals import Refused, invalid, missing

Fields = Mapping[str, object]

_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?")
_LARGEST = Decimal("1e15")
_DIGITS = 28
_TEXT = re.compile(r"t-[0-9A-Za-z_.\-]{1,28}")


def plain(value: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def rounded(value: Decimal, places: int = 8) -> str:
    """Return a number with at most so many decimals."""
    return plain(value.quantize(Decimal(1).scaleb(-places)))


def decimal_of(fields: Fields, name: str) -> Decimal:
    """Return a required finite number, given as text or as a number."""
    value = fields.get(name)
    if value is None or value == "":
        raise missing(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid(name, value)
    text = str(value)
    if not _NUMBER.fullmatch(text):
        raise invalid(name, value)
    number = Decimal(text)
    # beyond this, exact arithmetic would need more digits than the context has
    if abs(number) >= _LARGEST or len(number.as_tuple().digits) > _DIGITS:
        raise invalid(name, value)
    return number


def positive(fields: Fields, name: str) -> Decimal:
    """Return a required number above 0."""
    value = decimal_of(fields, name)
    if value <= 0:
        raise invalid(name, value)
    return value


def integer_of(fields: Fields, name: str, default: int, low: int, high: int) -> int:
    """Return an optional integer within bounds."""
    value = fields.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid(name, value)
    text = str(value)
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII) or not low <= int(text) <= high:
        raise invalid(name, value)
    return int(text)


def text_of(fields: Fields, name: str, default: str | None = None) -> str:
    """Return a text; without a default it is required."""
    value = fields.get(name, default)
    if value is None or value == "":
        if default is None:
            raise missing(name)
        return default
    if not isinstance(value, str) or len(value) > 200:
        raise invalid(name, value)
    return value


def choice_of(fields: Fields, name: str, choices: tuple[str, ...], default: str | None) -> str:
    """Return one of the allowed words."""
    value = text_of(fields, name, default)
    if value not in choices:
        raise invalid(name, value)
    return value


def flag_of(fields: Fields, name: str) -> bool:
    """Return an optional truth value."""
    value = fields.get(name)
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise invalid(name, value)


def section_of(fields: Fields, name: str) -> dict[str, object]:
    """Return a required object inside the body."""
    value = fields.get(name)
    if value is None:
        raise missing(name)
    if not isinstance(value, dict):
        raise invalid(name, value)
    return value


def client_text(fields: Fields, default: str) -> str:
    """Return the client's own text: `t-`, then 1 to 28 letters, digits, `_`, `-` or `.`."""
    value = fields.get("text")
    if value is None or value == "":
        return default
    if not isinstance(value, str) or not _TEXT.fullmatch(value):
        message = f"invalid text {str(value)[:60]!r}: `t-` and at most 28 of 0-9 A-Z a-z _ - ."
        raise Refused("INVALID_PARAM_VALUE", message)
    return value


def refuse_if_set(fields: Fields, *names: str) -> None:
    """Refuse features that are not offered, rather than ignore them."""
    for name in names:
        if fields.get(name) not in (None, "", "0", 0, False):
            raise invalid(name, fields[name])
