"""A stop that follows the price at a distance, and never goes back."""

from decimal import Decimal

from cerberus.domain.market import ONE
from cerberus.domain.signals import Side

#: the least move worth a new trigger at the venue, as a share of the distance
STEP_RATE = Decimal("0.05")


def trailed_stop(side: Side, present: Decimal, price: Decimal, percent: Decimal) -> Decimal | None:
    """Return the stop that a price calls for, None when it should stay where it is.

    Parameters
    ----------
    side
        Of the position.
    present
        The stop as it is.
    price
        At which the position could be closed now.
    percent
        The distance, above 0 and below 100.
    """
    rate = percent / 100
    wanted = price * (ONE - side.sign * rate)
    gain = (wanted - present) * side.sign
    return wanted if gain >= price * rate * STEP_RATE else None
