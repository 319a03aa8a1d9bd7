"""Many quiet symbols are followed in turn, whatever moves at every step."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from cerberus.domain.exits import Exit, ExitKind, ExitStatus, VenueTrigger
from cerberus.domain.orders import ListedOrder
from cerberus.domain.positions import Position
from cerberus.domain.signals import Side
from cerberus.domain.trades import TradeStatus
from cerberus.ports import Transaction
from cerberus.services.desk import Desk
from cerberus.services.follow import QUIET_A_STEP, follow_busy, follow_next
from tests.integration.store import examples
from tests.model.venue import Clock, ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
SYMBOLS = tuple(f"COIN{number:02d}/USDT:USDT" for number in range(2 * QUIET_A_STEP + 5))
BUSY = SYMBOLS[-1]


class ManyMarkets(ModelVenue):
    """A venue on which both exits of every position rest, and that notes what it is asked."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.asked: set[str] = set()

    async def triggers(self, symbol: str, *, is_open: bool) -> Sequence[VenueTrigger]:
        if not is_open:
            return []
        self.asked.add(symbol)
        return [_at_venue(one) for one in _exits(symbol, self.clock)]

    async def finished_orders(self, _: str) -> Sequence[ListedOrder]:
        return []


@pytest.fixture
def venue(clock: Clock) -> ManyMarkets:
    return ManyMarkets(clock)


@pytest.fixture
async def many(desk: Desk, clock: Clock) -> Desk:
    desk.instruments = {symbol: replace(SWAP, symbol=symbol) for symbol in SYMBOLS}
    await desk.store.write(lambda transaction: _hold_all(transaction, clock))
    return desk


async def test_every_quiet_symbol_has_its_turn(many: Desk, venue: ManyMarkets) -> None:
    steps = [await _asked(many, venue) for _ in range(3)]
    assert [len(one) for one in steps] == [QUIET_A_STEP] * 3
    assert steps[0] | steps[1] | steps[2] == set(SYMBOLS)
    assert not steps[0] & steps[1]


async def test_what_moves_is_followed_at_every_step(many: Desk, venue: ManyMarkets) -> None:
    await _plan_one_more(many, venue.clock)
    steps = [await _asked(many, venue) for _ in range(2)]
    assert [len(one) for one in steps] == [QUIET_A_STEP + 1] * 2
    assert steps[0] & steps[1] == {BUSY}


async def test_only_what_moves_is_followed_before_a_stop(many: Desk, venue: ManyMarkets) -> None:
    await _plan_one_more(many, venue.clock)
    assert await follow_busy(many)
    assert venue.asked == {BUSY}


async def _asked(desk: Desk, venue: ManyMarkets) -> set[str]:
    """Take one step and return the symbols that the venue was asked about."""
    venue.asked.clear()
    assert await follow_next(desk)
    return set(venue.asked)


async def _plan_one_more(desk: Desk, clock: Clock) -> None:
    """Let the exit of one symbol be neither placed nor over."""
    pending = replace(_exits(BUSY, clock)[0], exit_id="more", status=ExitStatus.SENDING)
    sent = replace(pending, sent_at=clock.now(), venue_id=None, trigger_price=D(1))
    await desk.store.write(lambda transaction: transaction.exits.add(sent))


def _hold_all(transaction: Transaction, clock: Clock) -> None:
    for number, symbol in enumerate(SYMBOLS):
        plain = {"symbol": symbol, "stop_price": D(98), "target_price": D(104)}
        now, opened = clock.now(), {"status": TradeStatus.OPEN}
        examples.add_trade(transaction, number, **plain, **opened, opened_at=now, protected_at=now)
        held = Position(f"p{number}", f"t{number}", symbol, Side.BUY, now, D(1), D(100), D(1))
        transaction.positions.add(held)
        for one in _exits(symbol, clock):
            transaction.exits.add(one)


def _exits(symbol: str, clock: Clock) -> list[Exit]:
    number, now = SYMBOLS.index(symbol), clock.now()
    resting = ExitStatus.RESTING
    return [
        Exit(
            f"{kind}{number}",
            f"t{number}",
            symbol,
            Side.SELL,
            kind,
            price,
            now,
            D(1),
            resting,
            f"v{kind}{number}",
        )
        for kind, price in ((ExitKind.STOP, D(98)), (ExitKind.TARGET, D(104)))
    ]


def _at_venue(one: Exit) -> VenueTrigger:
    return VenueTrigger(
        str(one.venue_id),
        one.symbol,
        one.side,
        one.quantity,
        one.trigger_price,
        True,
        one.created_at,
    )
