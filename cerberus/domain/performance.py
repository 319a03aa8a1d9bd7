"""How trading has gone, net of deposits: the running sums behind drawdown and daily loss."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from cerberus.domain.market import ZERO


@dataclass(frozen=True, slots=True)
class Performance:
    """Running sums; equity here is the starting equity plus what trading made, never a deposit."""

    starting_equity: Decimal = ZERO
    net_pnl: Decimal = ZERO
    unrealised_pnl: Decimal = ZERO
    peak_equity: Decimal = ZERO
    drawdown_latched: bool = False
    losses_in_a_row: int = 0
    day: date | None = None
    day_pnl: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def equity(self) -> Decimal:
        """Starting equity with everything that trading has made or lost."""
        return self.starting_equity + self.net_pnl + self.unrealised_pnl

    def pnl_of(self, day: date) -> Decimal:
        """Return the realised result of a UTC day with the open losses."""
        return (self.day_pnl if self.day == day else ZERO) + min(ZERO, self.unrealised_pnl)

    def booked(self, change: Decimal, at: datetime) -> "Performance":
        """Return the sums after a realised profit, loss, fee or funding.

        The peak waits for the next valuation: until then the profit counts as unrealised too.
        What belongs to a day that is over changes the equity, and no day's result any more.
        """
        total = replace(self, net_pnl=self.net_pnl + change)
        if self.day is not None and at.date() < self.day:
            return total
        today = self.day_pnl if self.day == at.date() else ZERO
        return replace(total, day=at.date(), day_pnl=today + change)

    def funded(self, amount: Decimal, at: datetime) -> "Performance":
        """Return the sums after funding of a moment; positive was received."""
        return replace(self.booked(amount, at), funding=self.funding + amount)

    def closed(self, net: Decimal) -> "Performance":
        """Return the sums after a position was closed with a net result."""
        return replace(self, losses_in_a_row=self.losses_in_a_row + 1 if net < 0 else 0)

    def valued(self, unrealised_pnl: Decimal, drawdown_limit: Decimal) -> "Performance":
        """Return the sums at present prices; a drawdown over the limit latches."""
        now = replace(self, unrealised_pnl=unrealised_pnl)
        marked = replace(now, peak_equity=max(self.peak_equity, now.equity))
        fall = marked.peak_equity - marked.equity
        over = marked.peak_equity > 0 and fall >= marked.peak_equity * drawdown_limit
        return replace(marked, drawdown_latched=marked.drawdown_latched or over)

    def reset(self) -> "Performance":
        """Return the sums after a person has accepted the drawdown and the losses."""
        return replace(self, peak_equity=self.equity, drawdown_latched=False, losses_in_a_row=0)


def to_fact(performance: Performance) -> dict[str, str]:
    """Return the sums as text."""
    return {
        name: "" if value is None else str(value) for name, value in asdict(performance).items()
    }


def from_fact(fact: Mapping[str, str]) -> Performance:
    """Read the sums back; an empty fact is a fresh start."""
    if not fact:
        return Performance()
    return Performance(
        starting_equity=Decimal(fact["starting_equity"]),
        net_pnl=Decimal(fact["net_pnl"]),
        unrealised_pnl=Decimal(fact["unrealised_pnl"]),
        peak_equity=Decimal(fact["peak_equity"]),
        drawdown_latched=fact["drawdown_latched"] == "True",
        losses_in_a_row=int(fact["losses_in_a_row"]),
        day=date.fromisoformat(fact["day"]) if fact["day"] else None,
        day_pnl=Decimal(fact["day_pnl"]),
        # sums that were kept before funding was read have none
        funding=Decimal(fact.get("funding", "0")),
    )
