"""The leverage of a symbol: set where it differs from a plan's, and known from then on."""

from cerberus.domain.sizing import Plan
from cerberus.errors import Transient
from cerberus.services.desk import Desk


async def prepare_leverage(desk: Desk, plan: Plan) -> bool:
    """Set the leverage where it differs, and return whether the venue had to be asked.

    Raises
    ------
    Transient
        The venue has set another one.
    """
    if is_prepared(desk, plan):
        return False
    symbol = plan.signal.symbol
    actual = await desk.exchange.set_leverage(symbol, plan.leverage)
    if actual != plan.leverage:
        raise Transient(f"leverage {plan.leverage} was set, the venue reads {actual}")
    desk.leverages[symbol] = actual
    return True


def is_prepared(desk: Desk, plan: Plan) -> bool:
    """Return whether an order of this plan would have its leverage."""
    return not plan.instrument.is_swap or desk.leverages.get(plan.signal.symbol) == plan.leverage
