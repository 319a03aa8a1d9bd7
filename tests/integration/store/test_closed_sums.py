"""The sums of closed positions: always what the positions say, and cheap after a long history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, text

from cerberus.adapters.store import migrate as module
from cerberus.adapters.store import tables
from cerberus.adapters.store.database import open_engine
from cerberus.adapters.store.migrate import migrate
from cerberus.adapters.store.repositories import Repositories
from cerberus.domain.closed_sums import sum_up
from cerberus.domain.drift import Flow
from cerberus.domain.funding import Held
from cerberus.domain.positions import Position
from cerberus.ports import Transaction
from cerberus.services.both_sides import read_flows
from cerberus.services.known import read_books
from cerberus.services.snapshot import take
from tests.integration.store.examples import NOW, Blocking, D, add_trade, position

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT", "PEPE/USDT")
#: positions that no index may be needed for, and so many that reading them would be seen
MANY, FEW = 10_000, 1_000
#: a third of anything has more digits than a sum of 28 could keep beside a large one
THIRD = D("0.000000012345678901234567890123")


def grown(random: Random, one: Position) -> Position:
    """Return a position after something that may happen to it, whether it is open or not."""
    if one.is_open and random.random() < 0.6:
        at = one.opened_at + timedelta(minutes=random.randrange(600))
        changes = {"quantity": D(0), "dust": one.dust + THIRD * random.randrange(3)}
        return replace(one, closed_at=at, realised_pnl=D(random.randrange(-9, 9)) / 7, **changes)
    if random.random() < 0.3:
        # a late fill of the entry, which comes in with its own price
        return replace(one, closed_at=None, quantity=D(2), entry_price=D(random.randrange(9)) / 3)
    return one.funded(D(random.randrange(-5, 5)) * 10**15 + THIRD)


def write_a_history(store: Blocking, random: Random) -> None:
    """Open positions, close most of them, and let funding and late fills come in between."""
    known: list[Position] = []
    for number in range(1, 13):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        begun = NOW + timedelta(minutes=random.randrange(-500, 500))
        one = position(number, symbol=symbol, opened_at=begun, quantity=D(1), fees=THIRD)

        def begin(transaction: Transaction, number: int = number, one: Position = one) -> None:
            add_trade(transaction, number)
            transaction.positions.add(one)

        if not any(other.is_open for other in known if other.symbol == symbol):
            store.write(begin)
            known.append(one)
        for _ in range(4):
            place = random.randrange(len(known))
            later = grown(random, known[place])
            others = (one for one in known if one.position_id != later.position_id)
            if later.is_open and any(one.is_open and one.symbol == later.symbol for one in others):
                continue
            store.write(lambda tx, later=later: tx.positions.save(later))
            known[place] = later


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_what_the_positions_say(store: Blocking, seed: int) -> None:
    write_a_history(store, Random(seed))  # noqa: S311 - a history that can be repeated

    def look(transaction: Transaction) -> tuple[object, ...]:
        positions = transaction.positions
        return (
            positions.newest(99, 0)[0],
            read_flows(transaction),
            positions.held(),
            (positions.last_closed()),
        )

    found, flows, held, last_closed = store.read(look)

    of_all: dict[str, Flow] = {}
    for one in found:
        of_all[one.symbol] = of_all.get(one.symbol, Flow()).plus(Flow.of(one))
    assert flows == of_all
    mine = {symbol: [one for one in found if one.symbol == symbol] for symbol in of_all}
    assert held == {
        symbol: Held(
            min(one.opened_at for one in some),
            None if any(one.is_open for one in some) else max(one.closed_at for one in some),
        )
        for symbol, some in mine.items()
    }
    closed = [one for one in found if not one.is_open]
    assert last_closed == {
        symbol: max(one.closed_at for one in closed if one.symbol == symbol)
        for symbol in {one.symbol for one in closed}
    }


def test_a_position_that_is_opened_again_leaves_nothing_in_the_sums(store: Blocking) -> None:
    closed = position(closed_at=NOW, realised_pnl=D("1.50"), dust=THIRD, entry_price=D(3))
    store.write(lambda tx: (add_trade(tx), tx.positions.add(closed)))
    store.write(lambda tx: tx.positions.save(replace(closed, closed_at=None, quantity=D(1))))

    [sums] = store.read(lambda tx: tx.positions.closed_sums())
    assert (sums.flow, sums.last_closed_at) == (Flow(), None)
    assert store.read(lambda tx: tx.positions.last_closed()) == {}
    assert store.read(lambda tx: tx.positions.held()) == {closed.symbol: Held(NOW, None)}


def test_a_write_that_fails_leaves_the_sums_as_they_were(store: Blocking) -> None:
    closed = position(closed_at=NOW, realised_pnl=D(7))
    store.write(lambda tx: (add_trade(tx), tx.positions.add(closed)))
    before = store.read(lambda tx: tx.positions.closed_sums())

    def fail(transaction: Transaction) -> None:
        transaction.positions.save(closed.funded(D(3)))
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        store.write(fail)

    assert store.read(lambda tx: tx.positions.closed_sums()) == before


def test_the_migration_sums_up_what_is_there(url: str, tmp_path: Path) -> None:
    migrate_with_history(url, tmp_path, 60)

    store = Blocking(url)
    kept = store.read(lambda tx: tx.positions.closed_sums())
    summed = sum_up(store.read(lambda tx: tx.positions.newest(99, 0))[0])
    store.store.close()
    assert len(kept) == len(SYMBOLS)
    assert {one.symbol: one for one in kept} == summed


def migrate_with_history(url: str, tmp_path: Path, count: int) -> None:
    """Fill a database of the version before the sums, and bring it to this one."""
    (tmp_path / "state").mkdir(exist_ok=True)
    engine, config = open_engine(url), Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        fill(connection, count)
    engine.dispose()
    migrate(url, tmp_path / "backup", NOW)


def fill(connection: Connection, count: int) -> None:
    """Add closed positions with their trades and signals, and one that is open."""
    for table, row in (
        (tables.signals, signal_row),
        (tables.trades, trade_row),
        (tables.positions, position_row),
    ):
        connection.execute(insert(table), [row(number) for number in range(count)])


def signal_row(number: int) -> dict[str, object]:
    return {
        "signal_id": f"s{number}",
        "fingerprint": f"f{number}",
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "received_at": NOW,
        "status": "traded",
        "signal": "{}",
    }


def trade_row(number: int) -> dict[str, object]:
    prices = ("entry_price", "stop_price", "target_price")
    return {
        "trade_id": f"t{number}",
        "signal_id": f"s{number}",
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "side": "buy",
        "strategy": "m",
        "created_at": NOW,
        "status": "closed",
        "close_reason": "",
        **dict.fromkeys(("quantity", "leverage", *prices), D(1)),
    }


def position_row(number: int) -> dict[str, object]:
    opened_at = NOW + timedelta(seconds=number)
    return {
        "position_id": f"p{number:08}",
        "trade_id": f"t{number}",
        "symbol": SYMBOLS[number % len(SYMBOLS)],
        "side": "buy",
        "opened_at": opened_at,
        "quantity": D(int(number == 0)),
        "entry_price": D(number + 1) / 7,
        "entered_quantity": D(1),
        "realised_pnl": D(number - 30) / 3,
        "fees": THIRD,
        "dust": THIRD * (number % 3),
        "closed_at": None if number == 0 else opened_at + timedelta(minutes=9),
        "funding": D(0),
    }


@contextmanager
def counted(connection: Connection) -> Iterator[Callable[[], int]]:
    """Give what the database has read: steps of its machine, or rows of the large tables."""
    if connection.dialect.name == "sqlite":
        steps: list[int] = []
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(lambda: steps.append(100), 100)
        yield lambda: sum(steps)
        driver.set_progress_handler(None, 0)
        return
    read = text(
        "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)"
        " FROM pg_stat_xact_user_tables WHERE relname IN ('positions', 'trades', 'signals')"
    )
    before = int(connection.execute(read).scalar_one())
    yield lambda: int(connection.execute(read).scalar_one()) - before


QUESTIONS = {
    "flows": read_flows,
    "held": lambda tx: tx.positions.held(),
    "last_closed": lambda tx: tx.positions.last_closed(),
    "snapshot": take,
    "books": read_books,
}


def test_what_is_asked_every_minute_reads_no_history(url: str, tmp_path: Path) -> None:
    migrate_with_history(url, tmp_path, MANY)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    read = {}
    with engine.begin() as connection, counted(connection) as so_far:
        for name, question in QUESTIONS.items():
            before = so_far()
            question(Repositories(connection))
            read[name] = so_far() - before
    engine.dispose()

    assert {name: count for name, count in read.items() if count > FEW} == {}
