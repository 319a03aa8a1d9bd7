"""Exceptions of Java as errors of ours."""

from collections.abc import Iterator

from cerberus.engine.kestra.java import Java
from cerberus.errors import CerberusError, Conflict, NotFound, Rejected

_NOT_FOUND = frozenset({"NoSuchElementException", "NotFoundException"})
_EXPIRED = frozenset({"ResourceExpiredException"})
_CONFLICT = frozenset({"IllegalStateException"})
_REFUSED = (
    "ConstraintViolation",
    "FlowProcessing",
    "Deserialization",
    "InputOutputValidation",
    "IllegalArgument",
    "IllegalVariableEvaluation",
    "InvalidQueryFilters",
    "InvalidException",
    "DateTime",
    "JsonParse",
    "JsonMapping",
    "NumberFormat",
    "TypeConversion",
    "URISyntax",
    "ValidationError",
)


class Expired(NotFound):
    """The thing was there, and its time is over."""


def from_java(error: Java) -> CerberusError | None:
    """Return the error which tells what the caller should do; None for a fault of the engine."""
    chain = list(_chain(error))
    name, message = chain[0]
    # the reason of a refused flow is the violation, wherever in the chain it stands
    for inner, text in chain[1:]:
        if "ConstraintViolation" in inner:
            name, message = inner, text
    if name in _EXPIRED:
        return Expired(message)
    if name in _NOT_FOUND:
        return NotFound(message)
    if name in _CONFLICT:
        return Conflict(message)
    if any(part in name for part in _REFUSED):
        return Rejected(message)
    return None


def describe(error: Java) -> str:
    """Return the message of a Java exception in one text."""
    known = from_java(error)
    return str(known) if known else ": ".join(next(_chain(error)))


def _chain(error: Java) -> Iterator[tuple[str, str]]:
    seen = 0
    while error is not None and seen < 20:
        yield str(error.getClass().getSimpleName()), str(error.getMessage())
        error, seen = error.getCause(), seen + 1
