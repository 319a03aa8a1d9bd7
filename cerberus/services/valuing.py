"""What open positions are worth at the prices of now."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.positions import Position, profit
from cerberus.domain.signals import Side
from cerberus.errors import CerberusError
from cerberus.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Valued:
    """A position at the price at which it could be closed; None where the venue tells none."""

    position: Position
    price: Decimal | None

    @property
    def result(self) -> Decimal | None:
        """What it would have made in all if it was closed now, before the fee of the close."""
        held = self.position
        if self.price is None:
            return None
        return held.net_pnl + profit(held.side, held.entry_price, self.price, held.quantity)


async def value(desk: Desk, positions: Sequence[Position]) -> list[Valued]:
    """Return the positions with their prices; one that cannot be told leaves the others theirs."""
    prices = await asyncio.gather(*(_price(desk, held) for held in positions))
    return [Valued(held, price) for held, price in zip(positions, prices, strict=True)]


async def _price(desk: Desk, held: Position) -> Decimal | None:
    try:
        quote = await desk.quote(held.symbol)
    except CerberusError:
        return None
    return quote.bid if held.side is Side.BUY else quote.ask
