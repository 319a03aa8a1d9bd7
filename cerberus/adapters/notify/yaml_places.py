"""Read YAML and remember the line of every field, so that an error can name it."""

from collections.abc import Sequence

import yaml

Place = tuple[str | int, ...]


class UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Build a mapping and refuse a second value for a key."""
        keys = [key.value for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                mark = key_node.start_mark
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", mark)
        return super().construct_mapping(node, deep)


def parse(text: str) -> object:
    """Return what a text says.

    Raises
    ------
    yaml.YAMLError
        It is no YAML.
    """
    return yaml.load(text, UniqueKeys)  # noqa: S506 - a SafeLoader


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Return the line of a field, that of its parent where it is missing."""
    node = yaml.compose(text, yaml.SafeLoader)
    line = 1
    for step in place:
        found = None if node is None else _child(node, step)
        if found is None:
            if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
                continue  # pydantic names the kind of a union's member between two fields
            break
        line, node = found
    return line


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child.start_mark.line + 1, child
    return None
