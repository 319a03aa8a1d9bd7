"""One trade over candles: where it would have been entered, where left, and what it had made.

==============  ===================================================================================
step            price
==============  ===================================================================================
market entry    open of the first bar that begins at or after the signal, and slippage
limit entry     taken at the first bar's open where that lies within the limit; else it rests, and
                fills at its limit once a bar trades through it
stop            its trigger, or the open of a bar that begins beyond it, and slippage
target          likewise; in a bar that reaches both, the stop comes first
trailing stop   follows the best price of the bars before, by the rule of live trading
close           what somebody has closed: open of the first bar from that moment on, and slippage
==============  ===================================================================================
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from cerberus.domain import matching
from cerberus.domain.market import ONE, ZERO, Candle
from cerberus.domain.positions import profit
from cerberus.domain.signals import Side, TimeInForce
from cerberus.domain.trailing import trailed_stop

STOP, TARGET = "stop", "target"


class Stand(StrEnum):
    """How far the candles have brought a trade; `waiting` is not entered yet."""

    WAITING = "waiting"
    UNFILLED = "unfilled"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Close:
    """A close that no price caused: by a person, or by a signal of the other side."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trade as it is planned when its signal comes; `limit` is None for a market entry."""

    side: Side
    at: datetime
    stop: Decimal
    target: Decimal
    limit: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    trailing_percent: Decimal | None = None
    #: an entry that rests is taken back then
    until: datetime | None = None
    close: Close | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs: a share of the price for slippage, and of the value for fees."""

    slippage_rate: Decimal
    taker_rate: Decimal
    maker_rate: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """An entry or an exit: the bar in which it happened, its price, and its fee's rate."""

    at: datetime
    price: Decimal
    fee_rate: Decimal


@dataclass(frozen=True, slots=True)
class Course:
    """What the candles make of a trade."""

    stand: Stand
    entry: Leg | None = None
    exit: Leg | None = None
    reason: str = ""

    def net(self, side: Side, quantity: Decimal) -> Decimal | None:
        """Return what a quantity has made after fees, None while it is not closed."""
        if self.entry is None or self.exit is None:
            return None
        fees = sum((leg.price * leg.fee_rate for leg in (self.entry, self.exit)), ZERO)
        return profit(side, self.entry.price, self.exit.price, quantity) - fees * quantity


@dataclass(frozen=True, slots=True)
class _Entered:
    """An entry; one that has rested came somewhere within its bar, not at the open."""

    leg: Leg
    index: int
    has_rested: bool = False


def follow(wanted: Wanted, bars: Sequence[Candle], costs: Costs) -> Course:
    """Return the course of a trade.

    Parameters
    ----------
    bars
        Closed, oldest first; those before the signal are passed over.
    """
    later = bars[bisect_left(bars, wanted.at, key=attrgetter("opened_at")) :]
    entered = _enter(wanted, later, costs)
    if isinstance(entered, Stand):
        return Course(entered)
    stop = wanted.stop
    for index in range(entered.index, len(later)):
        bar = later[index]
        is_within = entered.has_rested and index == entered.index
        found = _leave(wanted, stop, bar, is_within=is_within)
        if found is not None:
            price, reason = found
            price = _slipped(price, wanted.side.opposite, costs)
            leg = Leg(bar.opened_at, price, costs.taker_rate)
            return Course(Stand.CLOSED, entered.leg, leg, reason)
        stop = _trailed(wanted, stop, bar, is_within=is_within)
    return Course(Stand.OPEN, entered.leg)


def _enter(wanted: Wanted, bars: Sequence[Candle], costs: Costs) -> _Entered | Stand:
    if not bars:
        return Stand.WAITING
    first, limit = bars[0], wanted.limit
    price = _slipped(first.open, wanted.side, costs)
    taken = _Entered(Leg(first.opened_at, price, costs.taker_rate), 0)
    if limit is None:
        return taken
    if (limit - price) * wanted.side.sign >= 0:
        return Stand.UNFILLED if wanted.time_in_force is TimeInForce.POST_ONLY else taken
    if wanted.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        return Stand.UNFILLED
    side = matching.Side(wanted.side)
    for index, bar in enumerate(bars):
        if wanted.until is not None and bar.opened_at >= wanted.until:
            return Stand.UNFILLED
        worst = bar.low if wanted.side is Side.BUY else bar.high
        if matching.trades_through(side, limit, worst):
            return _Entered(Leg(bar.opened_at, limit, costs.maker_rate), index, has_rested=True)
    return Stand.WAITING


def _leave(
    wanted: Wanted, stop: Decimal, bar: Candle, *, is_within: bool
) -> tuple[Decimal, str] | None:
    """Return price and reason of the exit in a bar."""
    close, sign = wanted.close, wanted.side.sign
    if close is not None and bar.opened_at >= close.at:
        return bar.open, close.reason
    best, worst = (bar.high, bar.low) if sign > 0 else (bar.low, bar.high)
    # to its limit, and from there on to the stop: that order is sure, the target's is not
    if (worst - stop) * sign <= 0:
        return (stop if is_within else _further(bar.open, stop, -sign)), STOP
    if not is_within and (best - wanted.target) * sign >= 0:
        return _further(bar.open, wanted.target, sign), TARGET
    return None


def _trailed(wanted: Wanted, stop: Decimal, bar: Candle, *, is_within: bool) -> Decimal:
    if wanted.trailing_percent is None:
        return stop
    best = bar.high if wanted.side is Side.BUY else bar.low
    price = bar.close if is_within else best
    return trailed_stop(wanted.side, stop, price, wanted.trailing_percent) or stop


def _further(first: Decimal, second: Decimal, sign: int) -> Decimal:
    return max(first, second) if sign > 0 else min(first, second)


def _slipped(price: Decimal, side: Side, costs: Costs) -> Decimal:
    return price * (ONE + costs.slippage_rate * side.sign)
