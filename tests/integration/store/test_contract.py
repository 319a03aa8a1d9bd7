"""What every database must keep: the same tests on SQLite and on PostgreSQL."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cerberus.adapters.store.migrate import migrate
from cerberus.domain.anomalies.samples import Sample
from cerberus.domain.balances import Reservation
from cerberus.domain.market import MarketType
from cerberus.domain.orders import OrderStatus, OrderType
from cerberus.domain.trades import TradeStatus
from cerberus.errors import CerberusError, Conflict, Rejected, Transient
from cerberus.ports import Transaction
from tests.integration.store.conftest import OpenStore
from tests.integration.store.examples import (
    ANSWER,
    FILL,
    FULL_EXIT,
    FULL_ORDER,
    FULL_POSITION,
    FULL_TRADE,
    LATER,
    NOW,
    SYMBOL,
    Blocking,
    add_trade,
    order,
    planned,
    position,
    settled,
    signal_record,
    trade,
)

D = Decimal
HELD = Reservation(MarketType.SWAP, "USDT", D("12.50"))


def test_a_signal_comes_back_with_every_field(store: Blocking) -> None:
    store.write(lambda tx: tx.signals.add(signal_record(1)))
    assert store.read(lambda tx: tx.signals.get("s1")) == signal_record(1)

    store.write(lambda tx: tx.signals.save(settled(1)))

    assert store.read(lambda tx: tx.signals.get("s1")) == settled(1)
    assert store.read(lambda tx: tx.signals.newest(5, 0)) == ([settled(1)], 1)


def test_signals_of_a_range_come_in_order_without_its_end(store: Blocking) -> None:
    moments = [NOW + timedelta(minutes=minute) for minute in (3, 1, 2, 0)]
    for number, moment in enumerate(moments, 1):
        told = signal_record(number, received_at=moment)
        store.write(lambda tx, told=told: tx.signals.add(told))

    def received(limit: int) -> list[str]:
        found = store.read(lambda tx: tx.signals.received(moments[1], moments[0], limit))
        return [one.signal_id for one in found]

    assert received(10) == ["s2", "s3"]
    assert received(1) == ["s2"]


def test_a_trade_comes_back_with_every_field(store: Blocking) -> None:
    store.write(add_trade)
    assert store.read(lambda tx: tx.trades.get("t1")) == trade()

    store.write(lambda tx: tx.trades.save(FULL_TRADE))

    assert store.read(lambda tx: tx.trades.get("t1")) == FULL_TRADE
    assert store.read(lambda tx: tx.trades.of_signal("s1")) == FULL_TRADE
    find = {"limit": 5, "offset": 0}
    found = store.read(lambda tx: tx.trades.find(TradeStatus.CLOSED, SYMBOL, **find))
    assert found == ([FULL_TRADE], 1)
    assert store.read(lambda tx: tx.trades.find(TradeStatus.OPEN, None, **find)) == ([], 0)


def test_an_order_comes_back_with_every_field(store: Blocking) -> None:
    store.write(lambda tx: (add_trade(tx), tx.orders.add(order(), HELD)))
    assert store.read(lambda tx: tx.orders.get("o1")) == order()

    store.write(lambda tx: tx.orders.save(FULL_ORDER))

    for name in ("o1", "t-1", "v1"):
        assert store.read(lambda tx, name=name: tx.orders.get(name)) == FULL_ORDER
    assert store.read(lambda tx: tx.orders.of_trade("t1")) == [FULL_ORDER]
    assert store.read(lambda tx: tx.orders.newest(5, 0)) == ([FULL_ORDER], 1)
    assert store.read(lambda tx: tx.orders.get("o2")) is None


def test_a_fill_comes_back_with_every_field_and_only_once(store: Blocking) -> None:
    store.write(lambda tx: (add_trade(tx), tx.orders.add(order(), None)))

    first = store.write(lambda tx: tx.orders.add_fill(order(), FILL))
    again = store.write(lambda tx: tx.orders.add_fill(order(), FILL))

    assert (first, again) == (True, False)
    assert store.read(lambda tx: tx.orders.fills_of_trade("t1")) == [FILL]


def test_a_position_and_an_exit_come_back_with_every_field(store: Blocking) -> None:
    store.write(lambda tx: (add_trade(tx), tx.positions.add(position()), tx.exits.add(planned())))
    assert store.read(lambda tx: tx.positions.open()) == [position()]
    assert store.read(lambda tx: tx.exits.of_trade("t1")) == [planned()]

    store.write(lambda tx: (tx.positions.save(FULL_POSITION), tx.exits.save(FULL_EXIT)))

    assert store.read(lambda tx: tx.positions.get("p1")) == FULL_POSITION
    assert store.read(lambda tx: tx.positions.of_trade("t1")) == FULL_POSITION
    assert store.read(lambda tx: tx.positions.last_closed()) == {SYMBOL: LATER}
    assert store.read(lambda tx: tx.positions.newest(5, 0)) == ([FULL_POSITION], 1)
    assert store.read(lambda tx: tx.positions.open()) == []
    assert store.read(lambda tx: tx.exits.live()) == [FULL_EXIT]
    assert store.read(lambda tx: tx.exits.newest(5, 0)) == ([FULL_EXIT], 1)


def test_answers_and_facts_come_back_and_are_replaced(store: Blocking) -> None:
    running = replace(ANSWER, status=None, body="")
    store.write(lambda tx: (tx.answers.put(running), tx.facts.put("f", {"a": "1"}, NOW)))
    assert store.read(lambda tx: tx.answers.get(ANSWER.scope, ANSWER.key)) == running

    store.write(lambda tx: (tx.answers.put(ANSWER), tx.facts.put("f", {"b": "\u20ac"}, LATER)))

    assert store.read(lambda tx: tx.answers.get(ANSWER.scope, ANSWER.key)) == ANSWER
    assert store.read(lambda tx: tx.facts.get("f")) == {"b": "\u20ac"}
    assert store.read(lambda tx: tx.facts.get("g")) == {}
    store.write(lambda tx: tx.answers.remove(ANSWER.scope, ANSWER.key))
    assert store.read(lambda tx: tx.answers.get(ANSWER.scope, ANSWER.key)) is None


def test_a_tally_counts_by_status(store: Blocking) -> None:
    store.write(lambda tx: (add_trade(tx), tx.orders.add(order(), None), tx.exits.add(planned())))
    store.write(lambda tx: tx.facts.note(NOW, "admin", "did", "it", "detail"))

    assert store.read(lambda tx: tx.facts.tally()) == {
        ("signals", "received"): 1,
        ("trades", "pending"): 1,
        ("orders", "intent"): 1,
        ("exits", "planned"): 1,
    }


def test_a_reservation_shrinks_with_the_fill_and_ends_with_the_order(store: Blocking) -> None:
    store.write(lambda tx: (add_trade(tx), tx.orders.add(order(), HELD)))
    store.write(lambda tx: tx.orders.add(order(2), None))
    partly = order(status=OrderStatus.PARTLY_FILLED, filled_quantity=D(4))
    store.write(lambda tx: tx.orders.save(partly))
    assert store.read(lambda tx: tx.orders.reservations()) == [
        (partly, replace(HELD, amount=D("7.50")))
    ]

    store.write(lambda tx: tx.orders.save(replace(partly, status=OrderStatus.CANCELLED)))

    assert store.read(lambda tx: tx.orders.reservations()) == []
    assert [one.order_id for one in store.read(lambda tx: tx.orders.live())] == ["o2"]


def test_an_order_that_waits_is_alive_and_ties_up_what_it_may_cost(store: Blocking) -> None:
    waiting = order(status=OrderStatus.ARMED, order_type=OrderType.TAKE_PROFIT_LIMIT)
    store.write(lambda tx: (add_trade(tx), tx.orders.add(waiting, HELD)))

    assert store.read(lambda tx: tx.orders.live()) == [waiting]
    assert store.read(lambda tx: tx.orders.reservations()) == [(waiting, HELD)]


def add_second_position(tx: Transaction) -> None:
    add_trade(tx, 2)
    tx.positions.add(position(2))


@pytest.mark.parametrize(
    "second",
    [
        lambda tx: tx.signals.add(signal_record(2, external_id="their-1")),
        lambda tx: tx.signals.add(
            signal_record(2, fingerprint=signal_record(1).fingerprint, external_id=None)
        ),
        lambda tx: tx.trades.add(trade(2, signal_id="s1")),
        lambda tx: tx.orders.add(order(2, client_id="t-1"), None),
        add_second_position,
        lambda tx: tx.trades.add(trade(2, signal_id="nobody")),
    ],
    ids=["external id", "fingerprint", "live trade", "client id", "open position", "no signal"],
)
def test_what_must_be_unique_is_refused_and_leaves_nothing_behind(
    store: Blocking, second: Callable[[Transaction], None]
) -> None:
    store.write(
        lambda tx: (add_trade(tx), tx.orders.add(order(), None), tx.positions.add(position()))
    )
    before = store.read(lambda tx: (tx.facts.tally(), tx.positions.open()))

    with pytest.raises(Conflict):
        store.write(second)

    assert store.read(lambda tx: (tx.facts.tally(), tx.positions.open())) == before


def test_what_may_repeat_is_stored(store: Blocking) -> None:
    plain = replace(signal_record(1).signal, signal_id=None, bar=None)
    store.write(lambda tx: tx.signals.add(signal_record(3, signal=plain, external_id=None)))
    store.write(
        lambda tx: tx.signals.add(
            signal_record(
                4, signal=plain, external_id=None, fingerprint=signal_record(3).fingerprint
            )
        )
    )
    store.write(lambda tx: add_trade(tx, status=TradeStatus.NOT_PLACED))
    store.write(lambda tx: tx.trades.add(trade(2, signal_id="s1")))
    store.write(lambda tx: tx.positions.add(position(closed_at=NOW)))
    store.write(lambda tx: tx.positions.add(position(2)))

    newest = store.read(lambda tx: tx.signals.first(signal_record(3).fingerprint, None))
    assert newest is not None
    assert newest.signal_id == "s4"
    assert [one.position_id for one in store.read(lambda tx: tx.positions.open())] == ["p2"]


@pytest.mark.parametrize(
    "lost",
    [
        lambda tx: tx.signals.save(settled(9)),
        lambda tx: tx.trades.save(trade(9)),
        lambda tx: tx.orders.save(order(9)),
        lambda tx: tx.positions.save(position(9)),
        lambda tx: tx.exits.save(planned(9)),
    ],
)
def test_saving_what_was_never_added_is_an_error(
    store: Blocking, lost: Callable[[Transaction], None]
) -> None:
    with pytest.raises(LookupError, match="has no row"):
        store.write(lost)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"quantity": D("NaN")}, Transient),
        ({"quantity": D("Infinity")}, Transient),
        ({"created_at": NOW.replace(tzinfo=None)}, Transient),
        ({"status": "anything"}, Transient),
    ],
)
def test_an_inexact_value_is_never_stored(
    store: Blocking, wrong: dict[str, object], told: type[CerberusError]
) -> None:
    store.write(lambda tx: tx.signals.add(signal_record(1)))

    with pytest.raises(told):
        store.write(lambda tx: tx.trades.add(trade(**wrong)))

    assert store.read(lambda tx: tx.trades.get("t1")) is None


def test_a_write_that_raises_leaves_nothing_behind(store: Blocking) -> None:
    def half(tx: Transaction) -> None:
        add_trade(tx)
        tx.orders.add(order(), HELD)
        tx.facts.put("switch", {"on": "1"}, NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(half)

    assert store.read(lambda tx: tx.facts.tally()) == {}
    assert store.read(lambda tx: tx.facts.get("switch")) == {}
    assert store.read(lambda tx: tx.orders.reservations()) == []


def test_a_reader_sees_one_moment_while_a_writer_commits(
    open_store: OpenStore,
) -> None:
    reading, writing = open_store(), open_store()
    begun, written = threading.Event(), threading.Event()

    def look(tx: Transaction) -> list[object]:
        first = [tx.trades.get("t1")]
        begun.set()
        assert written.wait(20)
        return [*first, tx.trades.get("t1"), tx.positions.open()]

    def write() -> None:
        assert begun.wait(20)
        writing.write(lambda tx: (add_trade(tx), tx.positions.add(position())))
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = reading.read(look)
    writer.join()

    assert seen == [None, None, []]
    assert reading.read(lambda tx: tx.trades.get("t1")) == trade()


def test_a_reader_cannot_write(store: Blocking) -> None:
    with pytest.raises(Transient):
        store.read(lambda tx: tx.signals.add(signal_record(1)))


def test_of_two_processes_with_one_signal_only_one_stores_it(open_store: OpenStore) -> None:
    stores = [open_store(), open_store()]

    async def tell(store: Blocking, number: int) -> str:
        record = signal_record(number, external_id="the same")

        def add(tx: Transaction) -> str:
            first = tx.signals.first("nothing", "the same")
            if first is None:
                tx.signals.add(record)
            return record.signal_id if first is None else first.signal_id

        try:
            return await store.store.write(add)
        except Conflict:
            return await store.store.write(add)

    async def race() -> list[str]:
        return await asyncio.gather(*(tell(stores[n % 2], n) for n in range(20)))

    assert len(set(asyncio.run(race()))) == 1
    assert stores[0].read(lambda tx: tx.signals.newest(5, 0))[1] == 1


def test_two_writers_that_read_before_they_write_lose_no_update(open_store: OpenStore) -> None:
    stores = [open_store(), open_store()]

    def count(tx: Transaction) -> None:
        present = int(tx.facts.get("count").get("n", "0"))
        tx.facts.put("count", {"n": str(present + 1)}, NOW)

    async def race() -> None:
        await asyncio.gather(*(stores[n % 2].store.write(count) for n in range(40)))

    asyncio.run(race())

    assert stores[0].read(lambda tx: tx.facts.get("count")) == {"n": "40"}


def test_migrating_twice_changes_nothing(url: str, tmp_path: Path) -> None:
    assert migrate(url, tmp_path / "backup", NOW).startswith("database migrated from nothing to ")
    assert migrate(url, tmp_path / "backup", NOW).startswith("database is at ")
    assert not (tmp_path / "backup").exists()


def test_a_text_that_the_database_cannot_keep_is_refused_as_such(store: Blocking) -> None:
    try:
        store.write(lambda tx: tx.trades.get("t\x00"))
        store.write(lambda tx: tx.facts.note(NOW, "admin", "did", "it", "nul \x00"))
    except Rejected as refused:
        assert "cannot be kept" in str(refused)  # noqa: PT017 - PostgreSQL refuses, SQLite keeps


def test_samples_are_replaced_by_minute_read_in_order_and_forgotten(store: Blocking) -> None:
    told = [Sample(NOW, {"a": 1.5}), Sample(LATER, {"a": -2.0, "b": 1e12}), Sample(NOW, {"a": 2.5})]
    for one in told:
        store.write(lambda tx, one=one: tx.samples.put(one))

    assert store.read(lambda tx: tx.samples.between(NOW, LATER)) == [told[2], told[1]]
    assert store.read(lambda tx: tx.samples.between(LATER, LATER)) == [told[1]]
    assert store.write(lambda tx: tx.samples.forget(LATER)) == 1
    assert store.read(lambda tx: tx.samples.between(NOW, LATER)) == [told[1]]
