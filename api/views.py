"""What the API gives out of signals and decisions."""

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict

from cerberus.domain.signals import EntryType, Side, Signal, SizeUnit, TimeInForce
from cerberus.domain.trades import SignalRecord, SignalStatus, Verdict


class View(BaseModel):
    """An answer; its fields have the names of the domain's."""

    model_config = ConfigDict(from_attributes=True)


class CheckOut(View):
    """One risk check."""

    name: str
    passed: bool
    is_soft: bool
    value: str
    limit: str
    reason: str


class VerdictOut(View):
    """A risk decision with every check."""

    approved: bool
    refused_by: str
    reason: str
    value: str
    limit: str
    quantity: Decimal
    entry_price: Decimal
    stop_price: Decimal
    target_price: Decimal
    leverage: Decimal
    risk_usd: Decimal
    checks: list[CheckOut]


_SIZE_FIELDS = {
    SizeUnit.QUANTITY: "quantity",
    SizeUnit.USD: "size_usd",
    SizeUnit.PERCENT: "size_percent",
}


class SignalOut(View):
    """A signal in the form in which it is taken in."""

    symbol: str
    side: Side
    strategy: str
    confidence: Decimal
    entry_type: EntryType
    created_at: datetime
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    stop_loss: Decimal | None = None
    stop_loss_percent: Decimal | None = None
    trailing_stop_percent: Decimal | None = None
    take_profit: Decimal | None = None
    take_profit_percent: Decimal | None = None
    quantity: Decimal | None = None
    size_usd: Decimal | None = None
    size_percent: Decimal | None = None
    time_in_force: TimeInForce | None = None
    leverage: int | None = None
    expires_at: datetime | None = None
    id: str | None = None
    timeframe: str | None = None
    bar: datetime | None = None
    reason: str = ""

    @classmethod
    def of(cls, signal: Signal) -> Self:
        """Return the view of a signal; what `SignalIn` takes in comes out again."""
        levels: dict[str, Decimal] = {}
        for name, level in (("stop_loss", signal.stop_loss), ("take_profit", signal.take_profit)):
            if level is not None:
                levels[f"{name}_percent" if level.is_percent else name] = level.value
        names = {
            SizeUnit.QUANTITY: "quantity",
            SizeUnit.USD: "size_usd",
            SizeUnit.PERCENT: "size_percent",
        }
        sizes = {} if signal.size is None else {names[signal.size.unit]: signal.size.value}
        return cls(
            symbol=signal.symbol,
            side=signal.side,
            strategy=signal.strategy,
            confidence=signal.confidence,
            entry_type=signal.entry_type,
            created_at=signal.created_at,
            price=signal.price,
            trigger_price=signal.trigger_price,
            trailing_stop_percent=signal.trailing_percent,
            time_in_force=signal.time_in_force,
            leverage=None if signal.leverage is None else int(signal.leverage),
            expires_at=signal.expires_at,
            id=signal.signal_id,
            timeframe=signal.timeframe,
            bar=signal.bar,
            reason=signal.reason,
            **levels,
            **sizes,
        )


class SignalRecordOut(BaseModel):
    """A signal that was taken in, with what became of it."""

    signal_id: str
    status: SignalStatus
    received_at: datetime
    duplicate_of: str | None = None
    trade_id: str | None = None
    signal: SignalOut
    decision: VerdictOut | None = None

    @classmethod
    def of(cls, record: SignalRecord, duplicate_of: str | None = None) -> Self:
        """Return the view of a record."""
        return cls(
            signal_id=record.signal_id,
            status=record.status,
            received_at=record.received_at,
            duplicate_of=duplicate_of,
            trade_id=record.trade_id,
            signal=SignalOut.of(record.signal),
            decision=decision_out(record.verdict),
        )


def decision_out(verdict: Verdict | None) -> VerdictOut | None:
    """Return the view of a verdict."""
    return None if verdict is None else VerdictOut.model_validate(verdict)
