"""Read what belongs together: a trade with its orders, and why it came to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cerberus.domain.exits import Exit, is_protected
from cerberus.domain.fills import Fill, average_price, unvalued_fees
from cerberus.domain.funding import FundingPayment
from cerberus.domain.market import ZERO
from cerberus.domain.orders import Order, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.trades import SignalRecord, Trade
from cerberus.errors import NotFound
from cerberus.ports import Transaction
from cerberus.services.desk import Desk


@dataclass(frozen=True, slots=True)
class TradeStory:
    """A trade with everything that belongs to it."""

    trade: Trade
    signal: SignalRecord | None
    orders: Sequence[Order]
    fills: Sequence[Fill]
    exits: Sequence[Exit]
    position: Position | None
    is_protected: bool
    funding: Sequence[FundingPayment] = ()
    #: by coin, what was paid in coins that nobody has told a price of: it counts nowhere
    unvalued_fees: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def entry_fill_price(self) -> Decimal | None:
        """The average price of the entry's fills."""
        return average_price([fill for fill in self.fills if fill.side is self.trade.side])

    @property
    def slippage_rate(self) -> Decimal | None:
        """How much worse than planned the entry filled, as a share of the planned price."""
        actual = self.entry_fill_price
        if actual is None or self.trade.entry_price == 0:
            return None
        return (actual / self.trade.entry_price - 1) * self.trade.side.sign

    @property
    def dust_value(self) -> Decimal:
        """What the rest that the venue does not take was worth at the price of the last fill."""
        if self.position is None or not self.fills:
            return ZERO
        return self.position.dust * self.fills[-1].price

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is not known yet what became of one of the orders."""
        return any(order.is_in_doubt for order in self.orders)

    @property
    def filled_quantity(self) -> Decimal:
        """What the entry has filled."""
        entries = [order for order in self.orders if order.purpose is Purpose.ENTRY]
        return sum((order.filled_quantity for order in entries), ZERO)


async def tell_trade(desk: Desk, trade_id: str) -> TradeStory:
    """Return the story of one trade.

    Raises
    ------
    NotFound
        There is no such trade.
    """
    return await desk.store.read(lambda transaction: _story(desk, transaction, trade_id))


async def tell_trades(desk: Desk, trades: Sequence[Trade]) -> list[TradeStory]:
    """Return the stories of several trades, in one read."""

    def read(transaction: Transaction) -> list[TradeStory]:
        return [_story(desk, transaction, trade.trade_id) for trade in trades]

    return await desk.store.read(read)


@dataclass(frozen=True, slots=True)
class Why:
    """A signal, what was decided about it, and the trade that followed."""

    signal: SignalRecord
    story: TradeStory | None


async def why(desk: Desk, anything: str) -> Why:
    """Explain a signal, a trade, a position or an order by its id.

    Raises
    ------
    NotFound
        Nothing has this id.
    """

    def read(transaction: Transaction) -> Why:
        record = transaction.signals.get(anything)
        if record is None:
            trade = _trade_of(transaction, anything)
            record = None if trade is None else transaction.signals.get(trade.signal_id)
        if record is None:
            raise NotFound(f"nothing has the id {anything}")
        trade_id = record.trade_id
        return Why(record, None if trade_id is None else _story(desk, transaction, trade_id))

    return await desk.store.read(read)


def _trade_of(transaction: Transaction, anything: str) -> Trade | None:
    trade = transaction.trades.get(anything)
    if trade is not None:
        return trade
    order = transaction.orders.get(anything)
    position = transaction.positions.get(anything)
    if order is not None:
        return transaction.trades.get(order.trade_id)
    return None if position is None else transaction.trades.get(position.trade_id)


def _story(desk: Desk, transaction: Transaction, trade_id: str) -> TradeStory:
    trade = transaction.trades.get(trade_id)
    if trade is None:
        raise NotFound(f"trade {trade_id} is not known")
    position = transaction.positions.of_trade(trade_id)
    exits = transaction.exits.of_trade(trade_id)
    instrument = desk.instruments.get(trade.symbol)
    fills = transaction.orders.fills_of_trade(trade_id)
    return TradeStory(
        trade=trade,
        signal=transaction.signals.get(trade.signal_id),
        orders=transaction.orders.of_trade(trade_id),
        fills=fills,
        exits=exits,
        position=position,
        funding=[] if position is None else transaction.funding.of_position(position.position_id),
        unvalued_fees={} if instrument is None else unvalued_fees(fills, instrument),
        # told only together with the moment of protection, which is committed after the last exit
        is_protected=trade.protected_at is not None
        and position is not None
        and instrument is not None
        and position.is_open
        and is_protected(position, exits, instrument),
    )
