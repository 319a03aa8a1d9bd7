"""What the API gives out of orders, fills, exits, positions and trades."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self, TypeVar

from pydantic import BaseModel

from api.views import View
from cerberus.domain.exits import Exit, ExitKind, ExitStatus
from cerberus.domain.fills import Fill
from cerberus.domain.funding import FundingPayment
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.signals import Side, TimeInForce
from cerberus.domain.trades import TradeStatus
from cerberus.services.explain import TradeStory

Kind = TypeVar("Kind", bound=View)


class OrderOut(View):
    """An order of ours."""

    order_id: str
    client_id: str
    venue_id: str | None
    trade_id: str
    symbol: str
    side: Side
    order_type: OrderType
    purpose: Purpose
    time_in_force: TimeInForce
    quantity: Decimal
    filled_quantity: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    average_price: Decimal | None
    reduce_only: bool
    status: OrderStatus
    reason: str
    created_at: datetime


class FillOut(View):
    """One execution."""

    fill_id: str
    order_venue_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    fee_value: Decimal | None = None
    at: datetime


class FundingOut(View):
    """One payment of funding; a positive amount was received."""

    at: datetime
    amount: Decimal
    currency: str
    venue_id: str


class ExitOut(View):
    """A protective exit; `where` says who watches its price."""

    exit_id: str
    trade_id: str
    symbol: str
    side: Side
    kind: ExitKind
    trigger_price: Decimal
    quantity: Decimal
    status: ExitStatus
    where: str
    venue_id: str | None
    expires_at: datetime | None
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, one: Exit) -> Self:
        """Return the view of an exit."""
        where = "watched" if one.status is ExitStatus.WATCHED else "venue"
        return cls(
            **{name: getattr(one, name) for name in cls.model_fields if name != "where"},
            where=where,
        )


class PositionOut(View):
    """A holding."""

    position_id: str
    trade_id: str
    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    realised_pnl: Decimal
    fees: Decimal
    coin_fees: Decimal
    funding: Decimal
    net_pnl: Decimal
    dust: Decimal
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, position: Position) -> Self:
        """Return the view of a position."""
        return cls.model_validate(position)


#: fields that a trade's view takes over as they are
_SAME = (
    "trade_id",
    "signal_id",
    "symbol",
    "side",
    "strategy",
    "status",
    "quantity",
    "stop_price",
    "present_stop",
    "trailing_percent",
    "target_price",
    "leverage",
    "seconds_unprotected",
    "created_at",
    "opened_at",
    "protected_at",
    "closed_at",
    "close_reason",
)


class TradeOut(BaseModel):
    """A trade with its orders, fills and exits."""

    trade_id: str
    signal_id: str
    duplicate_of: str | None = None
    symbol: str
    side: Side
    strategy: str
    status: TradeStatus
    quantity: Decimal
    filled_quantity: Decimal
    planned_price: Decimal
    entry_price: Decimal | None
    stop_price: Decimal
    present_stop: Decimal
    trailing_percent: Decimal | None
    target_price: Decimal
    leverage: Decimal
    slippage_rate: Decimal | None
    realised_pnl: Decimal
    fees: Decimal
    coin_fees: Decimal
    unvalued_fees: dict[str, Decimal]
    funding: Decimal
    net_pnl: Decimal
    dust: Decimal
    dust_value: Decimal
    protected: bool
    seconds_unprotected: float | None
    created_at: datetime
    opened_at: datetime | None
    protected_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    orders: list[OrderOut]
    fills: list[FillOut]
    funding_payments: list[FundingOut]
    exits: list[ExitOut]

    @classmethod
    def of(cls, story: TradeStory, duplicate_of: str | None = None) -> Self:
        """Return the view of a trade's story."""
        trade, position = story.trade, story.position
        return cls(
            **{name: getattr(trade, name) for name in _SAME},
            duplicate_of=duplicate_of,
            filled_quantity=story.filled_quantity,
            planned_price=trade.entry_price,
            entry_price=story.entry_fill_price,
            slippage_rate=story.slippage_rate,
            realised_pnl=Decimal(0) if position is None else position.realised_pnl,
            fees=Decimal(0) if position is None else position.fees,
            coin_fees=Decimal(0) if position is None else position.coin_fees,
            unvalued_fees=dict(story.unvalued_fees),
            funding=Decimal(0) if position is None else position.funding,
            net_pnl=Decimal(0) if position is None else position.net_pnl,
            dust=Decimal(0) if position is None else position.dust,
            dust_value=story.dust_value,
            protected=story.is_protected,
            orders=views(OrderOut, story.orders),
            fills=views(FillOut, story.fills),
            funding_payments=views(FundingOut, story.funding),
            exits=[ExitOut.of(one) for one in story.exits],
        )


def views(
    kind: type[Kind], things: Sequence[Order | Fill | FundingPayment | Position]
) -> list[Kind]:
    """Return the views of several things."""
    return [kind.model_validate(thing) for thing in things]
