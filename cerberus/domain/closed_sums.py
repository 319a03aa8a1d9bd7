"""What the closed positions of a symbol come to, kept up with every booking."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from cerberus.domain.drift import Flow
from cerberus.domain.market import ZERO
from cerberus.domain.positions import Position


@dataclass(frozen=True, slots=True)
class ClosedSums:
    """The sums of one symbol; `result`, `cost` and `held` are those of a `Flow`.

    `last_closed_at` is None when the only one was opened again by a late fill.
    """

    symbol: str
    first_opened_at: datetime
    last_closed_at: datetime | None
    result: Decimal = ZERO
    cost: Decimal = ZERO
    held: Decimal = ZERO

    @property
    def flow(self) -> Flow:
        """What these positions have done to the wallets."""
        return Flow(self.result, self.cost, self.held)

    def moved(
        self, before: Position | None, after: Position, last_closed_at: datetime | None
    ) -> "ClosedSums":
        """Return the sums after one position was written, which was `before` until then."""
        flow = self.flow
        if before is not None and not before.is_open:
            flow = flow.minus(Flow.of(before))
        if not after.is_open:
            flow = flow.plus(Flow.of(after))
        return replace(
            self,
            first_opened_at=min(self.first_opened_at, after.opened_at),
            last_closed_at=last_closed_at,
            result=flow.result,
            cost=flow.cost,
            held=flow.held,
        )


def sum_up(positions: Iterable[Position]) -> dict[str, ClosedSums]:
    """Return the sums of all closed positions by symbol, from the positions themselves."""
    found: dict[str, ClosedSums] = {}
    for one in positions:
        if one.closed_at is None:
            continue
        known = found.get(one.symbol) or ClosedSums(one.symbol, one.opened_at, one.closed_at)
        latest = max(known.last_closed_at or one.closed_at, one.closed_at)
        found[one.symbol] = known.moved(None, one, latest)
    return found
