"""A position that cannot be explained leaves the books, and nothing else changes."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cerberus.adapters.store.drill import check_books
from cerberus.domain.holds import Holds
from cerberus.domain.performance import Performance, from_fact
from cerberus.domain.positions import Position
from cerberus.domain.signals import EntryType, Side, Signal, Size
from cerberus.domain.trades import TradeStatus
from cerberus.errors import Conflict, NotFound
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.reconcile import store_holds
from cerberus.services.snapshot import PERFORMANCE, read_holds
from cerberus.services.write_off import WriteOff, write_off
from tests.model.venue import ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal


async def hold(desk: Desk, venue: ModelVenue, **changes: object) -> Position:
    """Return an open position whose symbol is in quarantine."""
    plain = Signal(SWAP.symbol, Side.BUY, "test", D(1), desk.today(), size=Size(D("0.01")))
    taken = await take_in(desk, replace(plain, **changes))
    await execute(desk, taken.record.signal_id, Wish())
    venue.trade(D("0.3"))  # a limit entry is filled in part
    assert await follow_all(desk)
    quarantined = Holds(quarantined={SWAP.symbol: "we have 1, the venue 2"})
    await desk.write(lambda tx: store_holds(desk, tx, Holds(), quarantined))
    [held] = await desk.store.read(lambda tx: tx.positions.open())
    return held


async def sums(desk: Desk) -> Performance:
    return from_fact(await desk.store.read(lambda tx: tx.facts.get(PERFORMANCE)))


@pytest.mark.parametrize(
    ("result", "known", "losses"),
    [
        (None, "unknown", 0),
        (D("-12.5"), "-12.5 USD, as stated", 1),
        (D(30), "30 USD, as stated", 0),
    ],
)
async def test_it_leaves_the_books_with_the_result_that_a_person_states(
    desk: Desk, venue: ModelVenue, tmp_path: Path, result: Decimal | None, known: str, losses: int
) -> None:
    held, before, sent = await hold(desk, venue), await sums(desk), list(venue.orders)

    after = await write_off(desk, held.position_id, WriteOff("a mishap", result), "admin")

    assert (after.is_open, after.quantity, after.dust) == (False, 0, held.quantity)
    assert after.realised_pnl == held.realised_pnl + (result or 0)
    trade = await desk.store.read(lambda tx: tx.trades.get(held.trade_id))
    assert trade is not None
    assert trade.status is TradeStatus.CLOSED
    assert trade.close_reason == f"written off, result {known}: a mishap"
    now = await sums(desk)
    assert now.net_pnl - before.net_pnl == (result or 0)
    assert now.losses_in_a_row == losses
    assert await follow_all(desk)
    assert venue.open_triggers == {}
    assert list(venue.orders) == sent
    assert SWAP.symbol in (await desk.store.read(read_holds)).quarantined
    with closing(sqlite3.connect(tmp_path / "model.db")) as books:
        noted = books.execute("SELECT actor, detail FROM audit WHERE action = 'written_off'")
        assert [(actor, known in detail) for actor, detail in noted] == [("admin", True)]
        assert [one.detail for one in check_books(books) if not one.holds] == []


async def test_what_can_still_be_settled_is_not_written_off(desk: Desk, venue: ModelVenue) -> None:
    held, stated = await hold(desk, venue), WriteOff("a mishap")
    lifted = Holds().released(SWAP.symbol)
    quarantined = await desk.store.read(read_holds)
    with pytest.raises(NotFound, match="position nothing is not known"):
        await write_off(desk, "nothing", stated, "admin")
    await desk.write(lambda tx: store_holds(desk, tx, quarantined, lifted))
    with pytest.raises(Conflict, match="is in no quarantine: close the position instead"):
        await write_off(desk, held.position_id, stated, "admin")
    await desk.write(lambda tx: store_holds(desk, tx, lifted, quarantined))
    await write_off(desk, held.position_id, stated, "admin")

    with pytest.raises(Conflict, match="is closed already"):
        await write_off(desk, held.position_id, stated, "admin")


async def test_a_position_whose_entry_may_still_fill_is_not_written_off(
    desk: Desk, venue: ModelVenue
) -> None:
    held = await hold(desk, venue, entry_type=EntryType.LIMIT, price=venue.price)

    with pytest.raises(Conflict, match="is partly_filled, end it first"):
        await write_off(desk, held.position_id, WriteOff("a mishap"), "admin")
