"""A signal: somebody's wish to enter or leave a market, before anyone has judged it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from cerberus.domain.market import ONE

#: a signal without an id or a bar is a duplicate of an equal one for this long (UTC)
DUPLICATE_WINDOW = timedelta(seconds=300)


class Side(StrEnum):
    """Buy or sell."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """1 for buy, -1 for sell."""
        return 1 if self is Side.BUY else -1


class EntryType(StrEnum):
    """How a signal wants to enter."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"

    @property
    def is_triggered(self) -> bool:
        """Whether it waits for a price before anything is sent."""
        return self not in (EntryType.MARKET, EntryType.LIMIT)

    @property
    def has_limit(self) -> bool:
        """Whether it names the price that it trades at, at worst."""
        return self in (EntryType.LIMIT, EntryType.STOP_LIMIT, EntryType.TAKE_PROFIT_LIMIT)


class TimeInForce(StrEnum):
    """How long an order stays."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post_only"


@dataclass(frozen=True, slots=True)
class Level:
    """A price, or a distance from the entry in percent."""

    value: Decimal
    is_percent: bool = False

    def below(self, entry: Decimal) -> Decimal:
        """Return the price when the level lies below the entry."""
        return entry * (ONE - self.value / 100) if self.is_percent else self.value

    def above(self, entry: Decimal) -> Decimal:
        """Return the price when the level lies above the entry."""
        return entry * (ONE + self.value / 100) if self.is_percent else self.value


class SizeUnit(StrEnum):
    """What a size counts."""

    QUANTITY = "quantity"
    USD = "usd"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Size:
    """How much: a base quantity, a notional in USD, or a notional in percent of equity."""

    value: Decimal
    unit: SizeUnit = SizeUnit.QUANTITY


@dataclass(frozen=True, slots=True)
class Signal:
    """A wish to trade; `signal_id` or `bar` make it unique for ever, else its content does."""

    symbol: str
    side: Side
    strategy: str
    confidence: Decimal
    created_at: datetime
    entry_type: EntryType = EntryType.MARKET
    price: Decimal | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    size: Size | None = None
    time_in_force: TimeInForce | None = None
    leverage: Decimal | None = None
    expires_at: datetime | None = None
    signal_id: str | None = None
    timeframe: str | None = None
    bar: datetime | None = None
    reason: str = ""
    #: the stop follows the price at this distance
    trailing_percent: Decimal | None = None
    #: the entry waits for this price
    trigger_price: Decimal | None = None

    @property
    def is_identified(self) -> bool:
        """Whether the signal carries what makes it unique for ever."""
        return self.signal_id is not None or self.bar is not None


def fingerprint(signal: Signal) -> str:
    """Return the SHA-256 by which two signals are the same one."""
    parts: list[object] = [signal.strategy, signal.symbol, signal.side, signal.timeframe]
    if signal.signal_id is not None:
        parts += ["id", signal.signal_id]
    elif signal.bar is not None:
        parts += ["bar", signal.bar.astimezone(UTC).isoformat()]
    else:
        parts += ["content", signal.entry_type, *_content(signal)]
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def waits_above(kind: EntryType, side: Side) -> bool:
    """Return whether a trigger is hit from below.

    ==============  ==================  ==================
    entry           buy                 sell
    ==============  ==================  ==================
    stop            at or above         at or below
    take profit     at or below         at or above
    ==============  ==================  ==================
    """
    is_stop = kind in (EntryType.STOP, EntryType.STOP_LIMIT)
    return is_stop == (side is Side.BUY)


def exit_prices(signal: Signal, entry: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Return stop and target as prices for an entry at the given price."""
    stop, target = signal.stop_loss, signal.take_profit
    is_long = signal.side is Side.BUY
    stop_price = None if stop is None else (stop.below(entry) if is_long else stop.above(entry))
    target_price = (
        None if target is None else target.above(entry) if is_long else target.below(entry)
    )
    return stop_price, target_price


def _content(signal: Signal) -> list[object]:
    # one spelling for each number: 1.50 is 1.5
    size, stop, target = signal.size, signal.stop_loss, signal.take_profit
    return [
        _plain(signal.price),
        *((None, None) if size is None else (_plain(size.value), size.unit)),
        *((None, None) if stop is None else (_plain(stop.value), stop.is_percent)),
        *((None, None) if target is None else (_plain(target.value), target.is_percent)),
        # left out where there is none, as before there was such a field
        *(() if signal.trailing_percent is None else (_plain(signal.trailing_percent),)),
        *(() if signal.trigger_price is None else ("trigger", _plain(signal.trigger_price))),
    ]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
