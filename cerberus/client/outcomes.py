"""What became of the signals of one pipeline run: from what the API answered to a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cerberus.client.tables import aligned

HEADINGS = ("symbol", "side", "strategy", "outcome", "quantity", "entry", "stop", "target", "note")

#: the ways in which a signal can end, as they are counted; the rest are states of a trade
INVALID, REFUSED, DUPLICATE, FAILED = "invalid", "refused", "duplicate", "failed"


class Outcome(NamedTuple):
    """One signal, what became of it, and the numbers that a person wants to see."""

    symbol: str
    side: str
    strategy: str
    outcome: str
    quantity: str = ""
    entry: str = ""
    stop: str = ""
    target: str = ""
    note: str = ""
    trade_id: str = ""


def read_outcome(answers: Mapping[str, object]) -> Outcome:
    """Return the outcome that the answers of the API tell.

    Parameters
    ----------
    answers
        The bodies by step: `signal`, `validation`, `assessment`, `answer` (of the execution) and
        `trade` (as it was read last); a step that was not reached is empty.
    """
    validation, answer = _part(answers, "validation"), _part(answers, "answer")
    trade = _part(answers, "trade") or (answer if "trade_id" in answer else {})
    told = _part(answers, "signal") | {name: trade[name] for name in _NAMES if name in trade}
    symbol, side, strategy = (_text(told, name) for name in _NAMES)
    if not validation.get("valid"):
        return Outcome(symbol, side, strategy, INVALID, note=_problems(validation))
    if not trade:
        outcome = REFUSED if answer else FAILED
        note = _problems(answer) or _text(_part(answers, "assessment"), "reason")
        return Outcome(symbol, side, strategy, outcome, note=note)
    return Outcome(
        symbol,
        side,
        strategy,
        DUPLICATE if answer.get("duplicate_of") else _text(trade, "status"),
        _text(trade, "filled_quantity"),
        _text(trade, "entry_price"),
        _text(trade, "stop_price"),
        _text(trade, "target_price"),
        _note(trade),
        _text(trade, "trade_id"),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as lines of text with aligned columns."""
    return aligned(HEADINGS, [outcome[: len(HEADINGS)] for outcome in outcomes])


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many signals there were, and how many ended in each way."""
    found = [outcome.outcome for outcome in outcomes]
    named = {name: found.count(name) for name in (INVALID, REFUSED, DUPLICATE, FAILED)}
    return {"signals": len(found), "traded": len(found) - sum(named.values()), **named}


_NAMES = ("symbol", "side", "strategy")


def _part(answers: Mapping[str, object], name: str) -> dict[str, object]:
    part = answers.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: Mapping[str, object], name: str) -> str:
    value = part.get(name)
    return "" if value is None else str(value)


def _problems(body: Mapping[str, object]) -> str:
    listed = body.get("problems") or body.get("errors")
    told = [
        f"{one.get('field')}: {one.get('reason')}"
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    return "; ".join(told) or _text(body, "detail")


def _note(trade: Mapping[str, object]) -> str:
    if trade.get("status") != "open":
        return _text(trade, "close_reason")
    if not trade.get("protected"):
        return "NOT PROTECTED"
    seconds = trade.get("seconds_unprotected")
    return f"protected after {seconds:.2f} s" if isinstance(seconds, float) else "protected"
