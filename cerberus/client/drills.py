"""What a restore drill has found, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from cerberus.client.tables import aligned

_HEADINGS = ("check", "outcome", "detail")


def table(checks: list[Mapping[str, object]]) -> str:
    """Return a line for each check."""
    return aligned(
        _HEADINGS,
        [
            (str(one["name"]), "holds" if one["holds"] else "DOES NOT HOLD", str(one["detail"]))
            for one in checks
        ],
    )


def failed(checks: list[Mapping[str, object]]) -> list[str]:
    """Return the names of the checks that do not hold."""
    return [str(one["name"]) for one in checks if not one["holds"]]
