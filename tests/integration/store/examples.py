"""Records with every field set, and an open store on one database."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from cerberus.adapters.store import SqlStore
from cerberus.domain.answers import Answer
from cerberus.domain.exits import Exit, ExitKind, ExitStatus
from cerberus.domain.fills import Fill
from cerberus.domain.orders import Order, OrderStatus, OrderType, Purpose
from cerberus.domain.positions import Position
from cerberus.domain.risk import Check
from cerberus.domain.signals import (
    EntryType,
    Level,
    Side,
    Signal,
    Size,
    SizeUnit,
    TimeInForce,
    fingerprint,
)
from cerberus.domain.trades import SignalRecord, SignalStatus, Trade, TradeStatus, Verdict
from cerberus.ports import Transaction

Result = TypeVar("Result")
D = Decimal
NOW = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(seconds=7)
SYMBOL = "BTC/USDT:USDT"
#: exact in text only: 28 digits, and one that a float would lose
LONG, TINY = D("123456789012345.1234567890123"), D("0.000000000001")

SIGNAL = Signal(
    symbol=SYMBOL,
    side=Side.SELL,
    strategy="rsi reversion",
    confidence=D("0.70"),
    created_at=NOW,
    entry_type=EntryType.LIMIT,
    price=LONG,
    stop_loss=Level(D("2.50"), is_percent=True),
    take_profit=Level(TINY),
    size=Size(D("1.10"), SizeUnit.PERCENT),
    time_in_force=TimeInForce.POST_ONLY,
    leverage=D(5),
    expires_at=LATER,
    signal_id="their-id",
    timeframe="5m",
    bar=NOW,
    reason="a 'quoted' \u20ac reason; with \\ and \n",
)
VERDICT = Verdict(
    approved=True,
    refused_by="",
    reason="r",
    value="1",
    limit="2",
    quantity=LONG,
    entry_price=TINY,
    stop_price=D("1E+3"),
    target_price=D(-1),
    leverage=D("5.0"),
    risk_usd=D(0),
    checks=(
        Check("spread", True, "0.1", "0.3", "", False),
        Check("hours", False, "", "", "x", True),
    ),
)


def signal_record(number: int = 1, **changes: Any) -> SignalRecord:
    told = replace(SIGNAL, signal_id=f"their-{number}")
    plain = SignalRecord(f"s{number}", told.signal_id, fingerprint(told), SYMBOL, NOW, told)
    return replace(plain, **changes)


def trade(number: int = 1, **changes: Any) -> Trade:
    plain = Trade(
        f"t{number}", f"s{number}", SYMBOL, Side.BUY, "m", LONG, TINY, D(1), D(2), D(3), NOW
    )
    return replace(plain, **changes)


def order(number: int = 1, **changes: Any) -> Order:
    plain = Order(
        order_id=f"o{number}",
        client_id=f"t-{number}",
        trade_id="t1",
        symbol=SYMBOL,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        purpose=Purpose.ENTRY,
        quantity=D(10),
        time_in_force=TimeInForce.FOK,
        created_at=NOW,
        expires_at=LATER,
    )
    return replace(plain, **changes)


FULL_TRADE = trade(
    status=TradeStatus.CLOSED,
    opened_at=NOW,
    protected_at=LATER,
    closed_at=LATER,
    close_reason="stop",
    trailing_percent=D("1.50"),
    trailed_stop=LONG,
)
FULL_ORDER = order(
    price=LONG,
    leverage=D("7.5"),
    status=OrderStatus.PARTLY_FILLED,
    venue_id="v1",
    filled_quantity=TINY,
    average_price=LONG,
    misses=2,
    reason="because",
    trigger_price=TINY,
)
FILL = Fill("f1", "v1", SYMBOL, Side.BUY, TINY, LONG, D("-0.5"), "GT", NOW)
FULL_POSITION = Position(
    "p1", "t1", SYMBOL, Side.SELL, NOW, LONG, TINY, D(1), D("-2.50"), D("0.1"), TINY, LATER
)
FULL_EXIT = Exit(
    "e1",
    "t1",
    SYMBOL,
    Side.SELL,
    ExitKind.TARGET,
    LONG,
    NOW,
    TINY,
    ExitStatus.WATCHED,
    "v9",
    NOW,
    LATER,
    "because",
)
ANSWER = Answer(
    "admin POST /api/trades", "key-1", "ff" * 32, "instance", NOW, 201, '{"a": "\u20ac"}'
)


def position(number: int = 1, **changes: Any) -> Position:
    return replace(Position(f"p{number}", f"t{number}", SYMBOL, Side.BUY, NOW), **changes)


def planned(number: int = 1, **changes: Any) -> Exit:
    plain = Exit(f"e{number}", "t1", SYMBOL, Side.SELL, ExitKind.STOP, D(98), NOW)
    return replace(plain, **changes)


def settled(number: int = 1) -> SignalRecord:
    return signal_record(number, status=SignalStatus.TRADED, verdict=VERDICT, trade_id="t1")


def add_trade(transaction: Transaction, number: int = 1, **changes: Any) -> None:
    """Store a signal and its trade, which everything else belongs to."""
    transaction.signals.add(signal_record(number))
    transaction.trades.add(trade(number, **changes))


class Blocking:
    """A store whose calls wait for their result, for tests that need no loop."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(url)

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        return asyncio.run(self.store.write(work))

    def read(self, work: Callable[[Transaction], Result]) -> Result:
        return asyncio.run(self.store.read(work))
