"""Two owners of one lease on a real store, with clocks that the test moves."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cerberus.adapters.store import SqlStore
from cerberus.adapters.store.migrate import migrate
from cerberus.coordination.lease import LIFETIME, MARGIN, LeaseKeeper
from cerberus.domain.leases import Lease
from cerberus.errors import NotTheWriter, StoreFailed
from cerberus.ports import Transaction
from tests.integration.store.conftest import OpenStore

START = datetime(2026, 3, 2, tzinfo=UTC)
SECONDS = LIFETIME.total_seconds()


@dataclass
class World:
    """True time, and who has died."""

    seconds: float = 0.0
    gone: set[str] = field(default_factory=set)


class Owner:
    """A process with a clock of its own."""

    def __init__(self, name: str, world: World, store: SqlStore) -> None:
        self.name, self.world, self.store = name, world, store
        self.off_by = timedelta(0)
        self.keeper = LeaseKeeper(
            store,
            self,
            "trading",
            name,
            is_gone=lambda other: other in world.gone,
            stopwatch=lambda: world.seconds,
        )

    def now(self) -> datetime:
        """Return what its own clock shows."""
        return START + timedelta(seconds=self.world.seconds) + self.off_by

    def beat(self) -> bool:
        """Say whether it has the lease after a heartbeat."""
        try:
            asyncio.run(self.keeper.beat())
        except NotTheWriter:
            return False
        return True

    def write(self) -> int:
        """Commit something that only the writer may; return the token it was under, else 0."""

        def work(transaction: Transaction) -> int:
            token = self.keeper.check(transaction).token
            transaction.facts.put("written", {"by": self.name}, START)
            return token

        try:
            return asyncio.run(self.store.write(work))
        except (NotTheWriter, StoreFailed):
            return 0


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def pair(open_store: OpenStore, world: World) -> tuple[Owner, Owner]:
    return Owner("one", world, open_store().store), Owner("two", world, open_store().store)


def test_the_first_has_it_until_it_runs_out(pair: tuple[Owner, Owner], world: World) -> None:
    one, two = pair
    assert one.write() == 0
    assert one.beat()
    assert one.write() == 1
    world.seconds = SECONDS - 1
    assert not two.beat()
    assert "another process has the lease trading: one, until 2026-03-02T00:00:15" in (
        two.keeper.problem()
    )
    world.seconds = SECONDS
    assert two.beat()
    assert (one.write(), two.write()) == (0, 2)
    assert not one.beat()
    assert (one.keeper.token, one.keeper.is_foreign) == (0, True)


def test_who_slept_past_it_cannot_write_until_it_is_renewed(
    pair: tuple[Owner, Owner], world: World
) -> None:
    one, _ = pair
    one.beat()
    world.seconds = SECONDS - MARGIN.total_seconds()
    with pytest.raises(StoreFailed, match="must be renewed"):
        asyncio.run(one.store.write(one.keeper.check))
    assert one.beat()
    assert one.write() == 1


def test_what_a_dead_process_or_an_orderly_one_has_left_is_free_at_once(
    pair: tuple[Owner, Owner], world: World
) -> None:
    one, two = pair
    one.beat()
    asyncio.run(one.keeper.give_up())
    assert one.write() == 0
    assert two.beat()
    world.gone.add("two")
    assert one.beat()
    assert one.write() == 3


def test_a_lease_from_a_clock_far_ahead_blocks_for_no_longer_than_its_lifetime(
    pair: tuple[Owner, Owner], world: World
) -> None:
    one, two = pair
    one.off_by = timedelta(days=365)
    one.beat()
    assert not two.beat()
    world.seconds = SECONDS
    assert two.beat()
    assert one.write() == 0


def test_a_store_that_fails_is_no_other_owner(
    pair: tuple[Owner, Owner], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = pair

    async def fail(_: object) -> None:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(one.store, "write", fail)
    with pytest.raises(StoreFailed):
        asyncio.run(one.keeper.beat())
    monkeypatch.undo()
    with pytest.raises(StoreFailed, match="cannot be taken: the disk is full"):
        asyncio.run(one.store.write(one.keeper.check))
    assert not one.keeper.is_foreign


class Leasing(RuleBasedStateMachine):
    """Three owners that beat, write, sleep, die and lose their clocks in any order."""

    url = ""

    @initialize()
    def begin(self) -> None:
        self.world = World()
        self.stores = [SqlStore(self.url) for _ in range(3)]
        self.owners = [Owner(f"{id(self)}-{n}", self.world, s) for n, s in enumerate(self.stores)]
        self.are_clocks_right = True
        self.written: list[tuple[int, str]] = []
        for owner in self.owners:  # nobody else's lease of an earlier example
            asyncio.run(owner.store.write(_free))

    @rule(seconds=st.sampled_from([0.5, 3.0, SECONDS - MARGIN.total_seconds(), SECONDS]))
    def time_passes(self, seconds: float) -> None:
        self.world.seconds += seconds

    @rule(who=st.integers(0, 2), seconds=st.integers(-3600, 3600))
    def a_clock_is_changed(self, who: int, seconds: int) -> None:
        self.owners[who].off_by += timedelta(seconds=seconds)
        self.are_clocks_right = self.are_clocks_right and seconds == 0

    @rule(who=st.integers(0, 2))
    def one_beats(self, who: int) -> None:
        owner, before = self.owners[who], self._held()
        if not owner.beat() or before is None or before.owner == owner.name:
            return
        is_free = before.is_over_at(owner.now()) or before.owner in self.world.gone
        if self.are_clocks_right:
            assert is_free, "a lease was taken from a living owner before its end"
        held = self._held()
        assert held is not None
        assert held.token > before.token

    @rule(who=st.integers(0, 2))
    def one_writes(self, who: int) -> None:
        owner, held = self.owners[who], self._held()
        token = owner.write()
        if token:
            assert held is not None
            assert (held.token, held.owner) == (token, owner.name)
            assert owner.now() + MARGIN < held.expires_at
            assert token >= max((one for one, _ in self.written), default=0)
            self.written.append((token, owner.name))

    @rule(who=st.integers(0, 2))
    def one_leaves(self, who: int) -> None:
        asyncio.run(self.owners[who].keeper.give_up())

    @precondition(lambda self: len(self.world.gone) < 5)
    @rule(who=st.integers(0, 2))
    def one_dies_and_comes_back(self, who: int) -> None:
        old = self.owners[who]
        self.world.gone.add(old.name)
        self.owners[who] = Owner(f"{old.name}'", self.world, old.store)

    @invariant()
    def at_most_one_may_write(self) -> None:
        if hasattr(self, "owners"):
            assert sum(bool(owner.write()) for owner in self.owners) <= 1
            owners_of = dict(self.written)
            assert all(owners_of[token] == name for token, name in self.written)

    def teardown(self) -> None:
        for store in getattr(self, "stores", []):
            store.close()

    def _held(self) -> Lease | None:
        return asyncio.run(
            self.owners[0].store.read(lambda transaction: transaction.leases.get("trading"))
        )


def _free(transaction: Transaction) -> None:
    held = transaction.leases.get("trading")
    if held is not None:
        transaction.leases.put(held.given_up(START))


@pytest.fixture
def shared_file(tmp_path: Path) -> Iterator[str]:
    Leasing.url = f"sqlite:///{tmp_path / 'cerberus.db'}"
    migrate(Leasing.url, tmp_path / "backup", START)
    yield Leasing.url
    Leasing.url = ""


@pytest.mark.usefixtures("shared_file")
def test_whatever_owners_and_clocks_do_no_two_write_and_no_token_comes_back(
    is_long: bool,
) -> None:
    count = 300 if is_long else 20
    run_state_machine_as_test(
        Leasing, settings=settings(max_examples=count, stateful_step_count=30, deadline=None)
    )
