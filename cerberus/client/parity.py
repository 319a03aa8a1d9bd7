"""Live trades beside the backtest's, as a table and as what a person has to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cerberus.client.tables import aligned

_HEADINGS = ("symbol", "side", "at", "outcome", "live", "backtest", "entry", "exit", "result")
#: figures stand at the right
_FIGURES = ("entry", "exit", "result")
#: what differs, and is told although there is no result to compare
_ONE_SIDED = ("live_only", "backtest_only")
#: a table for a log, not a file
MOST_ROWS = 100

Shown = Mapping[str, Any]


def table(told: Shown) -> str:
    """Return a line for each signal; differences are in basis points, above 0 live was worse.

    The result is the other way round: live less backtest.
    """
    rows = [_row(one) for one in told["rows"][:MOST_ROWS]]
    left = len(told["rows"]) - len(rows)
    lines = [aligned(_HEADINGS, rows, right=_FIGURES)] if rows else ["no signals"]
    return "\n".join([*lines, f"and {left} more"] if left else lines)


def summary(told: Shown) -> str:
    """Return the comparison in a few lines, the largest differences named."""
    counts, middle = told["counts"], told["medians"]
    lines = [
        f"{counts['both']} trades closed on both sides: live {_usd(told['live_usd'])}, "
        f"backtest {_usd(told['backtest_usd'])}, difference {_usd(told['difference_usd'])} USD",
        f"medians in bps: results apart {_bps(middle['distance_bps'])} "
        f"(threshold {told['threshold_bps']}), live less backtest {_bps(middle['pnl_bps'])}, "
        f"entry worse by {_bps(middle['entry_bps'])}, exit by {_bps(middle['exit_bps'])}",
        f"{told['other_reasons']} left for another reason; only live {counts['live_only']}, "
        f"only backtest {counts['backtest_only']} ({_usd(told['missed_usd'])} USD), "
        f"still open {counts['open']}, waiting {counts['waiting']}, unknown {counts['unknown']}",
    ]
    return "\n".join([*lines, *_largest(told)])


def gauges(told: Shown) -> dict[str, float]:
    """Return the figures that a chart can follow; what nothing tells is left out."""
    middle = told["medians"]
    found = {f"median_{name}": value for name, value in middle.items() if value is not None}
    counts = {f"{name}_count": float(told["counts"][name]) for name in ("both", *_ONE_SIDED)}
    return {**found, **counts, "difference_usd": float(told["difference_usd"])}


def _largest(told: Shown) -> list[str]:
    rows = {one["signal_id"]: one for one in told["rows"]}
    return [
        f"{row['symbol']} {row['side']} {_at(row)}: {_bps(row['pnl_bps'])} bps, "
        f"{_usd(row['pnl_usd'])} USD, live {row['live']['reason']}, "
        f"backtest {row['backtest']['reason']}"
        for row in (rows[id_] for id_ in told["largest"])
    ]


def _row(one: Shown) -> tuple[str, ...]:
    live, backtest = one["live"], one["backtest"]
    return (
        one["symbol"],
        one["side"],
        _at(one),
        one["outcome"],
        _side(live["status"], live["reason"] or live["note"] or one["note"]),
        _side(backtest["status"], backtest["reason"]),
        _bps(one["entry_bps"]),
        _bps(one["exit_bps"]),
        _bps(one["pnl_bps"]),
    )


def _side(status: str, reason: str) -> str:
    return f"{status}: {reason[:40]}" if reason else status


def _at(row: Shown) -> str:
    return str(row["at"])[:16].replace("T", " ")


def _bps(value: float | None) -> str:
    return "" if value is None else f"{value:+.1f}"


def _usd(value: object) -> str:
    return f"{float(str(value)):+.2f}"
