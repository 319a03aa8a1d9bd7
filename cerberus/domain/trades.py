"""Trades and the records of signals: one signal, at most one trade, from entry to exit."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from cerberus.domain.risk import Check
from cerberus.domain.signals import Side, Signal


class SignalStatus(StrEnum):
    """What has become of a signal."""

    RECEIVED = "received"
    APPROVED = "approved"
    REFUSED = "refused"
    TRADED = "traded"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as it is kept and shown: every check, and the plan's numbers."""

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
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """A signal that was accepted for judgement, with what was decided."""

    signal_id: str
    external_id: str | None
    fingerprint: str
    symbol: str
    received_at: datetime
    signal: Signal
    status: SignalStatus = SignalStatus.RECEIVED
    verdict: Verdict | None = None
    trade_id: str | None = None


class TradeStatus(StrEnum):
    """Where a trade is."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    OPEN = "open"
    CLOSED = "closed"
    NOT_PLACED = "not_placed"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to the trade any more."""
        return self in (TradeStatus.CLOSED, TradeStatus.NOT_PLACED)


@dataclass(frozen=True, slots=True)
class Trade:
    """One entry and what came of it; prices are those of the plan."""

    trade_id: str
    signal_id: str
    symbol: str
    side: Side
    strategy: str
    quantity: Decimal
    entry_price: Decimal
    stop_price: Decimal
    target_price: Decimal
    leverage: Decimal
    created_at: datetime
    status: TradeStatus = TradeStatus.PENDING
    opened_at: datetime | None = None
    protected_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str = ""
    trailing_percent: Decimal | None = None
    trailed_stop: Decimal | None = None

    @property
    def present_stop(self) -> Decimal:
        """Where the stop should be now: as planned, or as far as it has followed the price."""
        return self.stop_price if self.trailed_stop is None else self.trailed_stop

    @property
    def seconds_unprotected(self) -> float | None:
        """Seconds between the first fill and the moment when all exits were in place."""
        if self.opened_at is None or self.protected_at is None:
            return None
        return (self.protected_at - self.opened_at).total_seconds()

    def moved(self, status: TradeStatus, reason: str = "") -> "Trade":
        """Return the trade in another state."""
        return replace(self, status=status, close_reason=reason or self.close_reason)
