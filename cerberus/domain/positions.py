"""Positions: one net holding per account and symbol, changed by fills and by funding."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from cerberus.domain.fills import Fill, fee_in_quote, is_in_third_coin, received_base
from cerberus.domain.market import ZERO, Instrument, round_down
from cerberus.domain.signals import Side


@dataclass(frozen=True, slots=True)
class Position:
    """A holding; `side` is BUY for long and SELL for short, `quantity` is in base units.

    `coin_fees` is the part of `fees` that a third coin has paid, out of a wallet of its own.
    """

    position_id: str
    trade_id: str
    symbol: str
    side: Side
    opened_at: datetime
    quantity: Decimal = ZERO
    entry_price: Decimal = ZERO
    entered_quantity: Decimal = ZERO
    realised_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    dust: Decimal = ZERO
    closed_at: datetime | None = None
    funding: Decimal = ZERO
    coin_fees: Decimal = ZERO

    @property
    def is_open(self) -> bool:
        """Whether anything is held."""
        return self.closed_at is None

    @property
    def net_pnl(self) -> Decimal:
        """What the holding has really made so far: fills and funding, less the fees."""
        return self.realised_pnl + self.funding - self.fees

    def apply(self, fill: Fill, instrument: Instrument) -> "Position":
        """Return the position after a fill; one on the other side closes, it never flips.

        An entry's late fill opens a closed position again: what is held must be seen.
        """
        charged = self._charged(fill, instrument)
        if fill.side is self.side:
            return charged._entered(fill, received_base(fill, instrument))
        closed = min(fill.quantity, self.quantity)
        pnl = profit(self.side, self.entry_price, fill.price, closed)
        return replace(
            charged, quantity=self.quantity - closed, realised_pnl=self.realised_pnl + pnl
        )

    def funded(self, amount: Decimal) -> "Position":
        """Return the position after funding; it may come after the close. Positive is received."""
        return replace(self, funding=self.funding + amount)

    def settled(
        self, instrument: Instrument, at: datetime, price: Decimal | None = None
    ) -> "Position":
        """Return the position closed when the venue takes no rest of it; that is booked as dust.

        With a price it is dust, too, where the venue takes no sale of so little a worth.
        """
        rest = round_down(self.quantity, instrument.quantity_step)
        least = instrument.quantity_min
        if price is not None and not instrument.is_swap:  # a perpetual is reduced at any worth
            least = max(least, instrument.notional_min / price)
        if not self.is_open or (rest > 0 and rest >= least):
            return self
        return replace(self, quantity=ZERO, dust=self.dust + self.quantity, closed_at=at)

    def written_off(self, result: Decimal, at: datetime) -> "Position":
        """Return the position out of the books: what no fill tells of is kept apart, as dust."""
        return replace(
            self,
            quantity=ZERO,
            dust=self.dust + self.quantity,
            realised_pnl=self.realised_pnl + result,
            closed_at=at,
        )

    def _charged(self, fill: Fill, instrument: Instrument) -> "Position":
        fee = fee_in_quote(fill, instrument)
        paid_in_coin = fee if is_in_third_coin(fill, instrument) else ZERO
        return replace(self, fees=self.fees + fee, coin_fees=self.coin_fees + paid_in_coin)

    def _entered(self, fill: Fill, received: Decimal) -> "Position":
        quantity = self.quantity + received
        cost = self.entry_price * self.quantity + fill.price * received
        return replace(
            self,
            quantity=quantity,
            entry_price=cost / quantity if quantity else ZERO,
            entered_quantity=self.entered_quantity + fill.quantity,
            closed_at=None,
        )


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """What a venue says of a perpetual position."""

    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    margin: Decimal
    unrealised_pnl: Decimal
    leverage: Decimal
    liquidation_price: Decimal | None


def profit(side: Side, entry: Decimal, exit_price: Decimal, quantity: Decimal) -> Decimal:
    """Return the profit in the quote currency of closing a quantity, fees apart."""
    return (exit_price - entry) * quantity * side.sign
