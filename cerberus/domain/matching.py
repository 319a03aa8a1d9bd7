"""How an order meets the market: the rules of the paper exchange and of the backtester.

Every function is pure. A price comes from a real candle, a book is made from that price, a taker
walks the book, and a resting order waits for a later price to trade through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

ZERO = Decimal(0)
ONE = Decimal(1)
TWO = Decimal(2)

#: seconds into a minute at which its four prices trade
PATH_SECONDS = (0, 15, 30, 45)


class Side(StrEnum):
    """The direction of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The other direction."""
        return Side.SELL if self is Side.BUY else Side.BUY


class TimeInForce(StrEnum):
    """What becomes of the part of an order that does not fill at once, in Gate.io's words."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    POC = "poc"


class TriggerRule(StrEnum):
    """On which side of its trigger price an order fires."""

    AT_OR_ABOVE = ">="
    AT_OR_BELOW = "<="


class Fate(StrEnum):
    """What becomes of an order on arrival."""

    FILLED = "filled"
    RESTS = "rests"
    CANCELLED = "cancelled"
    KILLED = "killed"
    WOULD_TAKE = "would_take"


@dataclass(frozen=True, slots=True)
class Bar:
    """One candle; the prices are real."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def __post_init__(self) -> None:
        if not ZERO < self.low <= min(self.open, self.close):
            raise ValueError(f"low {self.low} is not above 0 and below open and close")
        if self.high < max(self.open, self.close):
            raise ValueError(f"high {self.high} is below open {self.open} or close {self.close}")
        if self.volume < ZERO:
            raise ValueError(f"volume {self.volume} is negative")


@dataclass(frozen=True, slots=True)
class BookShape:
    """How a book is made from one price.

    `depth_bars` is what each side offers in multiples of the bar's volume, `depth_notional_min` the
    least it is worth. Level n of `levels` holds n parts of it, so that depth grows with distance.
    """

    tick: Decimal
    step: Decimal
    spread_rate: Decimal
    gap_rate: Decimal
    levels: int
    depth_bars: Decimal
    depth_notional_min: Decimal


@dataclass(frozen=True, slots=True)
class Level:
    """A price and the quantity that trades at it."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides, best price first."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    def against(self, side: Side) -> tuple[Level, ...]:
        """Return the levels that an order of this side takes."""
        return self.asks if side is Side.BUY else self.bids


@dataclass(frozen=True, slots=True)
class Arrival:
    """The outcome of an order's arrival: what filled, what is left, and its fate."""

    executions: tuple[Level, ...]
    left: Decimal
    fate: Fate


def price_path(bar: Bar) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return the order in which a bar's prices trade: the far extreme comes last but one."""
    if bar.close >= bar.open:
        return (bar.open, bar.low, bar.high, bar.close)
    return (bar.open, bar.high, bar.low, bar.close)


def make_book(last: Decimal, volume: Decimal, shape: BookShape) -> Book:
    """Make the book around the last real price; the same input gives the same book."""
    half = last * shape.spread_rate / TWO
    best_ask = _up(last + half, shape.tick)
    best_bid = max(shape.tick, _down(last - half, shape.tick))
    gap = max(shape.tick, _down(last * shape.gap_rate, shape.tick))
    depth = max(volume * shape.depth_bars, shape.depth_notional_min / last)
    unit = depth * TWO / (shape.levels * (shape.levels + 1))
    sizes = [max(shape.step, _down(unit * (n + 1), shape.step)) for n in range(shape.levels)]
    bids = (best_bid - gap * n for n in range(shape.levels))
    asks = (best_ask + gap * n for n in range(shape.levels))
    return Book(
        bids=tuple(Level(p, s) for p, s in zip(bids, sizes, strict=True) if p > ZERO),
        asks=tuple(Level(p, s) for p, s in zip(asks, sizes, strict=True)),
    )


def take(
    levels: Sequence[Level], side: Side, quantity: Decimal, limit: Decimal | None
) -> tuple[Level, ...]:
    """Walk the levels until the quantity is filled, the limit is passed or the book ends."""
    executions = []
    left = quantity
    for level in levels:
        if left <= ZERO or (limit is not None and not _within(side, level.price, limit)):
            break
        filled = min(left, level.quantity)
        executions.append(Level(level.price, filled))
        left -= filled
    return tuple(executions)


def take_budget(levels: Sequence[Level], budget: Decimal, step: Decimal) -> tuple[Level, ...]:
    """Buy with a budget in quote currency, in whole steps, until it or the book ends."""
    executions = []
    left = budget
    for level in levels:
        filled = min(level.quantity, _down(left / level.price, step))
        if filled <= ZERO:
            break
        executions.append(Level(level.price, filled))
        left -= filled * level.price
    return tuple(executions)


def arrive(
    book: Book, side: Side, quantity: Decimal, limit: Decimal | None, tif: TimeInForce
) -> Arrival:
    """Decide what an order does on arrival; `limit` is None for a market order."""
    executions = take(book.against(side), side, quantity, limit)
    left = quantity - sum((execution.quantity for execution in executions), ZERO)
    if tif is TimeInForce.POC:
        fate = Fate.WOULD_TAKE if executions else Fate.RESTS
        return Arrival((), quantity, fate)
    if left == ZERO:
        return Arrival(executions, left, Fate.FILLED)
    if tif is TimeInForce.FOK:
        return Arrival((), quantity, Fate.KILLED)
    if tif is TimeInForce.IOC or limit is None:
        return Arrival(executions, left, Fate.CANCELLED)
    return Arrival(executions, left, Fate.RESTS)


def trades_through(side: Side, limit: Decimal, price: Decimal) -> bool:
    """Whether a later price fills a resting order: strictly beyond its limit, never on touch."""
    return price < limit if side is Side.BUY else price > limit


def is_triggered(rule: TriggerRule, trigger_price: Decimal, price: Decimal) -> bool:
    """Whether the last price fires a trigger; the trigger price itself does."""
    return price >= trigger_price if rule is TriggerRule.AT_OR_ABOVE else price <= trigger_price


def cost(executions: Sequence[Level]) -> Decimal:
    """Return the value of executions in quote currency."""
    return sum((execution.price * execution.quantity for execution in executions), ZERO)


def _within(side: Side, price: Decimal, limit: Decimal) -> bool:
    return price <= limit if side is Side.BUY else price >= limit


def _down(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def _up(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_CEILING) * step
