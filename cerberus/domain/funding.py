"""Funding of perpetuals: what is paid or got at the venue's hours, and when to ask for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

#: so long after a close its symbol is still asked for: the venue's ledger may be late
LEDGER_LATENESS = timedelta(hours=1)
#: a line may be written so long after the moment that it is for: who held until then has paid it
LEDGER_DELAY = timedelta(minutes=1)
#: so far is read back each time; what is known already is not booked again
READ_OVERLAP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FundingPayment:
    """One line of the venue's ledger; a positive amount was received, a negative one paid.

    `venue_id` is empty where the venue gives its lines no id. `position_id` is that of the
    position which held then, None while there is none that did.
    """

    venue: str
    symbol: str
    at: datetime
    venue_id: str
    amount: Decimal
    currency: str
    position_id: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"a payment's time must be aware, was {self.at.isoformat()}")
        if not self.amount.is_finite():
            raise ValueError(f"a payment must be finite, was {self.amount}")


@dataclass(frozen=True, slots=True)
class Held:
    """When a symbol was held first, and until when; `until` is None while it is held."""

    since: datetime
    until: datetime | None


def ask_since(held: Held, asked_at: datetime | None) -> datetime | None:
    """Return from when on to ask for funding, None when none can have come.

    | last asked      | held                       | ask                        |
    | --------------- | -------------------------- | -------------------------- |
    | never           | ever                       | from its first opening on  |
    | at any time     | now, or until an hour ago  | from a day before          |
    | after that hour | no more                    | not                        |
    """
    if asked_at is None:
        return held.since
    if held.until is not None and held.until + LEDGER_LATENESS < asked_at:
        return None
    return max(held.since, asked_at - READ_OVERLAP)
