"""What the API takes in: strict, finite, bounded; every wrong field is named."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from cerberus.domain.market import MarketType, parse_symbol
from cerberus.domain.signals import (
    EntryType,
    Level,
    Side,
    Signal,
    Size,
    SizeUnit,
    TimeInForce,
)
from cerberus.services.judge import Wish

#: money, prices and quantities: no venue knows more digits, and no sum here overflows
Positive = Annotated[Decimal, Field(gt=0, le=Decimal("1e12"), decimal_places=12)]
NotNegative = Annotated[Decimal, Field(ge=0, le=Decimal("1e12"), decimal_places=12)]
Percent = Annotated[Decimal, Field(gt=0, lt=100, decimal_places=6)]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
]
SymbolText = Annotated[str, Field(min_length=3, max_length=48, examples=["BTC/USDT"])]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:+(),-]{0,127}$")]


class Input(BaseModel):
    """A body; a field that is not known is refused, since it may be a misspelt limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignalIn(Input):
    """A signal as a caller tells it."""

    symbol: SymbolText
    side: Side
    strategy: Name = "manual"
    confidence: Annotated[Decimal, Field(ge=0, le=1, decimal_places=12)] = Decimal(1)
    entry_type: EntryType = EntryType.MARKET
    price: Positive | None = None
    trigger_price: Positive | None = None
    stop_loss: Positive | None = None
    stop_loss_percent: Percent | None = None
    trailing_stop_percent: Percent | None = None
    take_profit: Positive | None = None
    take_profit_percent: Annotated[Decimal, Field(gt=0, le=1000, decimal_places=6)] | None = None
    quantity: NotNegative | None = None
    size_usd: NotNegative | None = None
    size_percent: Annotated[Decimal, Field(ge=0, le=10000, decimal_places=6)] | None = None
    time_in_force: TimeInForce | None = None
    leverage: Annotated[int, Field(ge=1, le=125)] | None = None
    created_at: Moment | None = None
    expires_at: Moment | None = None
    id: Identifier | None = None
    timeframe: Annotated[str, Field(pattern=r"^[0-9]{1,3}[smhdwM]$")] | None = None
    bar: Moment | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        sizes = (self.quantity, self.size_usd, self.size_percent)
        if sum(size is not None for size in sizes) > 1:
            raise ValueError("give only one of quantity, size_usd and size_percent")
        for absolute, percent in (
            ("stop_loss", "stop_loss_percent"),
            ("take_profit", "take_profit_percent"),
        ):
            if getattr(self, absolute) is not None and getattr(self, percent) is not None:
                raise ValueError(f"give either {absolute} or {percent}")
        if self.entry_type is EntryType.LIMIT and self.price is None:
            raise ValueError("a limit entry needs a price")
        if self.entry_type is EntryType.MARKET and self.price is not None:
            raise ValueError("a market entry takes no price")
        return self

    def to_signal(self, default: MarketType, now: datetime) -> Signal:
        """Return the signal as the domain knows it; without a time it is from now."""
        return Signal(
            symbol=parse_symbol(self.symbol, default),
            side=self.side,
            strategy=self.strategy,
            confidence=self.confidence,
            created_at=(self.created_at or now).astimezone(UTC),
            entry_type=self.entry_type,
            price=self.price,
            stop_loss=_level(self.stop_loss, self.stop_loss_percent),
            take_profit=_level(self.take_profit, self.take_profit_percent),
            size=self._size(),
            time_in_force=self.time_in_force,
            leverage=None if self.leverage is None else Decimal(self.leverage),
            expires_at=self.expires_at and self.expires_at.astimezone(UTC),
            signal_id=self.id,
            timeframe=self.timeframe,
            bar=self.bar and self.bar.astimezone(UTC),
            reason=self.reason,
            trailing_percent=self.trailing_stop_percent,
            trigger_price=self.trigger_price,
        )

    def _size(self) -> Size | None:
        if self.quantity is not None:
            return Size(self.quantity, SizeUnit.QUANTITY)
        if self.size_usd is not None:
            return Size(self.size_usd, SizeUnit.USD)
        return None if self.size_percent is None else Size(self.size_percent, SizeUnit.PERCENT)


class WishIn(Input):
    """Limits of the caller's own; they only tighten the settings."""

    risk_threshold_usd: Positive | None = None
    max_leverage: Annotated[Decimal, Field(ge=1, le=125)] | None = None
    force_execution: bool = False

    def to_wish(self) -> Wish:
        """Return the wish as the services know it."""
        return Wish(self.risk_threshold_usd, self.max_leverage, self.force_execution)


class AssessIn(WishIn):
    """A signal to be assessed."""

    signal: SignalIn


class TradeIn(WishIn):
    """A signal to be executed, told now or taken in before."""

    signal: SignalIn | None = None
    signal_id: Identifier | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.signal is None) == (self.signal_id is None):
            raise ValueError("give either signal or signal_id")
        return self


class EvaluateIn(Input):
    """Which symbols to evaluate; by default those of the settings."""

    symbols: Annotated[list[SymbolText], Field(max_length=50)] | None = None
    timeframe: Annotated[str, Field(pattern=r"^[0-9]{1,3}[smhdwM]$")] | None = None


class ReasonIn(Input):
    """Why something is done."""

    reason: Annotated[str, Field(min_length=1, max_length=500)] = "asked by a person"


class MaintenanceIn(ReasonIn):
    """Whether entries are held back for maintenance, and until when; without an end until told."""

    on: bool
    until: Moment | None = None
    minutes: Annotated[int, Field(ge=1, le=10_080, description="instead of `until`")] | None = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.until is not None and self.minutes is not None:
            raise ValueError("give either until or minutes")
        if not self.on and (self.until is not None or self.minutes is not None):
            raise ValueError("an end, until or minutes, needs on to be true")
        return self

    @property
    def lasting(self) -> timedelta | None:
        """How long entries are held back, where that was told."""
        return None if self.minutes is None else timedelta(minutes=self.minutes)


class ReleaseIn(Input):
    """The confirmation of a release; without it one is asked for."""

    confirmation: Annotated[str, Field(min_length=1, max_length=64)] | None = None


def _level(absolute: Decimal | None, percent: Decimal | None) -> Level | None:
    if absolute is not None:
        return Level(absolute)
    return None if percent is None else Level(percent, is_percent=True)
