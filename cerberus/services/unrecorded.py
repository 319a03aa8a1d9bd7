"""Closes that the store knows nothing of: built, sent and asked about without it."""

from decimal import Decimal

from cerberus.domain.orders import Order, OrderType, Purpose, VenueOrder
from cerberus.domain.signals import Side, TimeInForce
from cerberus.errors import Transient, Unknown
from cerberus.ids import new_id
from cerberus.services.desk import Desk


def build_close(desk: Desk, symbol: str, side: Side, quantity: Decimal, client_id: str) -> Order:
    """Return a close at the market; the venue is told that it only reduces, where it can be."""
    now = desk.wall_clock.now()
    return Order(
        order_id=new_id(),
        client_id=client_id,
        trade_id="",
        symbol=symbol,
        side=side,
        order_type=OrderType.MARKET,
        purpose=Purpose.CLOSE,
        quantity=quantity,
        time_in_force=TimeInForce.IOC,
        created_at=now,
        expires_at=now + desk.rules.placement_lifetime,
    )


async def send_close(desk: Desk, order: Order) -> VenueOrder:
    """Send a close once and return what became of it.

    Raises
    ------
    Rejected
        The venue refuses it.
    Transient
        It was not sent, or it is not known yet what became of it.
    """
    try:
        return await desk.exchange.place(order)
    except Unknown as error:
        report = await desk.exchange.find(order)
        if report is None:
            raise Transient(f"it is not known yet whether it arrived ({error})") from error
        return report
