"""Query parameters as the engine's filters.

Kestra 2.0 writes `filters[namespace][EQUALS]=x`, `filters[state][IN]=A,B`,
`filters[labels][EQUALS][key]=value`, and in groups `filters[or][0][flowId][EQUALS]=x`,
`filters[or][1][and][0][namespace][PREFIX]=y`; older clients write `namespace=x`, `state=A`.
"""

import re
from collections.abc import Iterable

from cerberus.engine.kestra.java import Java, JavaError, array_list, java
from cerberus.engine.kestra.json_text import to_map
from cerberus.errors import Invalid

_SEGMENTS = re.compile(r"filters((?:\[[^\[\]]*\])+)(?:\[(.+)\])?")
_GROUPS = frozenset({"and", "or"})
_PLAIN = {
    "namespace": ("namespace", "PREFIX"),
    "flowId": ("flowId", "EQUALS"),
    "q": ("q", "EQUALS"),
    "state": ("state", "IN"),
    "startDate": ("startDate", "GREATER_THAN_OR_EQUAL_TO"),
    "endDate": ("endDate", "LESS_THAN_OR_EQUAL_TO"),
    "timeRange": ("timeRange", "EQUALS"),
    "triggerId": ("triggerId", "EQUALS"),
    "minLevel": ("level", "EQUALS"),
}
_LISTS = frozenset({"IN", "NOT_IN"})


def to_filters(parameters: Iterable[tuple[str, str]]) -> Java:
    """Return the `List<QueryFilter>` that the parameters ask for; others are left alone.

    Raises
    ------
    Invalid
        A field or an operation does not exist, or a group is not well formed.
    """
    leaves: list[Java] = []
    groups: dict[str, dict[int, list[tuple[str | None, Java]]]] = {}
    for key, value in parameters:
        segments = _segments(key)
        if not segments:
            continue
        if segments[0] not in _GROUPS:
            leaves.append(_leaf(key, segments, value))
            continue
        logical, index, *rest = _grouped(key, segments)
        inner = None
        if rest and rest[0] in _GROUPS:
            inner, _, *rest = _grouped(key, rest)
        members = groups.setdefault(logical, {}).setdefault(int(index), [])
        members.append((inner, _leaf(key, rest, value)))
    return array_list([*leaves, *(_group(name, found) for name, found in groups.items())])


def _segments(key: str) -> list[str]:
    if key in _PLAIN:
        return list(_PLAIN[key])
    if not key.startswith("filters["):
        # a label of an older client is written labels=key:value, and is no filter's name
        return []
    found = _SEGMENTS.fullmatch(key)
    if found is None:
        raise Invalid(key, "a filter is written filters[field][OPERATION]")
    segments = re.findall(r"\[([^\[\]]*)\]", found[1])
    return [*segments, found[2]] if found[2] else segments


def _grouped(key: str, segments: list[str]) -> list[str]:
    if len(segments) < 2 or not segments[1].isascii() or not segments[1].isdecimal():
        raise Invalid(key, "a group is written filters[or][0][field][OPERATION]")
    return segments


def _group(logical: str, members: dict[int, list[tuple[str | None, Java]]]) -> Java:
    children: list[Java] = []
    for _, found in sorted(members.items()):
        inner = found[0][0]
        children.append(found[0][1] if inner is None else _node(inner, [leaf for _, leaf in found]))
    return _node(logical, children)


def _node(logical: str, children: list[Java]) -> Java:
    kinds = java("io.kestra.core.models.QueryFilter$Logical")
    builder = java("io.kestra.core.models.QueryFilter").builder()
    return builder.logical(kinds.valueOf(logical.upper())).children(array_list(children)).build()


def _leaf(key: str, segments: list[str], value: str) -> Java:
    if len(segments) not in (2, 3):
        raise Invalid(key, "a filter is written filters[field][OPERATION]")
    name, operation, *label = segments
    return _filter(key, name, operation.upper(), label[0] if label else None, value)


def _filter(key: str, name: str, operation: str, label: str | None, value: str) -> Java:
    query_filter = java("io.kestra.core.models.QueryFilter")
    try:
        field = java("io.kestra.core.models.QueryFilter$Field").fromString(name)
        chosen = java("io.kestra.core.models.QueryFilter$Op").valueOf(operation)
    except JavaError as error:
        raise Invalid(key, f"unknown field {name!r} or operation {operation!r}") from error
    wanted: Java = value
    if label is not None:
        wanted = to_map({label: value})
    elif operation in _LISTS:
        wanted = array_list(list(value.split(",")))
    if str(field.name()) == "TIME_RANGE":
        fields = java("io.kestra.core.models.QueryFilter$Field")
        operations = java("io.kestra.core.models.QueryFilter$Op")
        field, chosen = fields.START_DATE, operations.GREATER_THAN_OR_EQUAL_TO
        wanted = _since(key, value)
    return query_filter.builder().field(field).operation(chosen).value(wanted).build()


def _since(key: str, value: str) -> str:
    try:
        duration = java("java.time.Duration").parse(value)
        return str(java("java.time.ZonedDateTime").now().minus(duration).toString())
    except JavaError as error:
        raise Invalid(key, f"a duration is written PT24H, was {value!r}") from error
