"""Entries that wait for a price: what triggers them, and when they have missed it."""

from decimal import Decimal

from cerberus.domain.market import Quote
from cerberus.domain.orders import Order
from cerberus.domain.signals import EntryType, Side, waits_above
from cerberus.domain.sizing import Plan, exit_problem


def entry_side(side: Side, quote: Quote) -> Decimal:
    """Return the price that an entry would meet: a buy the ask, a sale the bid."""
    return quote.ask if side is Side.BUY else quote.bid


def is_hit(order: Order, quote: Quote) -> bool:
    """Return whether the price has reached the trigger of an armed order."""
    trigger, price = order.trigger_price, entry_side(order.side, quote)
    if trigger is None:
        return False
    is_above = waits_above(EntryType(str(order.order_type)), order.side)
    return price >= trigger if is_above else price <= trigger


def missed(order: Order, plan: Plan, quote: Quote) -> str:
    """Say why an entry whose trigger is hit comes too late, empty when it does not.

    Without a limit of its own it is sent only while the price is as near to the trigger, on either
    side, as the worst price that it may cost. With one it is sent at any distance. Never is it sent
    where one of its exits would be hit at once.
    """
    price, trigger, worst = entry_side(order.side, quote), order.trigger_price, order.price
    if trigger is None or worst is None:
        return f"order {order.order_id} has no trigger or no price"
    if plan.signal.entry_type.has_limit:
        price = min(price, worst) if order.side is Side.BUY else max(price, worst)
    elif abs(price - trigger) > abs(worst - trigger):
        limit = abs(worst - trigger)
        return f"the price {price} is more than {limit} away from its trigger {trigger}"
    return exit_problem(plan, price)
