"""Ordinary objects of the domain, each field of which a test may change."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cerberus.domain.balances import Balance, Reservation
from cerberus.domain.fills import Fill
from cerberus.domain.market import Instrument, MarketType, Quote
from cerberus.domain.orders import Order, OrderType, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.risk import Record, RiskContext
from cerberus.domain.signals import Side, Signal, TimeInForce
from cerberus.domain.sizing import SizingRules

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

SWAP = Instrument(
    symbol="BTC/USDT:USDT",
    base="BTC",
    quote="USDT",
    market_type=MarketType.SWAP,
    price_tick=Decimal("0.1"),
    quantity_step=Decimal("0.0001"),
    quantity_min=Decimal("0.0001"),
    notional_min=Decimal(0),
    fee_rate_taker=Decimal("0.0005"),
    fee_rate_maker=Decimal("0.0002"),
    contract_size=Decimal("0.0001"),
    leverage_max=Decimal(100),
    maintenance_rate=Decimal("0.005"),
)
SPOT = replace(
    SWAP,
    symbol="BTC/USDT",
    market_type=MarketType.SPOT,
    contract_size=Decimal(1),
    leverage_max=Decimal(1),
    maintenance_rate=Decimal(0),
    notional_min=Decimal(3),
    fee_rate_taker=Decimal("0.002"),
)
QUOTE = Quote("BTC/USDT:USDT", Decimal("9999.9"), Decimal(10000), NOW)
RULES = SizingRules(
    risk_usd=Decimal(15),
    exposure_usd=Decimal(5000),
    available_usd=Decimal(10_000),
    equity_usd=Decimal(10_000),
    leverage=Decimal(5),
)


def signal(**changes: Any) -> Signal:
    plain = Signal(SWAP.symbol, Side.BUY, "manual", Decimal("0.9"), NOW)
    return replace(plain, **changes)


def context(**changes: Any) -> RiskContext:
    plain = RiskContext(
        now=NOW,
        quote=QUOTE,
        balance=Balance(Decimal(10_000), Decimal(0), Decimal(0), Decimal(0)),
        record=Record(equity=Decimal(10_000), peak_equity=Decimal(10_000)),
        reservation=Reservation(MarketType.SWAP, "USDT", Decimal(100)),
    )
    return replace(plain, **changes)


def order(**changes: Any) -> Order:
    plain = Order(
        order_id="o1",
        client_id="t-1",
        trade_id="t1",
        symbol=SWAP.symbol,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        purpose=Purpose.ENTRY,
        quantity=Decimal(10),
        time_in_force=TimeInForce.GTC,
        created_at=NOW,
        expires_at=NOW,
        price=Decimal(100),
    )
    return replace(plain, **changes)


def fill(side: Side, quantity: str | Decimal, price: str | Decimal = "100", **changes: Any) -> Fill:
    plain = Fill(
        fill_id="f1",
        order_venue_id="v1",
        symbol=SWAP.symbol,
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(0),
        fee_currency="USDT",
        at=NOW,
    )
    return replace(plain, **changes)


def position(**changes: Any) -> Position:
    plain = Position("p1", "t1", SWAP.symbol, Side.BUY, NOW)
    return replace(plain, **changes)
