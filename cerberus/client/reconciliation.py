"""What a reconciliation has found, as a table and as what a person has to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cerberus.client.tables import aligned

NOTHING, WARNING, CRITICAL = "", "WARNING", "CRITICAL"
_HEADINGS = ("kind", "symbol", "id", "outcome", "ours", "venue", "detail")
_QUIET = ("agree", "adopted")

Shown = Mapping[str, Any]


class Verdict(NamedTuple):
    """How bad it is, empty for not at all, and in words."""

    level: str
    text: str


def verdict(report: Shown) -> Verdict:
    """Return what a person has to know: what is foreign, in quarantine or has drifted."""
    held = [f"{symbol} is in quarantine: {why}" for symbol, why in report["quarantined"].items()]
    foreign = [one for one in report["items"] if one["outcome"] == "foreign"]
    drifted = [one for one in foreign if one["kind"] == "balance"]
    told = [
        f"{one['kind']} {one['symbol']} {one['venue_id']} "
        f"{'has drifted' if one in drifted else 'is not ours'}: {one['detail']}"
        for one in foreign
    ]
    left = [f"{name} is left to the next run: {why}" for name, why in report["unsettled"].items()]
    is_blocking = held or len(foreign) > len(drifted)
    level = CRITICAL if is_blocking else WARNING if drifted else NOTHING
    return Verdict(level, "\n".join([*held, *told, *left]))


def table(report: Shown) -> str:
    """Return counts, and a line for each item that does not simply agree."""
    counts = ", ".join(f"{name} {count}" for name, count in report["counts"].items()) or "nothing"
    rows = [
        tuple(
            str(one[name])
            for name in ("kind", "symbol", "venue_id", "outcome", "ours", "there", "detail")
        )
        for one in report["items"]
        if one["outcome"] not in _QUIET
    ]
    head = f"{counts}; result differs by {report['pnl_difference']} USD"
    return f"{head}\n{aligned(_HEADINGS, rows)}" if rows else head
