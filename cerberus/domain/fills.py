"""Fills: what the venue says was traded, and what it cost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cerberus.domain.market import ZERO, Instrument
from cerberus.domain.signals import Side


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution on the venue; `fill_id` is the venue's own and unique per symbol."""

    fill_id: str
    order_venue_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    at: datetime

    @property
    def notional(self) -> Decimal:
        """The value in the quote currency."""
        return self.quantity * self.price


def fee_in_quote(fill: Fill, instrument: Instrument) -> Decimal:
    """Return the fee in the quote currency; a third coin's fee is kept on the fill and counts 0."""
    if fill.fee_currency == instrument.quote:
        return fill.fee
    if fill.fee_currency == instrument.base:
        return fill.fee * fill.price
    return ZERO


def received_base(fill: Fill, instrument: Instrument) -> Decimal:
    """Return the base quantity by which a holding changes, a fee in base already taken off."""
    if fill.side is Side.BUY and fill.fee_currency == instrument.base:
        return fill.quantity - fill.fee
    return fill.quantity


def average_price(fills: list[Fill]) -> Decimal | None:
    """Return the quantity-weighted price, None without fills."""
    quantity = sum((fill.quantity for fill in fills), ZERO)
    return sum((fill.notional for fill in fills), ZERO) / quantity if quantity else None
