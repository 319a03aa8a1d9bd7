"""Funding is booked once, onto the position that held then: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from cerberus.domain.funding import LEDGER_DELAY, FundingPayment
from cerberus.domain.performance import Performance, from_fact, to_fact
from cerberus.domain.positions import Position
from cerberus.domain.risk import RiskLimits
from cerberus.domain.signals import Side
from cerberus.errors import Transient
from cerberus.ports import Exchange, Store, Transaction
from cerberus.services.desk import Desk, TradingRules
from cerberus.services.funding import read_funding
from cerberus.services.snapshot import PERFORMANCE, take
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import Blocking, Result, add_trade
from tests.unit.domain.examples import SPOT, SWAP

D = Decimal
HOUR = timedelta(hours=1)
DAY = datetime.fromisoformat("2026-03-02T00:00:00+00:00")
#: the venue's moments of a day
FIRST, SECOND = DAY + 8 * HOUR, DAY + 16 * HOUR
ETH = replace(SWAP, symbol="ETH/USDT:USDT", base="ETH")


def payment(at: datetime, amount: str = "-1.5", **changes: Any) -> FundingPayment:
    plain = FundingPayment("gate", SWAP.symbol, at, f"id-{at.isoformat()}", D(amount), "USDT")
    return replace(plain, **changes)


@dataclass
class Ledger:
    """The venue as far as funding goes."""

    payments: list[FundingPayment] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    async def funding(self, symbol: str, since: datetime) -> Sequence[FundingPayment]:
        self.asked.append((symbol, since))
        if symbol in self.failing:
            raise Transient("the venue cannot be reached")
        return [one for one in self.payments if one.symbol == symbol and one.at >= since]


@dataclass
class Now:
    at: datetime = SECOND + HOUR

    def now(self) -> datetime:
        return self.at


class BreakError(Exception):
    """The process ends here."""


@dataclass
class Breaking:
    """A store that breaks off when all is written and nothing is committed."""

    store: Store

    async def read(self, work: Callable[[Transaction], Result]) -> Result:
        return await self.store.read(work)

    async def write(self, work: Callable[[Transaction], Result]) -> Result:
        def broken(transaction: Transaction) -> Result:
            work(transaction)
            raise BreakError

        return await self.store.write(broken)


@dataclass
class Bench:
    """A desk over a real store and a told ledger."""

    store: Blocking
    ledger: Ledger = field(default_factory=Ledger)
    clock: Now = field(default_factory=Now)

    @property
    def desk(self) -> Desk:
        return Desk(
            exchange=cast("Exchange", self.ledger),
            store=self.store.store,
            market_clock=self.clock,
            wall_clock=self.clock,
            limits=RiskLimits(),
            rules=TradingRules(),
            instruments={one.symbol: one for one in (SWAP, SPOT, ETH)},
        )

    def hold(
        self, number: int, since: datetime, until: datetime | None, symbol: str = SWAP.symbol
    ) -> None:
        held = Position(f"p{number}", f"t{number}", symbol, Side.BUY, since)

        def add(tx: Transaction) -> None:
            add_trade(tx, number)
            tx.positions.add(replace(held, quantity=D(1), fees=D("0.1"), closed_at=until))

        self.store.write(add)

    def begin(self, **sums: Any) -> None:
        told = replace(Performance(D(1000), peak_equity=D(1000)), **sums)
        self.store.write(lambda tx: tx.facts.put(PERFORMANCE, to_fact(told), self.clock.at))

    def read(self) -> Decimal:
        return asyncio.run(read_funding(self.desk))

    def position(self, number: int) -> Position:
        found = self.store.read(lambda tx: tx.positions.get(f"p{number}"))
        assert found is not None
        return found

    @property
    def sums(self) -> Performance:
        return self.store.read(lambda tx: from_fact(tx.facts.get(PERFORMANCE)))

    def everything(self) -> tuple[object, ...]:
        def read(tx: Transaction) -> tuple[object, ...]:
            sums = from_fact(tx.facts.get(PERFORMANCE))
            booked = [tx.funding.of_position(f"p{number}") for number in (1, 2)]
            return sums, tx.positions.newest(9, 0), booked, tx.funding.unassigned_count()

        return self.store.read(read)


@pytest.fixture
def bench(store: Blocking) -> Bench:
    bench = Bench(store)
    bench.begin()
    return bench


def test_a_payment_is_booked_onto_the_position_and_into_the_sums(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST, "-1.5"), payment(SECOND, "0.25")]

    assert bench.read() == D("-1.25")

    held = bench.position(1)
    assert (held.funding, held.net_pnl, held.realised_pnl) == (D("-1.25"), D("-1.35"), 0)
    sums = bench.sums
    assert (sums.funding, sums.net_pnl, sums.equity) == (D("-1.25"), D("-1.25"), D("998.75"))
    assert bench.store.read(take).record(SECOND).daily_pnl == D("-1.25")
    told = bench.store.read(lambda tx: tx.funding.of_position("p1"))
    assert told == [replace(one, position_id="p1") for one in bench.ledger.payments]


def test_the_same_page_twice_changes_nothing(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST), payment(SECOND)]
    bench.read()
    before = bench.everything()

    assert bench.read() == 0
    assert bench.everything() == before
    assert bench.ledger.asked == [(SWAP.symbol, DAY)] * 2


@pytest.mark.parametrize(("first", "then"), [("", "id-9"), ("id-9", ""), ("", "")])
def test_a_payment_whose_id_is_told_only_once_is_booked_once(
    bench: Bench, first: str, then: str
) -> None:
    bench.hold(1, DAY, None)
    for venue_id in (first, then):
        bench.ledger.payments = [payment(FIRST, venue_id=venue_id)]
        bench.read()

    assert bench.position(1).funding == D("-1.5")


def test_two_payments_of_one_moment_with_ids_are_two(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST, venue_id="a"), payment(FIRST, venue_id="b")]

    assert bench.read() == -3


@pytest.mark.parametrize(
    ("until", "booked"),
    [
        (FIRST - LEDGER_DELAY - timedelta(milliseconds=1), False),
        # the line is of a moment after the one that it is for
        (FIRST - LEDGER_DELAY, True),
        (FIRST, True),
        (FIRST + timedelta(minutes=5), True),
    ],
)
def test_a_payment_after_the_close_belongs_to_what_was_held_then(
    bench: Bench, until: datetime, booked: bool
) -> None:
    bench.hold(1, DAY, until)
    bench.hold(2, FIRST + HOUR, None)
    bench.ledger.payments = [payment(FIRST)]

    bench.read()

    assert bench.position(1).funding == (D("-1.5") if booked else 0)
    assert bench.position(1).closed_at == until
    assert bench.position(2).funding == 0


def test_of_two_positions_within_a_minute_the_later_one_has_paid(bench: Bench) -> None:
    bench.hold(1, DAY, FIRST - timedelta(seconds=30))
    bench.hold(2, FIRST - timedelta(seconds=20), None)
    bench.ledger.payments = [payment(FIRST)]

    bench.read()

    assert (bench.position(1).funding, bench.position(2).funding) == (0, D("-1.5"))


def test_what_opens_at_the_moment_itself_pays_nothing(bench: Bench) -> None:
    bench.hold(1, FIRST, None)
    bench.ledger.payments = [payment(FIRST)]

    assert bench.read() == 0
    assert bench.store.read(lambda tx: tx.funding.unassigned_count()) == 1


def test_a_payment_waits_for_a_position_whose_fill_is_booked_later(bench: Bench) -> None:
    bench.hold(2, DAY - 8 * HOUR, DAY)
    bench.ledger.payments = [payment(FIRST)]
    bench.clock.at = DAY + HOUR
    assert bench.read() == 0
    bench.clock.at = SECOND
    bench.hold(1, DAY + HOUR, FIRST + HOUR)

    assert bench.read() == D("-1.5")
    assert bench.position(1).funding == D("-1.5")
    assert bench.store.read(lambda tx: tx.funding.unassigned_count()) == 0


def test_what_was_paid_on_a_day_that_is_over_is_no_loss_of_today(bench: Bench) -> None:
    bench.begin(day=SECOND.date(), day_pnl=D(-7), net_pnl=D(-7))
    bench.hold(1, DAY - 24 * HOUR, None)
    bench.ledger.payments = [payment(DAY - 8 * HOUR), payment(DAY, "-0.5")]

    bench.read()

    # midnight's payment is the new day's
    assert bench.sums.pnl_of(SECOND.date()) == D("-7.5")
    assert bench.sums.equity == 991


def test_a_break_in_the_middle_of_booking_leaves_nothing_and_is_made_up_for(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST), payment(SECOND)]
    before = bench.everything()
    desk = bench.desk
    desk.store = Breaking(bench.store.store)
    with pytest.raises(BreakError):
        asyncio.run(read_funding(desk))
    assert bench.everything() == before

    assert bench.read() == -3
    assert bench.position(1).funding == -3


def test_a_restart_after_booking_reads_again_and_books_nothing(
    bench: Bench, open_store: OpenStore
) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST)]
    bench.read()
    again = Bench(open_store(), bench.ledger, bench.clock)
    bench.ledger.payments.append(payment(SECOND, "0.5"))

    assert again.read() == D("0.5")
    assert again.position(1).funding == -1


def test_one_symbol_that_fails_holds_no_other_up_and_is_made_up_for(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.hold(2, DAY, None, ETH.symbol)
    bench.ledger.payments = [payment(FIRST), payment(FIRST, "-2", symbol=ETH.symbol)]
    bench.ledger.failing = {SWAP.symbol}

    with pytest.raises(Transient, match="BTC/USDT:USDT: the venue cannot be reached"):
        bench.read()

    assert (bench.position(1).funding, bench.position(2).funding) == (0, -2)
    bench.ledger.failing = set()
    bench.clock.at += 72 * HOUR
    assert bench.read() == D("-1.5")


def test_nothing_is_asked_for_without_a_perpetual_that_is_or_lately_was_held(bench: Bench) -> None:
    bench.hold(1, DAY, None, SPOT.symbol)
    bench.hold(2, DAY, FIRST, "GONE/USDT:USDT")
    assert bench.read() == 0
    assert bench.ledger.asked == []

    bench.hold(3, DAY, FIRST)
    bench.read()
    bench.clock.at += HOUR
    bench.read()
    assert bench.ledger.asked == [(SWAP.symbol, DAY)]


def test_a_booked_payment_cannot_be_booked_again(bench: Bench) -> None:
    bench.hold(1, DAY, None)
    bench.ledger.payments = [payment(FIRST)]
    bench.read()

    with pytest.raises(LookupError, match="is not to be booked"):
        bench.store.write(lambda tx: tx.funding.assign(payment(FIRST), "p1"))
