"""Flow files that the engine did not take; the API alerts of them, and says when they are well."""

import http.client
from collections.abc import Iterator, Mapping
from typing import Protocol


class FlowFiles(Protocol):
    """What is asked of the engine; it raises `OSError` or `ValueError` when it cannot answer."""

    def broken_flow_files(self) -> dict[str, str]:
        """Return the flow files that the engine did not take, each with line and reason."""


def now_broken(engine: FlowFiles, before: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is broken now; an engine that cannot answer leaves what was known."""
    try:
        return engine.broken_flow_files()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, http.client.HTTPException):
        # whether it answers at all is watched elsewhere
        return before


def new_lines(broken: Mapping[str, str], before: Mapping[str, str]) -> Iterator[str]:
    """Tell what broke, or broke otherwise, since the last look."""
    for file, reason in broken.items():
        if before.get(file) != reason:
            yield f"{file}, {reason}"
