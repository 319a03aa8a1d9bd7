"""Which orders a list of past ones shows, alike for spot, futures and algo orders."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from cerberus.simulator.binance.call import Call

#: later than any time that is asked for, in milliseconds
FAR = 1 << 45


class Numbered(Protocol):
    """An order with the venue's id and the time at which it was made."""

    @property
    def id(self) -> int: ...  # noqa: D102 - named by its type
    @property
    def created_ms(self) -> int: ...  # noqa: D102 - named by its type


One = TypeVar("One", bound=Numbered)


def listed(call: Call, id_name: str, oldest_first: Iterable[One]) -> list[One]:
    """Return the orders from an id or a time on, else the newest, oldest first."""
    limit = call.integer("limit", 500, 1, 1000)
    first, start = call.integer(id_name, 0), call.integer("startTime", 0)
    end = call.integer("endTime", FAR)
    found = [one for one in oldest_first if one.id >= first and start <= one.created_ms <= end]
    return found[:limit] if first or start else found[-limit:]
