"""Balances: what is free to be used, and what an order ties up (DESIGN section 3, step 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cerberus.domain.market import ONE, ZERO, Instrument, MarketType
from cerberus.domain.positions import VenuePosition
from cerberus.domain.signals import Side

Wallet = tuple[MarketType, str]


@dataclass(frozen=True, slots=True)
class Account:
    """What the venue says we own: totals per wallet and currency, and the perpetual positions."""

    at: datetime
    totals: Mapping[Wallet, Decimal] = field(default_factory=dict)
    positions: tuple[VenuePosition, ...] = ()

    def position(self, symbol: str) -> VenuePosition | None:
        """Return the venue's position on a symbol."""
        return next((held for held in self.positions if held.symbol == symbol), None)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a live order ties up, in one currency of one wallet."""

    market_type: MarketType
    currency: str
    amount: Decimal

    @property
    def wallet(self) -> Wallet:
        """Where the amount is tied up."""
        return self.market_type, self.currency


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency of one wallet: never negative, the lack stands apart as a deficit."""

    total: Decimal
    margin: Decimal
    unrealised_loss: Decimal
    reserved: Decimal

    @property
    def available(self) -> Decimal:
        """What a new order may use."""
        return max(ZERO, self._net)

    @property
    def deficit(self) -> Decimal:
        """What is missing when losses or a withdrawal have eaten what was reserved."""
        return max(ZERO, -self._net)

    @property
    def _net(self) -> Decimal:
        return self.total - self.margin + self.unrealised_loss - self.reserved


def balance(account: Account, wallet: Wallet, reserved: Decimal) -> Balance:
    """Return the balance of one wallet and currency, with our own live reservations."""
    margin, loss = ZERO, ZERO
    if wallet[0] is MarketType.SWAP:
        held = [one for one in account.positions if one.symbol.endswith(f":{wallet[1]}")]
        margin = sum((one.margin for one in held), ZERO)
        loss = min(ZERO, sum((one.unrealised_pnl for one in held), ZERO))
    return Balance(account.totals.get(wallet, ZERO), margin, loss, reserved)


def entry_reservation(
    instrument: Instrument, side: Side, quantity: Decimal, worst_price: Decimal, leverage: Decimal
) -> Reservation:
    """Return what an entry ties up until it is filled or cancelled."""
    kind = instrument.market_type
    notional = quantity * worst_price
    if instrument.is_swap:
        amount = notional / leverage + notional * instrument.fee_rate_taker * 2
        return Reservation(kind, instrument.quote, amount)
    if side is Side.BUY:
        return Reservation(kind, instrument.quote, notional * (ONE + instrument.fee_rate_taker))
    return Reservation(kind, instrument.base, quantity)
