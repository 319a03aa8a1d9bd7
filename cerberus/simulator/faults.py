"""Faults that a test orders: what goes wrong with the next calls of a kind."""

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from cerberus.simulator.refusals import invalid
from cerberus.simulator.wire.values import Fields, choice_of, integer_of, text_of

Kind = Literal[
    "latency",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "status",
    "malformed",
    "slow_body",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """`before` kinds keep the venue from seeing the call, `after` kinds lose its answer."""

    kind: Kind
    method: str
    path: re.Pattern[str]
    remaining: int
    milliseconds: int
    status: int
    body: str
    retry_after: int = 0


class Faults:
    """The faults that are still to come, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order a fault."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def next(self, method: str, target: str) -> Fault | None:
        """Return the fault of a call and count it down."""
        for position, fault in enumerate(self._faults):
            if fault.method not in ("", method) or not fault.path.search(target):
                continue
            if fault.remaining > 1:
                self._faults[position] = replace(fault, remaining=fault.remaining - 1)
            else:
                del self._faults[position]
            return fault
        return None


def parse_fault(fields: Fields) -> Fault:
    """Read a fault from a request's body."""
    kind = choice_of(fields, "kind", get_args(Kind), None)
    try:
        pattern = re.compile(text_of(fields, "path", "."))
    except re.error as error:
        raise invalid("path", fields.get("path")) from error
    return Fault(
        kind=next(known for known in get_args(Kind) if known == kind),
        method=text_of(fields, "method", "").upper() if fields.get("method") else "",
        path=pattern,
        remaining=integer_of(fields, "count", 1, 1, 1_000_000),
        milliseconds=integer_of(fields, "milliseconds", 60_000, 0, 600_000),
        status=integer_of(fields, "status", 503, 400, 599),
        body=text_of(fields, "body", "<html>unavailable</html>"),
        retry_after=integer_of(fields, "retry_after", 0, 0, 600),
    )
