"""What reconciliation holds back, and what a person has accepted; kept as one fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What is compared with the venue."""

    ORDER = "order"
    TRIGGER = "trigger"
    FILL = "fill"
    POSITION = "position"
    BALANCE = "balance"


#: kind, symbol (for a balance its wallet) and the venue's id
Key = tuple[Kind, str, str]

_FOREIGN, _ACCEPTED, _QUARANTINED = "foreign", "accepted", "quarantined"


@dataclass(frozen=True, slots=True)
class Holds:
    """Foreign items with texts, accepted ones with quantities, symbols in quarantine with texts."""

    foreign: Mapping[Key, str] = field(default_factory=dict)
    accepted: Mapping[Key, Decimal] = field(default_factory=dict)
    quarantined: Mapping[str, str] = field(default_factory=dict)

    @property
    def entry_block(self) -> str:
        """Why no entry is let through on the whole account, empty when nothing is foreign.

        A balance that has drifted is told, and blocks nothing: people pay in and out.
        """
        told = [text for key, text in sorted(self.foreign.items()) if key[0] is not Kind.BALANCE]
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        return f"{told[0]}{more}, a person must adopt it" if told else ""

    def symbol_block(self, symbol: str) -> str:
        """Why no entry is let through on one symbol, empty when there is no reason."""
        if symbol in self.quarantined:
            return f"{symbol} is in quarantine: {self.quarantined[symbol]}"
        # a venue keeps one net position for each symbol: ours would be mixed with theirs
        theirs = any(key[:2] == (Kind.POSITION, symbol) for key in self.accepted)
        return f"a position on {symbol} was left to its owner" if theirs else ""

    def accepts(self, key: Key, quantity: Decimal) -> bool:
        """Return whether a person has accepted an item at this very size."""
        return self.accepted.get(key) == quantity

    def adopted(self, key: Key, quantity: Decimal | None) -> "Holds":
        """Return the holds without a foreign item; with a quantity it is left to its owner."""
        foreign = {one: text for one, text in self.foreign.items() if one != key}
        accepted = dict(self.accepted)
        if quantity is not None:
            accepted[key] = quantity
        return replace(self, foreign=foreign, accepted=accepted)

    def released(self, symbol: str) -> "Holds":
        """Return the holds with a symbol out of quarantine."""
        kept = {one: text for one, text in self.quarantined.items() if one != symbol}
        return replace(self, quarantined=kept)


def to_fact(holds: Holds) -> dict[str, str]:
    """Return the holds as text; symbols and ids have no bar in them."""
    fact = {"|".join((_FOREIGN, *key)): text for key, text in holds.foreign.items()}
    fact |= {"|".join((_ACCEPTED, *key)): str(size) for key, size in holds.accepted.items()}
    return fact | {f"{_QUARANTINED}|{one}": text for one, text in holds.quarantined.items()}


def from_fact(fact: Mapping[str, str]) -> Holds:
    """Read the holds back; an empty fact holds nothing."""
    foreign: dict[Key, str] = {}
    accepted: dict[Key, Decimal] = {}
    quarantined: dict[str, str] = {}
    for name, value in fact.items():
        what, *rest = name.split("|")
        if what == _QUARANTINED:
            quarantined[rest[0]] = value
        elif what == _FOREIGN:
            foreign[_key(rest)] = value
        else:
            accepted[_key(rest)] = Decimal(value)
    return Holds(foreign, accepted, quarantined)


def _key(parts: list[str]) -> Key:
    kind, symbol, venue_id = parts
    return Kind(kind), symbol, venue_id
