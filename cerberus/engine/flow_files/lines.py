"""Find the line of a flow file that the engine's message is about."""

import re
from collections.abc import Iterator

import yaml

_LINE = re.compile(r"\bline:? (\d+)")
_PATH = re.compile(r"^([A-Za-z]\w*(?:\[\d+\]|\.\w+)*): ", re.MULTILINE)
_STEP = re.compile(r"\w+")
_NAMED = (
    re.compile(r'Unrecognized field "([^"]+)"'),
    re.compile(r"Invalid type: (\S+)"),
    re.compile(r"Duplicate \w+ id[^:]*: ?([\w-]+)"),
)


def line_of(source: str, reason: str) -> int:
    """Return the line the reason names, else that of the thing it names, else the first."""
    named = _LINE.search(reason)
    if named:
        return int(named[1])
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 1
    if root is None:
        return 1
    for pattern in _NAMED:
        found = pattern.search(reason)
        if found:
            return _line_of_text(root, found[1])
    path = _PATH.search(reason)
    return _line_of_path(root, _STEP.findall(path[1])) if path else 1


def _line_of_text(root: yaml.Node, text: str) -> int:
    lines = [node.start_mark.line + 1 for node in _scalars(root) if node.value == text]
    return min(lines, default=1)


def _line_of_path(node: yaml.Node, steps: list[str]) -> int:
    for step in steps:
        child = _child(node, step)
        if child is None:
            break
        node = child
    return int(node.start_mark.line) + 1


def _child(node: yaml.Node, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        child: yaml.Node = node.value[int(step)]
        return child
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _scalars(child)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
