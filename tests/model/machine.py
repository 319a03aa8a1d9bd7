"""Venue and engine together, driven in every order that a test can think of."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cerberus.domain.orders import OrderStatus, Purpose
from cerberus.domain.signals import EntryType, Side, Signal, Size, waits_above
from cerberus.errors import CerberusError
from cerberus.services.cancel import cancel_order
from cerberus.services.close import close_position
from cerberus.services.desk import Desk
from cerberus.services.execute import execute
from cerberus.services.follow import follow_all
from cerberus.services.intake import take_in
from cerberus.services.judge import Wish
from cerberus.services.protect import protect
from cerberus.services.reconcile import reconcile
from tests.model.desk import FOLDER, new_desk, new_store
from tests.model.moods import Crash, Mood
from tests.model.venue import Clock, ModelVenue
from tests.unit.domain.examples import SWAP

D = Decimal
PRICES = [9700, 9950, 10_000, 10_050, 10_500]
MOODS = {
    "place": (
        Mood.LOST,
        Mood.ANSWER_LOST,
        Mood.LATE,
        Mood.BUSY,
        Mood.REFUSED,
        Mood.TURNED_DOWN,
        Mood.CRASH_BEFORE,
        Mood.CRASH_AFTER,
    ),
    "find": (Mood.BUSY, Mood.BLIND, Mood.STALE, Mood.CRASH_BEFORE),
    "fills": (Mood.BUSY, Mood.SHORT, Mood.TWICE, Mood.CRASH_BEFORE),
    "cancel": (
        Mood.LOST,
        Mood.ANSWER_LOST,
        Mood.RACE,
        Mood.BUSY,
        Mood.CRASH_BEFORE,
        Mood.CRASH_AFTER,
    ),
    "place_trigger": (
        Mood.LOST,
        Mood.ANSWER_LOST,
        Mood.LATE,
        Mood.BUSY,
        Mood.CRASH_BEFORE,
        Mood.CRASH_AFTER,
    ),
    "triggers": (Mood.BUSY, Mood.CRASH_BEFORE),
    "cancel_trigger": (
        Mood.LOST,
        Mood.ANSWER_LOST,
        Mood.RACE,
        Mood.BUSY,
        Mood.CRASH_BEFORE,
        Mood.CRASH_AFTER,
    ),
}


class Trading(RuleBasedStateMachine):
    """One desk on a venue whose calls go wrong; restarts keep only the store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.venue = ModelVenue(self.clock)
        self.store = new_store(self.folder)
        self.block = ""
        self.desk = self._new_desk()
        self.signals = 0

    # ---- what a strategy and a person do

    @rule(side=st.sampled_from(list(Side)), is_limit=st.booleans(), again=st.booleans())
    def enter(self, side: Side, is_limit: bool, again: bool) -> None:
        if not again or not self.signals:
            self.signals += 1
        told = {"entry_type": EntryType.LIMIT, "price": self.venue.price} if is_limit else {}
        self._do(self._enter(f"signal-{self.signals}", side, **told))

    @rule(
        side=st.sampled_from(list(Side)),
        kind=st.sampled_from([one for one in EntryType if one.is_triggered]),
        trigger=st.sampled_from(PRICES),
    )
    def arm(self, side: Side, kind: EntryType, trigger: int) -> None:
        self.signals += 1
        price = D(trigger) if kind.has_limit else None
        told = {"entry_type": kind, "trigger_price": D(trigger), "price": price}
        self._do(self._enter(f"signal-{self.signals}", side, **told))

    @precondition(lambda self: self._armed())
    @rule(past=st.sampled_from([0, 20, 300]))
    def reach_a_trigger(self, past: int) -> None:
        waiting = self._armed()[0]
        kind = EntryType(str(waiting.order_type))
        sign = 1 if waits_above(kind, waiting.side) else -1
        self.venue.move(waiting.trigger_price + sign * past)
        self.clock.tick(0.5)  # a price is looked at for a moment

    @precondition(lambda self: self.block or self._armed())
    @rule()
    def hold_entries_back_or_not(self) -> None:
        self.block = "" if self.block else "held back by the test"

    @rule()
    def close(self) -> None:
        self._do(self._close())

    @rule()
    def cancel_entries(self) -> None:
        self._do(self._cancel_entries())

    # ---- what our own loops do

    @rule()
    def follow(self) -> None:
        self._do(follow_all(self.desk))

    @rule()
    def restart(self) -> None:
        self.desk = self._new_desk()
        self._do(follow_all(self.desk))

    # ---- what the world does

    @rule(data=st.data(), kind=st.sampled_from(sorted(MOODS)))
    def go_wrong(self, data: Any, kind: str) -> None:
        self.venue.moods[kind].append(data.draw(st.sampled_from(MOODS[kind])))

    @rule(percent=st.sampled_from([30, 100]))
    def trade(self, percent: int) -> None:
        self.venue.trade(D(percent) / 100)

    @rule(status=st.sampled_from([OrderStatus.CANCELLED, OrderStatus.EXPIRED]))
    def end_at_the_venue(self, status: OrderStatus) -> None:
        self.venue.end(status)

    @rule(price=st.sampled_from(PRICES))
    def move(self, price: int) -> None:
        self.venue.move(D(price))

    @rule(depth=st.sampled_from(["0", "0.5", "1"]), is_slow=st.booleans())
    def change_depth(self, depth: str, is_slow: bool) -> None:
        self.venue.depth, self.venue.is_slow = D(depth), is_slow

    @rule(seconds=st.sampled_from([0.5, 2, 6]))
    def wait(self, seconds: float) -> None:
        self.clock.tick(seconds)

    @precondition(lambda self: self.venue.late)
    @rule()
    def arrive(self) -> None:
        self.venue.arrive()

    # ---- what must hold all the time

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        assert self.venue.violations == []

    @invariant()
    def what_was_sent_is_written_down(self) -> None:
        known = {order.client_id for order in self._orders()}
        assert {name for name in self.venue.orders if name.startswith("t-")} <= known

    @invariant()
    def live_entries_alone_tie_something_up(self) -> None:
        held = self._read(lambda tx: tx.orders.reservations())
        live = self._read(lambda tx: tx.orders.live())
        entries = {order.order_id for order in live if order.purpose is Purpose.ENTRY}
        assert {order.order_id for order, _ in held} == entries

    # ---- what must hold once the world is well again

    def teardown(self) -> None:
        try:
            self._come_to_rest()
            self._assert_agreement()
        finally:
            self.store.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def _come_to_rest(self) -> None:
        self.venue.heal()
        self.desk = self._new_desk()
        for _ in range(12):
            self._do(follow_all(self.desk))
            self.venue.trade(D(1))
            self.clock.tick(2)
        self._run(reconcile(self.desk))  # what arrived when nobody followed it any more
        before = self._everything()
        assert self._run(follow_all(self.desk))
        assert self._everything() == before, "following once more has changed something"

    def _assert_agreement(self) -> None:
        alive = [one for one in self._orders() if not one.status.is_final]
        assert [one for one in alive if not one.is_armed] == []
        held = self._read(lambda tx: tx.positions.open())
        mine = sum((one.quantity * one.side.sign for one in held), D(0))
        assert mine == self.venue.position, (mine, self.venue.position)
        triggers = list(self.venue.open_triggers.values())
        assert sorted(one.quantity for one in triggers) == [abs(mine)] * len(triggers)
        assert len(triggers) == (2 if mine else 0), triggers
        filled = sum((one.filled for one in self.venue.orders.values()), D(0))
        booked = sum((one.filled_quantity for one in self._orders()), D(0))
        assert booked == filled, (booked, filled)
        entered = [
            one for one in self._orders() if one.purpose is Purpose.ENTRY and one.filled_quantity
        ]
        trades = [self._read(lambda tx, one=one: tx.trades.get(one.trade_id)) for one in entered]
        assert len({one.signal_id for one in trades}) == len(trades), "a signal was entered twice"

    # ---- steps

    async def _enter(self, name: str, side: Side, **told: Any) -> None:
        signal = Signal(
            SWAP.symbol,
            side,
            "model",
            D(1),
            self.clock.now(),
            size=Size(D("0.01")),
            signal_id=name,
            **told,
        )
        taken = await take_in(self.desk, signal)
        outcome = await execute(self.desk, taken.record.signal_id, Wish())
        if outcome.trade is not None:
            async with self.desk.locks[SWAP.symbol]:
                await protect(self.desk, outcome.trade.trade_id)

    async def _close(self) -> None:
        for held in await self.store.read(lambda tx: tx.positions.open()):
            async with self.desk.locks[held.symbol]:
                await close_position(self.desk, held, "model")

    async def _cancel_entries(self) -> None:
        for order in await self.store.read(lambda tx: tx.orders.live()):
            if order.purpose is Purpose.ENTRY:
                async with self.desk.locks[order.symbol]:
                    await cancel_order(self.desk, order)

    def _do(self, step: Awaitable[Any]) -> None:
        try:
            self._run(step)
        except CerberusError:
            pass  # a caller is told, and asks again or not
        except Crash:
            self.desk = self._new_desk()

    def _new_desk(self) -> Desk:
        desk = new_desk(self.venue, self.store, self.clock)
        desk.entry_block = lambda: self.block
        return desk

    def _run(self, step: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(step)

    def _read(self, work: Any) -> Any:
        return self._run(self.store.read(work))

    def _orders(self) -> list[Any]:
        return list(self._read(lambda tx: tx.orders.newest(10_000, 0)[0]))

    def _armed(self) -> list[Any]:
        return [one for one in self._orders() if one.is_armed]

    def _everything(self) -> Any:
        return self._read(
            lambda tx: (
                tx.orders.newest(10_000, 0),
                tx.exits.newest(10_000, 0),
                tx.positions.open(),
            )
        )
