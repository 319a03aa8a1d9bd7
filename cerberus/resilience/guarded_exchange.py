"""The Exchange port behind breakers, with cancels and exits marked as urgent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from cerberus.domain.balances import Account
from cerberus.domain.exits import Exit, VenueTrigger
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import Candle, Instrument, Quote
from cerberus.domain.orders import ListedOrder, Order, VenueOrder
from cerberus.errors import CerberusError
from cerberus.ports import Exchange
from cerberus.resilience.breakers import Breakers, Part
from cerberus.resilience.circuit_breaker import State
from cerberus.resilience.urgency import is_urgent, urgently

Answer = TypeVar("Answer")


class GuardedExchange:
    """A venue, each call of which passes the breaker of its class of endpoints."""

    def __init__(self, venue: Exchange, breakers: Breakers) -> None:
        self._venue = venue
        self._breakers = breakers
        self._quoted: str | None = None

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every market by its unified symbol."""
        return await self._call(Part.MARKET, self._venue.instruments)

    async def quote(self, symbol: str) -> Quote:
        """Return the best prices now."""
        found = await self._call(Part.MARKET, lambda: self._venue.quote(symbol))
        self._quoted = symbol
        return found

    async def candles(
        self, symbol: str, timeframe: str, limit: int, since: datetime | None = None
    ) -> Sequence[Candle]:
        """Return the newest bars, or the first from a moment on, oldest first."""
        return await self._call(
            Part.MARKET, lambda: self._venue.candles(symbol, timeframe, limit, since)
        )

    async def account(self) -> Account:
        """Return wallet totals and perpetual positions."""
        return await self._call(Part.ACCOUNT, self._venue.account)

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Decimal:
        """Set the leverage of a perpetual and return what the venue has set."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.set_leverage(symbol, leverage))

    async def place(self, order: Order) -> VenueOrder:
        """Send an order once; what reduces a position is an exit."""
        part = Part.EXITS if order.reduce_only else Part.ORDERS
        return await self._call(part, lambda: self._venue.place(order))

    async def find(self, order: Order) -> VenueOrder | None:
        """Ask for an order by its venue id, else its client id; None when the venue knows none."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.find(order))

    async def cancel(self, order: Order) -> None:
        """Cancel an order; one that is over already is no error."""
        await self._call(Part.EXITS, lambda: self._venue.cancel(order))

    async def fills(self, symbol: str, order_venue_id: str) -> Sequence[Fill]:
        """Return the fills of one order."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.fills(symbol, order_venue_id))

    async def open_orders(self, symbol: str | None = None) -> Sequence[ListedOrder]:
        """Return every order that rests on the account, or on a symbol, whoever has sent it."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.open_orders(symbol))

    async def finished_orders(self, symbol: str) -> Sequence[ListedOrder]:
        """Return the newest orders of a symbol that are over, whoever has sent them."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.finished_orders(symbol))

    async def recent_fills(self, symbol: str, since: datetime | None) -> Sequence[Fill]:
        """Return the fills of a symbol from a moment on, else the newest, whoever has traded."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.recent_fills(symbol, since))

    async def resting_triggers(self) -> Sequence[VenueTrigger]:
        """Return every trigger that waits on the account, whoever has placed it."""
        return await self._call(Part.ACCOUNT, self._venue.resting_triggers)

    async def funding(self, symbol: str, since: datetime) -> Sequence[FundingPayment]:
        """Return every funding payment of a perpetual from a moment on, oldest first."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.funding(symbol, since))

    async def place_trigger(self, wanted: Exit) -> str:
        """Place a protective trigger once and return its venue id."""
        return await self._call(Part.EXITS, lambda: self._venue.place_trigger(wanted))

    async def triggers(self, symbol: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        """Return the open, or the newest finished, triggers of a symbol."""
        return await self._call(Part.ACCOUNT, lambda: self._venue.triggers(symbol, is_open=is_open))

    async def cancel_trigger(self, symbol: str, venue_id: str) -> bool:
        """Cancel a trigger; False when it was over already: it may have fired."""
        return await self._call(Part.EXITS, lambda: self._venue.cancel_trigger(symbol, venue_id))

    async def close(self) -> None:
        """Close the connections."""
        await self._venue.close()

    async def probe(self) -> None:
        """Ask something harmless of each class whose breaker is half-open; it closes by itself.

        An order is no probe: that orders can be listed is taken as a sign that they can be sent.
        """
        for part, breaker in self._breakers.items():
            if breaker.state is State.HALF_OPEN:
                with suppress(CerberusError):  # the breaker has taken note
                    await self._call(part, self._question(part), urgent=False)
        self._breakers.log_changes()

    def _question(self, part: Part) -> Callable[[], Awaitable[object]]:
        symbol = self._quoted
        if part is Part.MARKET:
            return self._venue.instruments if symbol is None else lambda: self._venue.quote(symbol)
        return self._venue.account if part is Part.ACCOUNT else self._venue.open_orders

    async def _call(
        self, part: Part, send: Callable[[], Awaitable[Answer]], *, urgent: bool | None = None
    ) -> Answer:
        if urgent is None:
            urgent = part is Part.EXITS or is_urgent()
        with urgently(urgent), self._breakers[part].guard(urgent=urgent):
            return await send()
