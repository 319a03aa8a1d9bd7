"""What one reconciliation has found, and what follows from it for entries."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cerberus.domain.balances import Wallet
from cerberus.domain.holds import Holds, Kind
from cerberus.domain.market import ZERO
from cerberus.domain.reconciliation import Item, Outcome


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of both sides: drift by wallet, and the result of trading as each tells it."""

    drifts: Mapping[Wallet, Decimal] = field(default_factory=dict)
    pnl_computed: Decimal = ZERO
    pnl_venue: Decimal = ZERO

    @property
    def pnl_difference(self) -> Decimal:
        """What the venue has beyond what we computed."""
        return self.pnl_venue - self.pnl_computed


@dataclass(frozen=True, slots=True)
class Report:
    """One reconciliation; a symbol on which something moved is unsettled, with the reason."""

    at: datetime
    seconds: float
    items: Sequence[Item] = ()
    unsettled: Mapping[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    def counts(self) -> Mapping[Outcome, int]:
        """Return how many items have each outcome."""
        told = Counter(item.outcome for item in self.items)
        return {outcome: told[outcome] for outcome in Outcome}

    def drift_by_symbol(self) -> Mapping[str, Decimal]:
        """Return what the venue holds beyond ours, for each symbol that is held."""
        found = [one.finding for one in self.items if one.finding.kind is Kind.POSITION]
        return {one.symbol: one.there - one.ours for one in found}


def next_holds(holds: Holds, items: Sequence[Item], unsettled: Collection[str]) -> Holds:
    """Return what is held back from now on; what could not be looked at stays as it was.

    A quarantine ends by a person only, what is foreign also by vanishing.
    """
    foreign = {key: text for key, text in holds.foreign.items() if key[1] in unsettled}
    accepted = {key: size for key, size in holds.accepted.items() if key[1] in unsettled}
    quarantined = dict(holds.quarantined)
    for item in items:
        key = item.finding.key
        match item.outcome:
            case Outcome.FOREIGN:
                foreign[key] = item.detail
            case Outcome.ADOPTED:
                accepted[key] = item.finding.there
            case Outcome.QUARANTINED:
                quarantined.setdefault(item.finding.symbol, item.detail)
            case _:
                pass
    return Holds(foreign, accepted, quarantined)
