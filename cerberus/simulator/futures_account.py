"""The futures account: what positions and open orders hold back, leverage and margin changes."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from cerberus.domain import margin as maths
from cerberus.domain.margin import MarginTerms
from cerberus.domain.matching import Side
from cerberus.simulator.entities import FUTURES, ZERO, Order, Position
from cerberus.simulator.markets import Contract
from cerberus.simulator.refusals import Refused, invalid
from cerberus.simulator.venue import Venue

SETTLE = "USDT"


def position_of(venue: Venue, contract: Contract) -> Position:
    """Return the position of a contract, empty when it was never traded."""
    known = venue.state.positions.get(contract.id)
    return known or Position(market=contract.id, leverage=contract.leverage_default)


def terms_of(contract: Contract, position: Position) -> MarginTerms:
    """Return what the contract demands at the position's leverage."""
    return MarginTerms(
        contract.multiplier, position.leverage, contract.maintenance_rate, contract.taker_rate
    )


def orders_of(venue: Venue, contract: Contract) -> list[Order]:
    """Return the open orders of a contract, oldest first."""
    orders = venue.state.orders.values()
    return [one for one in orders if one.account == FUTURES and one.market == contract.id]


def order_margin(contract: Contract, position: Position, orders: Iterable[Order]) -> Decimal:
    """Return what orders hold back: those that reduce need nothing, up to the position's size."""
    terms = terms_of(contract, position)
    reducible = {
        Side.BUY: max(ZERO, -position.size),
        Side.SELL: max(ZERO, position.size),
    }
    total = ZERO
    for order in orders:
        if order.reduce_only or order.close:
            continue
        reducing = min(reducible[order.side], order.left)
        reducible[order.side] -= reducing
        total += maths.order_margin(order.left - reducing, order.price, terms)
    return total


def position_margin(venue: Venue) -> Decimal:
    """Return the margin of all positions."""
    positions = venue.state.positions.values()
    return sum((position.exposure.margin for position in positions), ZERO)


def total_order_margin(venue: Venue) -> Decimal:
    """Return what all open orders hold back."""
    contracts = venue.markets.futures.values()
    return sum(
        (order_margin(c, position_of(venue, c), orders_of(venue, c)) for c in contracts), ZERO
    )


def available(venue: Venue) -> Decimal:
    """Return what may still be used as margin."""
    total = venue.state.balance(FUTURES, SETTLE)
    return total - position_margin(venue) - total_order_margin(venue)


def unrealised(venue: Venue, contract: Contract) -> Decimal:
    """Return the profit of the open position at the mark price."""
    position = position_of(venue, contract)
    mark = venue.last(contract.base)
    return maths.unrealised(position.exposure, mark, terms_of(contract, position))


def set_leverage(venue: Venue, contract: Contract, leverage: Decimal) -> Position:
    """Set isolated leverage; an open position's margin is raised or released to fit it."""
    if leverage == 0:
        raise Refused("INVALID_PARAM_VALUE", "cross margin is not offered, use a leverage of 1 up")
    if leverage > contract.leverage_max:
        raise Refused("LEVERAGE_TOO_HIGH", f"leverage {leverage} exceeds {contract.leverage_max}")
    if leverage < contract.leverage_min:
        raise Refused("LEVERAGE_TOO_LOW", f"leverage {leverage} is below {contract.leverage_min}")
    old = position_of(venue, contract)
    new = replace(old, leverage=leverage, update_id=old.update_id + 1, updated_ms=venue.now_ms)
    if new.size:
        entry = new.exposure.entry_price
        needed = maths.initial_margin(new.size, entry, terms_of(contract, new))
        new = replace(new, exposure=replace(new.exposure, margin=needed))
    _check_margin(venue, contract, old, new)
    venue.state.put_position(new)
    return new


def change_margin(venue: Venue, contract: Contract, change: Decimal) -> Position:
    """Add margin to an open position, or with a negative change take some out."""
    old = position_of(venue, contract)
    if not old.size:
        raise Refused("POSITION_EMPTY", "position is empty")
    if change == 0:
        raise invalid("change", change)
    margin = old.exposure.margin + change
    if margin < maths.initial_margin(old.size, old.exposure.entry_price, terms_of(contract, old)):
        raise Refused("REMOVE_TOO_MUCH", "changed margin is below the initial margin")
    exposure = replace(old.exposure, margin=margin)
    new = replace(old, exposure=exposure, update_id=old.update_id + 1, updated_ms=venue.now_ms)
    _check_margin(venue, contract, old, new)
    venue.state.put_position(new)
    return new


def _check_margin(venue: Venue, contract: Contract, old: Position, new: Position) -> None:
    orders = orders_of(venue, contract)
    held = old.exposure.margin + order_margin(contract, old, orders)
    needed = new.exposure.margin + order_margin(contract, new, orders)
    free = available(venue)
    if needed > held and needed - held > free:
        raise Refused("INSUFFICIENT_AVAILABLE", f"margin {needed - held} exceeds available {free}")
    if maths.is_liquidated(new.exposure, venue.last(contract.base), terms_of(contract, new)):
        raise Refused("LIQUIDATE_IMMEDIATELY", "operation may cause liquidation")
