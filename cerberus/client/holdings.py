"""What is done with open positions: which ones, and a table of what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import NamedTuple

from cerberus.client.tables import aligned

MONITOR, CLOSE_LOSING, EMERGENCY = "monitor", "close_losing", "emergency_close"

HELD, WOULD_CLOSE, KEPT, CLOSED, STILL_OPEN = "open", "would close", "kept", "closed", "STILL OPEN"
_HEADINGS = ("symbol", "side", "quantity", "entry", "price", "result", "outcome", "note")
#: averages and sums have more digits than anybody reads
_EIGHT_DIGITS = Context(prec=8)


class Row(NamedTuple):
    """One position and what became of it; `result` is in the quote currency."""

    symbol: str
    side: str
    quantity: str
    entry: str
    price: str
    result: str
    outcome: str
    note: str
    position_id: str


class Course(NamedTuple):
    """What was asked for, and the positions before and after, as the API told them."""

    action: str
    dry_run: bool
    before: Sequence[Mapping[str, object]]
    after: Sequence[Mapping[str, object]]


def chosen(action: str, positions: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the ids of the positions that an action closes; without a price none is losing."""
    if action == MONITOR:
        return []
    return [
        str(held["position_id"]) for held in positions if action != CLOSE_LOSING or _is_losing(held)
    ]


def rows(course: Course) -> list[Row]:
    """Return a row for each position, the ones that are open against the wish last."""
    wanted = set(chosen(course.action, course.before))
    left = {str(held["position_id"]) for held in course.after}
    found = [_row(held, _outcome(held, course, wanted, left)) for held in course.before]
    if course.action == EMERGENCY and not course.dry_run:
        known = {row.position_id for row in found}
        found += [
            _row(held, STILL_OPEN) for held in course.after if held["position_id"] not in known
        ]
    return sorted(found, key=lambda row: row.outcome == STILL_OPEN)


def table(found: Sequence[Row]) -> str:
    """Return the rows as lines of text with aligned columns."""
    return aligned(_HEADINGS, [row[: len(_HEADINGS)] for row in found])


def _outcome(held: Mapping[str, object], course: Course, wanted: set[str], left: set[str]) -> str:
    id_ = str(held["position_id"])
    if course.action == MONITOR:
        return HELD
    if id_ not in wanted:
        return KEPT
    if course.dry_run:
        return WOULD_CLOSE
    return STILL_OPEN if id_ in left else CLOSED


def _row(held: Mapping[str, object], outcome: str) -> Row:
    price, result = held.get("price"), held.get("result")
    return Row(
        str(held["symbol"]),
        str(held["side"]),
        _short(held["quantity"]),
        _short(held["entry_price"]),
        _short(price),
        _short(result),
        outcome,
        "no price" if "price" in held and price is None else "",
        str(held["position_id"]),
    )


def _is_losing(held: Mapping[str, object]) -> bool:
    result = held.get("result")
    return result is not None and Decimal(str(result)) < 0


def _short(value: object) -> str:
    return "" if value is None else f"{_EIGHT_DIGITS.create_decimal(str(value)).normalize():f}"
