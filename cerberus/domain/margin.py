"""Isolated margin of linear perpetuals in one-way mode: fills, funding, liquidation. Pure.

A size is a signed number of contracts, a contract is `multiplier` base units. A position's margin
holds its initial margin and the fee of closing it.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)

#: money and averages are rounded once, where they are booked
MONEY = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """What a contract and the leverage chosen for it demand."""

    multiplier: Decimal
    leverage: Decimal
    maintenance_rate: Decimal
    taker_rate: Decimal


@dataclass(frozen=True, slots=True)
class Exposure:
    """The money side of a position; no position is size 0."""

    size: Decimal = ZERO
    entry_price: Decimal = ZERO
    margin: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class FillEffect:
    """What a fill does: the exposure after it, realised profit, and contracts closed and opened.

    `closed` and `opened` bear the sign of the fill.
    """

    exposure: Exposure
    realised: Decimal
    closed: Decimal
    opened: Decimal


def notional(size: Decimal, price: Decimal, multiplier: Decimal) -> Decimal:
    """Return the value of contracts at a price, always positive."""
    return abs(size) * multiplier * price


def initial_margin(size: Decimal, price: Decimal, terms: MarginTerms) -> Decimal:
    """Return what a position must hold when opened: value / leverage and the closing fee."""
    value = notional(size, price, terms.multiplier)
    return money(value / terms.leverage + value * terms.taker_rate)


def order_margin(size: Decimal, price: Decimal, terms: MarginTerms) -> Decimal:
    """Return what an opening order holds back: the initial margin and the opening fee."""
    value = notional(size, price, terms.multiplier)
    return money(value / terms.leverage + 2 * value * terms.taker_rate)


def unrealised(exposure: Exposure, mark: Decimal, terms: MarginTerms) -> Decimal:
    """Return profit or loss at the mark price."""
    return money(exposure.size * terms.multiplier * (mark - exposure.entry_price))


def maintenance_margin(exposure: Exposure, mark: Decimal, terms: MarginTerms) -> Decimal:
    """Return the equity below which a position is liquidated: maintenance and closing fee."""
    value = notional(exposure.size, mark, terms.multiplier)
    return money(value * (terms.maintenance_rate + terms.taker_rate))


def is_liquidated(exposure: Exposure, mark: Decimal, terms: MarginTerms) -> bool:
    """Whether margin and unrealised profit no longer exceed the maintenance margin."""
    if not exposure.size:
        return False
    equity = exposure.margin + unrealised(exposure, mark, terms)
    return equity <= maintenance_margin(exposure, mark, terms)


def liquidation_price(exposure: Exposure, terms: MarginTerms) -> Decimal:
    """Return the mark price at which equity equals the maintenance margin, 0 when there is none."""
    return _break_even(exposure, terms, terms.maintenance_rate + terms.taker_rate)


def bankruptcy_price(exposure: Exposure, terms: MarginTerms) -> Decimal:
    """Return the price at which closing, fee included, loses exactly the margin."""
    return _break_even(exposure, terms, terms.taker_rate)


def apply_fill(
    exposure: Exposure, signed: Decimal, price: Decimal, terms: MarginTerms
) -> FillEffect:
    """Apply a fill of signed contracts: reduce first, then open what is left, flipping sides."""
    closed = _closing_part(exposure.size, signed)
    opened = signed - closed
    realised = money(-closed * terms.multiplier * (price - exposure.entry_price))
    after = _reduced(exposure, closed)
    if opened:
        after = _increased(after, opened, price, terms)
    return FillEffect(after, realised, closed, opened)


def funding_payment(size: Decimal, mark: Decimal, multiplier: Decimal, rate: Decimal) -> Decimal:
    """Return what the holder pays; negative is received. Longs pay a positive rate."""
    return money(size * multiplier * mark * rate)


def money(value: Decimal) -> Decimal:
    """Round an amount where it is booked."""
    return value.quantize(MONEY, ROUND_HALF_EVEN)


def _closing_part(size: Decimal, signed: Decimal) -> Decimal:
    if size * signed >= ZERO:
        return ZERO
    return min(abs(size), abs(signed)).copy_sign(signed)


def _reduced(exposure: Exposure, closed: Decimal) -> Exposure:
    size = exposure.size + closed
    if not size:
        return Exposure()
    return replace(exposure, size=size, margin=money(exposure.margin * size / exposure.size))


def _increased(exposure: Exposure, opened: Decimal, price: Decimal, terms: MarginTerms) -> Exposure:
    size = exposure.size + opened
    # the entry price is the mean weighted by contracts
    entry = (exposure.size * exposure.entry_price + opened * price) / size
    margin = exposure.margin + initial_margin(opened, price, terms)
    return Exposure(size, money(entry), margin)


def _break_even(exposure: Exposure, terms: MarginTerms, rate: Decimal) -> Decimal:
    if not exposure.size:
        return ZERO
    # margin + q (p - e) = |q| p rate, with q the signed base quantity
    quantity = exposure.size * terms.multiplier
    price = (quantity * exposure.entry_price - exposure.margin) / (quantity - abs(quantity) * rate)
    return max(ZERO, money(price))
