"""Compare what we have with what the venue has, and judge each item (DESIGN section 3, step 11)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from cerberus.domain.exits import Exit, ExitStatus, VenueTrigger
from cerberus.domain.holds import Holds, Kind
from cerberus.domain.market import ZERO, Instrument
from cerberus.domain.orders import ListedOrder, Order
from cerberus.domain.positions import Position, VenuePosition


class Outcome(StrEnum):
    """What became of an item; what is foreign awaits that a person adopts it."""

    AGREE = "agree"
    REPAIRED = "repaired"
    FOREIGN = "foreign"
    ADOPTED = "adopted"
    QUARANTINED = "quarantined"


class Problem(StrEnum):
    """How the two sides differ."""

    NONE = "none"
    MISSING = "missing"  # ours, and not at the venue
    UNKNOWN = "unknown"  # at the venue, and not ours
    AMOUNT = "amount"  # on both sides, of different sizes


@dataclass(frozen=True, slots=True)
class Ours:
    """What our books say is alive."""

    orders: Sequence[Order] = ()
    exits: Sequence[Exit] = ()
    positions: Sequence[Position] = ()

    @property
    def symbols(self) -> set[str]:
        """The symbols on which anything is alive."""
        found = {one.symbol for one in self.orders} | {one.symbol for one in self.exits}
        return found | {one.symbol for one in self.positions}

    def is_in_flight(self, symbol: str) -> bool:
        """Return whether the books wait for an answer on a symbol: nothing is judged meanwhile."""
        orders = any(one.is_in_doubt for one in self.orders if one.symbol == symbol)
        moving = (ExitStatus.SENDING, ExitStatus.TRIGGERED)
        return orders or any(one.status in moving for one in self.exits if one.symbol == symbol)

    def of_symbol(self, symbol: str) -> "Ours":
        """Return what concerns one symbol."""
        return Ours(
            [one for one in self.orders if one.symbol == symbol],
            [one for one in self.exits if one.symbol == symbol],
            [one for one in self.positions if one.symbol == symbol],
        )


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the venue says is alive; `totals` are the spot wallet's, by currency."""

    orders: Sequence[ListedOrder] = ()
    triggers: Sequence[VenueTrigger] = ()
    positions: Sequence[VenuePosition] = ()
    totals: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One item on both sides; quantities are signed, negative is short."""

    kind: Kind
    symbol: str
    venue_id: str
    problem: Problem
    ours: Decimal = ZERO
    there: Decimal = ZERO

    @property
    def key(self) -> tuple[Kind, str, str]:
        """What the item is known by."""
        return self.kind, self.symbol, self.venue_id


@dataclass(frozen=True, slots=True)
class Item:
    """A finding with its verdict."""

    finding: Finding
    outcome: Outcome
    detail: str = ""


#: a perpetual position has no id at a venue: there is one for each symbol
POSITION_ID = "position"


def compare(ours: Ours, theirs: Theirs, markets: Mapping[str, Instrument]) -> list[Finding]:
    """Return every item of both sides with how they differ."""
    return [
        *_orders(ours, theirs),
        *_triggers(ours, theirs),
        *_positions(ours, theirs, markets),
        *_holdings(ours, theirs, markets),
    ]


def judge(
    finding: Finding, holds: Holds, *, was_repaired: bool = False, is_explained: bool = False
) -> Item:
    """Decide over what is left after every repair.

    `is_explained` says that somebody else's fills account for what is held beyond ours.
    """
    if finding.problem is Problem.NONE:
        return Item(finding, Outcome.REPAIRED if was_repaired else Outcome.AGREE)
    if finding.problem is Problem.UNKNOWN:
        if holds.accepts(finding.key, finding.there):
            return Item(finding, Outcome.ADOPTED, "left to its owner by a person")
        return Item(finding, Outcome.FOREIGN, _foreign(finding))
    if is_explained:
        return Item(finding, Outcome.FOREIGN, _foreign(finding))
    return Item(finding, Outcome.QUARANTINED, _unexplained(finding))


def _orders(ours: Ours, theirs: Theirs) -> Iterator[Finding]:
    names = {name for one in ours.orders for name in (one.client_id, one.venue_id) if name}
    there = {told.report.client_id for told in theirs.orders}
    there |= {told.report.venue_id for told in theirs.orders}
    for told in theirs.orders:
        is_ours = bool(names & {told.report.client_id, told.report.venue_id})
        problem = Problem.NONE if is_ours else Problem.UNKNOWN
        signed = told.quantity * told.side.sign
        mine = signed if is_ours else ZERO
        yield Finding(Kind.ORDER, told.symbol, told.report.venue_id, problem, mine, signed)
    for one in ours.orders:
        if not there & {one.client_id, one.venue_id} and not one.is_in_doubt:
            signed, name = one.remaining * one.side.sign, one.venue_id or one.client_id
            yield Finding(Kind.ORDER, one.symbol, name, Problem.MISSING, signed)


def _triggers(ours: Ours, theirs: Theirs) -> Iterator[Finding]:
    resting = {one.venue_id: one for one in ours.exits if one.status is ExitStatus.RESTING}
    for told in theirs.triggers:
        mine, signed = resting.pop(told.venue_id, None), told.quantity * told.side.sign
        problem = Problem.UNKNOWN if mine is None else Problem.NONE
        held = ZERO if mine is None else mine.quantity * mine.side.sign
        yield Finding(Kind.TRIGGER, told.symbol, told.venue_id, problem, held, signed)
    for one in resting.values():
        signed = one.quantity * one.side.sign
        yield Finding(Kind.TRIGGER, one.symbol, str(one.venue_id), Problem.MISSING, signed)


def _positions(ours: Ours, theirs: Theirs, markets: Mapping[str, Instrument]) -> Iterator[Finding]:
    mine = {one.symbol: one.quantity * one.side.sign for one in ours.positions}
    mine = {symbol: held for symbol, held in mine.items() if _is_swap(symbol, markets)}
    there = {one.symbol: one.quantity * one.side.sign for one in theirs.positions}
    for symbol in sorted(mine.keys() | there.keys()):
        held, told = mine.get(symbol, ZERO), there.get(symbol, ZERO)
        problem = Problem.NONE if held == told else Problem.AMOUNT
        if problem is not Problem.NONE and symbol not in mine:
            problem = Problem.UNKNOWN
        yield Finding(Kind.POSITION, symbol, POSITION_ID, problem, held, told)


def _holdings(ours: Ours, theirs: Theirs, markets: Mapping[str, Instrument]) -> Iterator[Finding]:
    # a spot wallet may hold more than ours, which is somebody's own; it cannot hold less
    for one in ours.positions:
        market = markets.get(one.symbol)
        if market is not None and not market.is_swap:
            told = theirs.totals.get(market.base, ZERO)
            problem = Problem.AMOUNT if told < one.quantity else Problem.NONE
            there = min(told, one.quantity)
            yield Finding(Kind.POSITION, one.symbol, POSITION_ID, problem, one.quantity, there)


def _is_swap(symbol: str, markets: Mapping[str, Instrument]) -> bool:
    market = markets.get(symbol)
    return ":" in symbol if market is None else market.is_swap


def _foreign(finding: Finding) -> str:
    size = finding.there - finding.ours
    return f"{finding.kind} of {size.normalize():f} on {finding.symbol} is not ours"


def _unexplained(finding: Finding) -> str:
    ours, there = finding.ours.normalize(), finding.there.normalize()
    return f"{finding.kind} {finding.venue_id}: we have {ours:f}, the venue {there:f}"
