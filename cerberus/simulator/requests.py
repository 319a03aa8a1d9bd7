"""What a client asks for, after its form has been checked."""

from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.matching import Side, TimeInForce
from cerberus.simulator.entities import PAIRS_RATE


@dataclass(frozen=True, slots=True)
class SpotOrderRequest:
    """A spot order; `limit` is None for a market order, whose buys count in quote currency.

    With `in_base` they count in base currency instead. `fee_rate` replaces the pair's rates.
    """

    market: str
    side: Side
    quantity: Decimal
    limit: Decimal | None
    tif: TimeInForce
    text: str
    in_base: bool = False
    fee_rate: Decimal = PAIRS_RATE
    trigger_id: int = 0

    @property
    def is_budget(self) -> bool:
        """Whether the quantity is a cost in quote currency."""
        return self.limit is None and self.side is Side.BUY and not self.in_base


@dataclass(frozen=True, slots=True)
class FuturesOrderRequest:
    """A futures order of signed contracts; `close` closes all, whatever the size says."""

    market: str
    size: Decimal
    limit: Decimal | None
    tif: TimeInForce
    text: str
    reduce_only: bool = False
    close: bool = False

    @property
    def side(self) -> Side:
        """The direction that the sign of the size means."""
        return Side.BUY if self.size > 0 else Side.SELL
