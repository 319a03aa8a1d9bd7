"""What must hold of the books at every commit: pure, over what a store tells row by row."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal

from cerberus.domain.backups import BookCheck
from cerberus.domain.closed_sums import ClosedSums
from cerberus.domain.market import ZERO
from cerberus.domain.orders import Purpose
from cerberus.domain.signals import Side

#: so many are named; the rest is counted
_NAMED = 5


@dataclass(frozen=True, slots=True)
class BookedFill:
    """A fill with what its order was for."""

    purpose: Purpose
    side: Side
    quantity: Decimal
    fee: Decimal
    fee_currency: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as it is kept, with every fill of its trade."""

    position_id: str
    symbol: str
    side: Side
    quantity: Decimal
    dust: Decimal
    fills: tuple[BookedFill, ...]


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """A position that is open: how many live stops it has, and how many live reducing orders."""

    position_id: str
    symbol: str
    live_stops: int
    live_closes: int


def fills_sum_to_positions(holdings: Iterable[Holding], orphans: Iterable[str]) -> BookCheck:
    """Check that every position holds what its fills have brought, and no fill has no position."""
    wrong, count = [f"fill {one} belongs to no position" for one in orphans], 0
    for one in holdings:
        count += 1
        told, kept = brought_by_fills(one), one.quantity + one.dust
        if told != kept:
            wrong.append(f"{one.symbol} {one.position_id} holds {kept}, its fills give {told}")
    return _check("fills_sum_to_positions", wrong, f"{count} positions")


def brought_by_fills(holding: Holding) -> Decimal:
    """Return what the fills of a position have left in it, a fee in its own coin taken off."""
    base, total = holding.symbol.partition("/")[0], ZERO
    for fill in holding.fills:
        if fill.side is not holding.side:
            total -= fill.quantity
            continue
        is_kept_back = fill.side is Side.BUY and fill.fee_currency == base
        total += fill.quantity - (fill.fee if is_kept_back else ZERO)
    return total


def one_live_trade_per_signal(trades: int, doubled: Iterable[str]) -> BookCheck:
    """Check that no signal was traded twice."""
    wrong = [f"signal {one} has several trades" for one in doubled]
    return _check("one_live_trade_per_signal", wrong, f"{trades} trades")


def reservations_equal_open_orders(live_entries: Set[str], reserved: Set[str]) -> BookCheck:
    """Check that each live entry has reserved what it needs, and nothing else is reserved."""
    wrong = [f"entry {one} is live and reserves nothing" for one in sorted(live_entries - reserved)]
    wrong += [
        f"order {one} reserves and is no live entry" for one in sorted(reserved - live_entries)
    ]
    return _check("reservations_equal_open_orders", wrong, f"{len(live_entries)} open entries")


def open_positions_have_exits(held: Iterable[OpenPosition]) -> BookCheck:
    """Check that each open position has a stop, or is being closed."""
    wrong, count = [], 0
    for one in held:
        count += 1
        if not (one.live_stops or one.live_closes):
            wrong.append(f"{one.symbol} {one.position_id} has no stop and is not being closed")
    return _check("open_positions_have_exits", wrong, f"{count} open positions")


def closed_sums_equal_positions(
    told: Iterable[ClosedSums], summed: Mapping[str, ClosedSums]
) -> BookCheck:
    """Check that what is kept of the closed positions is what they themselves add up to."""
    # a position that was opened again leaves sums of nothing behind
    kept = {one.symbol: one for one in told if one.last_closed_at is not None}
    wrong = [
        f"{symbol} keeps {_words(kept.get(symbol))},"
        f" its closed positions give {_words(summed.get(symbol))}"
        for symbol in sorted(kept.keys() | summed.keys())
        if _compared(kept.get(symbol)) != _compared(summed.get(symbol))
    ]
    return _check("closed_sums_equal_positions", wrong, f"{len(kept)} symbols")


def _compared(sums: ClosedSums | None) -> object:
    """Return what must be equal: the first opening may be that of one that is open again."""
    return sums and (sums.flow, sums.last_closed_at)


def _words(sums: ClosedSums | None) -> str:
    if sums is None or sums.last_closed_at is None:
        return "nothing"
    amounts = f"result {sums.result:f}, cost {sums.cost:f}, held {sums.held:f}"
    return f"{amounts} until {sums.last_closed_at.isoformat()}"


def _check(name: str, wrong: list[str], seen: str) -> BookCheck:
    more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return BookCheck(name, not wrong, "; ".join(wrong[:_NAMED]) + more if wrong else seen)
