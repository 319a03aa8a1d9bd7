"""What is traded and at which price: instruments, quotes, candles, symbols and steps."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum

from cerberus.errors import Invalid

ZERO = Decimal(0)
ONE = Decimal(1)

#: digits enough for any quotient of two amounts, so that it is never rounded to a whole step
_EXACT = Context(prec=80)
#: quotes that a symbol without a separator may end with, longest first
_QUOTES = ("USDT", "USDC", "USD", "BTC", "ETH")
_SYMBOL = re.compile(
    r"(?P<base>[A-Z0-9]{1,20})[/_](?P<quote>[A-Z0-9]{2,10})(?::(?P<settle>[A-Z0-9]{2,10}))?"
)


class MarketType(StrEnum):
    """The two kinds of market that are traded."""

    SPOT = "spot"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A market with its limits, in units of the base currency; the edge converts contracts.

    `contract_size` is the base quantity of one contract, 1 on spot markets.
    """

    symbol: str
    base: str
    quote: str
    market_type: MarketType
    price_tick: Decimal
    quantity_step: Decimal
    quantity_min: Decimal
    notional_min: Decimal
    fee_rate_taker: Decimal
    fee_rate_maker: Decimal
    contract_size: Decimal = ONE
    leverage_max: Decimal = ONE
    maintenance_rate: Decimal = ZERO

    def __post_init__(self) -> None:
        for name in ("price_tick", "quantity_step", "contract_size", "leverage_max"):
            value = getattr(self, name)
            if not (value.is_finite() and value > 0):
                raise ValueError(f"{name} of {self.symbol} must be above 0, was {value}")
        for name in ("quantity_min", "notional_min", "maintenance_rate"):
            value = getattr(self, name)
            if not (value.is_finite() and value >= 0):
                raise ValueError(f"{name} of {self.symbol} must be at least 0, was {value}")

    @property
    def is_swap(self) -> bool:
        """Whether the market is a perpetual, margined in the quote currency."""
        return self.market_type is MarketType.SWAP


@dataclass(frozen=True, slots=True)
class Quote:
    """The best prices of a market at a moment of market time."""

    symbol: str
    bid: Decimal
    ask: Decimal
    at: datetime

    def __post_init__(self) -> None:
        if not (self.bid.is_finite() and self.ask.is_finite() and 0 < self.bid <= self.ask):
            raise ValueError(f"bid {self.bid} and ask {self.ask} of {self.symbol} are no quote")

    @property
    def mid(self) -> Decimal:
        """The price half-way between bid and ask."""
        return (self.bid + self.ask) / 2

    @property
    def spread_rate(self) -> Decimal:
        """The spread as a share of the mid price."""
        return (self.ask - self.bid) / self.mid


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar; `opened_at` is its start."""

    opened_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def parse_symbol(text: str, default: MarketType) -> str:
    """Return the unified symbol for any accepted spelling.

    ==================  ==============  =================
    text                default         result
    ==================  ==============  =================
    ``BTCUSDT``         ``swap``        ``BTC/USDT:USDT``
    ``BTC_USDT``        ``spot``        ``BTC/USDT``
    ``BTC/USDT``        ``swap``        ``BTC/USDT:USDT``
    ``BTC_USDT:USDT``   either          ``BTC/USDT:USDT``
    ==================  ==============  =================

    Raises
    ------
    Invalid
        The text is not a symbol.
    """
    # other alphabets have letters whose capitals are ours
    upper = text.upper() if text.isascii() else ""
    found = _SYMBOL.fullmatch(upper)
    if found is None:
        for quote in _QUOTES:
            base = upper.removesuffix(quote)
            if base != upper and base.isalnum() and len(base) <= 20:
                return _unified(base, quote, None, default)
        raise Invalid("symbol", f"expected a form like BTC/USDT or BTCUSDT, was {text[:40]!r}")
    return _unified(found["base"], found["quote"], found["settle"], default)


def round_down(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of the step that is not above the value."""
    return _EXACT.multiply(_EXACT.divide(value, step).to_integral_value(ROUND_FLOOR), step)


def round_up(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of the step that is not below the value."""
    return _EXACT.multiply(_EXACT.divide(value, step).to_integral_value(ROUND_CEILING), step)


def is_on_step(value: Decimal, step: Decimal) -> bool:
    """Return whether the value is a whole multiple of the step."""
    return value.is_finite() and _EXACT.remainder(value, step) == 0


def _unified(base: str, quote: str, settle: str | None, default: MarketType) -> str:
    if settle is not None:
        return f"{base}/{quote}:{settle}"
    return f"{base}/{quote}:{quote}" if default is MarketType.SWAP else f"{base}/{quote}"
