"""The Exchange port over a ccxt client."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import ccxt

from cerberus.adapters.exchange import parsing
from cerberus.adapters.exchange.clients import placement_expiry
from cerberus.adapters.exchange.errors import is_over, translated
from cerberus.adapters.exchange.pages import FILL_PAGES, all_pages
from cerberus.domain.balances import Account, Wallet
from cerberus.domain.exits import Exit, ExitKind, VenueTrigger
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import Candle, Instrument, MarketType, Quote
from cerberus.domain.orders import ListedOrder, Order, OrderType, VenueOrder
from cerberus.domain.signals import TimeInForce
from cerberus.errors import Invalid, Transient
from cerberus.ports import Clock

_TIME_IN_FORCE = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.POST_ONLY: "PO",
}


class CcxtExchange:
    """A venue behind a ccxt client; every call of the client stands in this class."""

    def __init__(self, client: Any, clock: Clock, *, funding_page: int = 100) -> None:
        self._client = client
        self._clock = clock
        self._funding_page = funding_page
        self._instruments: dict[str, Instrument] = {}

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every spot market and linear perpetual by its unified symbol."""
        with translated(sends=False):
            markets = await self._client.load_markets()
            self._instruments = parsing.instruments(markets)
        return self._instruments

    async def quote(self, symbol: str) -> Quote:
        """Return the best prices now."""
        market = self._instrument(symbol)
        with translated(sends=False):
            book = await self._client.fetch_order_book(market.symbol, 1)
            return parsing.quote(symbol, book, self._clock.now())

    async def candles(
        self, symbol: str, timeframe: str, limit: int, since: datetime | None = None
    ) -> Sequence[Candle]:
        """Return the newest bars, or the first from a moment on, oldest first."""
        self._instrument(symbol)
        if timeframe not in self._client.timeframes:
            known = ", ".join(self._client.timeframes)
            raise Invalid("timeframe", f"must be one of {known}, was {timeframe}")
        begin = None if since is None else int(since.timestamp() * 1000)
        with translated(sends=False):
            rows = await self._client.fetch_ohlcv(symbol, timeframe, begin, limit)
            return [parsing.candle(row) for row in rows]

    async def account(self) -> Account:
        """Return wallet totals and perpetual positions."""
        with translated(sends=False):
            spot, swap, positions = await asyncio.gather(
                self._client.fetch_balance({"type": "spot"}),
                self._client.fetch_balance({"type": "swap"}),
                self._client.fetch_positions(),
            )
            held = [raw for raw in positions if parsing.number(raw.get("contracts")) != 0]
            return Account(
                at=self._clock.now(),
                totals=_totals(MarketType.SPOT, spot) | _totals(MarketType.SWAP, swap),
                positions=tuple(
                    parsing.position(raw, self._instrument(raw["symbol"])) for raw in held
                ),
            )

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Decimal:
        """Set the leverage of a perpetual, isolated, and return what the venue has set."""
        with translated(sends=False):
            await self._client.set_leverage(int(leverage), symbol, {"marginMode": "isolated"})
            answer = await self._client.fetch_position(symbol)
            return parsing.number(answer["leverage"])

    async def place(self, order: Order) -> VenueOrder:
        """Send an order once; a timeout, reset or 5xx raises Unknown."""
        market = self._instrument(order.symbol)
        parameters: dict[str, Any] = {"clientOrderId": order.client_id}
        kind = order.order_type.at_venue
        is_market = kind is OrderType.MARKET
        if not is_market:
            parameters["timeInForce"] = _TIME_IN_FORCE[order.time_in_force]
            parameters["postOnly"] = order.time_in_force is TimeInForce.POST_ONLY
        if order.reduce_only and market.is_swap:
            parameters["reduceOnly"] = True
        token = placement_expiry.set(int(order.expires_at.timestamp() * 1000))
        try:
            with translated(sends=True):
                raw = await self._client.create_order(
                    order.symbol,
                    str(kind),
                    str(order.side),
                    f"{order.quantity / market.contract_size:f}",
                    None if is_market or order.price is None else f"{order.price:f}",
                    parameters,
                )
                return parsing.order(raw, market)
        finally:
            placement_expiry.reset(token)

    async def find(self, order: Order) -> VenueOrder | None:
        """Ask by venue id, else by client id, else look through the order lists and the fills."""
        market = self._instrument(order.symbol)
        with translated(sends=False):
            try:
                raw = await self._client.fetch_order(
                    order.venue_id or order.client_id, order.symbol
                )
                return parsing.order(raw, market)
            except ccxt.OrderNotFound:
                lists = await asyncio.gather(
                    self._client.fetch_open_orders(order.symbol),
                    self._client.fetch_closed_orders(order.symbol, None, 100),
                    self._client.fetch_my_trades(order.symbol, None, 100),
                )
            for raw in (*lists[0], *lists[1]):
                if raw.get("clientOrderId") == order.client_id:
                    return parsing.order(raw, market)
            mine = [raw for raw in lists[2] if raw["info"].get("text") == order.client_id]
            return parsing.order_from_fills(order, [parsing.fill(raw, market) for raw in mine])

    async def cancel(self, order: Order) -> None:
        """Cancel an order; one that is over already is no error."""
        with translated(sends=True):
            try:
                await self._client.cancel_order(order.venue_id or order.client_id, order.symbol)
            except ccxt.ExchangeError as error:
                if not is_over(error):
                    raise

    async def fills(self, symbol: str, order_venue_id: str) -> Sequence[Fill]:
        """Return the fills of one order."""
        market = self._instrument(symbol)
        name = "order" if market.is_swap else "order_id"
        with translated(sends=False):
            found = await self._client.fetch_my_trades(symbol, None, None, {name: order_venue_id})
            fills = [parsing.fill(raw, market) for raw in found]
        return [fill for fill in fills if fill.order_venue_id == order_venue_id]

    async def open_orders(self, symbol: str | None = None) -> Sequence[ListedOrder]:
        """Return every order that rests on the account, or on a symbol, whoever has sent it."""
        with translated(sends=False):
            found = await self._resting(symbol, {})
            return [parsing.listed(raw, self._instrument(raw["symbol"])) for raw in found]

    async def resting_triggers(self) -> Sequence[VenueTrigger]:
        """Return every trigger that waits on the account, whoever has placed it."""
        with translated(sends=False):
            found = await self._resting(None, {"trigger": True})
            return [parsing.trigger(raw, self._instrument(raw["symbol"])) for raw in found]

    async def recent_fills(self, symbol: str, since: datetime | None) -> Sequence[Fill]:
        """Return the fills of a symbol from a moment on, else the newest, whoever has traded."""
        market = self._instrument(symbol)
        begin = None if since is None else int(since.timestamp()) * 1000
        with translated(sends=False):
            found = await all_pages(
                lambda page: self._client.fetch_my_trades(symbol, begin, None, page),
                is_swap=market.is_swap,
                pages=FILL_PAGES if since is None else None,
            )
            return [parsing.fill(raw, market) for raw in found]

    async def finished_orders(self, symbol: str) -> Sequence[ListedOrder]:
        """Return the newest orders of a symbol that are over, whoever has sent them."""
        market = self._instrument(symbol)
        with translated(sends=False):
            found = await self._client.fetch_closed_orders(symbol, None, 100)
            return [parsing.listed(raw, market) for raw in found]

    async def funding(self, symbol: str, since: datetime) -> Sequence[FundingPayment]:
        """Return every funding payment of a perpetual from a moment on, oldest first.

        The venue lists the newest first: a line that comes in between moves others to the next
        page, where they are met again, and none is passed over.
        """
        market = self._instrument(symbol)
        begin, limit, offset = int(since.timestamp()) * 1000, self._funding_page, 0
        found: set[FundingPayment] = set()
        with translated(sends=False):
            while True:
                page = await self._client.fetch_funding_history(
                    symbol, begin, limit, {"offset": offset}
                )
                known, offset = len(found), offset + len(page)
                found.update(parsing.funding(raw, market, self._client.id) for raw in page)
                # a venue that does not page answers the same again
                if len(page) < limit or len(found) == known:
                    return sorted(found, key=lambda payment: payment.at)

    async def place_trigger(self, wanted: Exit) -> str:
        """Place a protective trigger, a reduce-only market order, and return its venue id."""
        market = self._instrument(wanted.symbol)
        is_stop = wanted.kind is ExitKind.STOP
        name = "stopLossPrice" if is_stop else "takeProfitPrice"
        parameters: dict[str, Any] = {name: f"{wanted.trigger_price:f}"}
        if market.is_swap:
            parameters["reduceOnly"] = True
        else:
            parameters["timeInForce"] = "ioc"
        with translated(sends=True):
            raw = await self._client.create_order(
                wanted.symbol,
                "market",
                str(wanted.side),
                f"{wanted.quantity / market.contract_size:f}",
                None,
                parameters,
            )
            return parsing.identifier(raw)

    async def triggers(self, symbol: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        """Return the open, or the newest finished, triggers of a symbol."""
        market = self._instrument(symbol)
        with translated(sends=False):
            fetch = self._client.fetch_open_orders if is_open else self._client.fetch_closed_orders
            found = await fetch(symbol, None, None, {"trigger": True})
            return [parsing.trigger(raw, market) for raw in found]

    async def cancel_trigger(self, symbol: str, venue_id: str) -> bool:
        """Cancel a trigger; False when it was over already: it may have fired."""
        with translated(sends=True):
            try:
                await self._client.cancel_order(venue_id, symbol, {"trigger": True})
            except ccxt.ExchangeError as error:
                if not is_over(error):
                    raise
                return False
            return True

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _resting(self, symbol: str | None, asked: dict[str, Any]) -> list[Any]:
        """List what waits on a symbol, else in both wallets, page by page."""
        if symbol is not None:
            kinds = [self._instrument(symbol).market_type]
        else:
            kinds = [MarketType.SPOT, MarketType.SWAP]

        def pages(kind: MarketType) -> Awaitable[list[Any]]:
            told = {"type": str(kind), **asked}
            return all_pages(
                lambda page: self._client.fetch_open_orders(symbol, None, None, told | page),
                is_swap=kind is MarketType.SWAP,
            )

        return list(chain(*await asyncio.gather(*(pages(kind) for kind in kinds))))

    def _instrument(self, symbol: str) -> Instrument:
        if not self._instruments:
            raise Transient("the venue's markets are not known yet")
        try:
            return self._instruments[symbol]
        except KeyError:
            raise Invalid("symbol", f"is not traded on this venue, was {symbol}") from None


def _totals(kind: MarketType, balance: Mapping[str, Any]) -> dict[Wallet, Decimal]:
    totals = balance.get("total") or {}
    return {(kind, name): parsing.number(value) for name, value in totals.items()}
