"""The short form at `POST /trade/signal`: common spellings in, one flat answer out."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas import Identifier, Moment, Name, NotNegative, Positive, SignalIn, SymbolText
from cerberus.domain.signals import EntryType, Side, TimeInForce


class TradeSignalIn(BaseModel):
    """A signal in its short form; a field that is not known is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    symbol: SymbolText
    side: Literal["buy", "sell", "long", "short"]
    quantity: NotNegative | None = None
    order_type: EntryType = EntryType.MARKET
    price: Positive | None = None
    trigger_price: Positive | None = None
    time_in_force: TimeInForce | None = None
    stop_loss: Positive | None = None
    take_profit: Positive | None = None
    leverage: Annotated[int, Field(ge=1, le=125)] | None = None
    confidence: Annotated[Decimal, Field(ge=0, le=1, decimal_places=12)] = Decimal(1)
    strategy: Name = "manual"
    signal_id: Identifier | None = None
    timestamp: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _spellings(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        told = dict(value)
        for name, other in (("side", "action"), ("quantity", "amount"), ("order_type", "type")):
            if name not in told and other in told:
                told[name] = told[other]
        for name in ("side", "order_type", "time_in_force"):
            if isinstance(told.get(name), str):
                told[name] = told[name].lower().replace("-", "_")
        return told

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.order_type.has_limit and self.price is None:
            raise ValueError(f"a {self.order_type} order needs a price")
        return self

    def to_signal_in(self) -> SignalIn:
        """Return the same signal in the long form."""
        is_buy = self.side in ("buy", "long")
        return SignalIn(
            symbol=self.symbol,
            side=Side.BUY if is_buy else Side.SELL,
            strategy=self.strategy,
            confidence=self.confidence,
            entry_type=self.order_type,
            price=self.price if self.order_type.has_limit else None,
            trigger_price=self.trigger_price,
            time_in_force=self.time_in_force if self.order_type.has_limit else None,
            stop_loss=self.stop_loss,
            take_profit=self.take_profit,
            quantity=self.quantity,
            leverage=self.leverage,
            created_at=self.timestamp,
            id=self.signal_id,
        )


class TradeSignalOut(BaseModel):
    """What became of a signal in its short form; `success` means that an order is at work."""

    success: bool
    status: str
    message: str
    signal_id: str
    trade_id: str | None = None
    order_id: str | None = None
    duplicate_of: str | None = None
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
