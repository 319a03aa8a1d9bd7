"""Thousands of steps of venue and engine together, without one violation."""

import secrets

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from cerberus.domain.orders import LEGAL_MOVES, Order, OrderStatus
from tests.model.machine import Trading
from tests.model.ways import WAYS, Move, Steered, in_words

#: examples and steps of each: some 600 steps by default, over 10,000 in the long version
SHORT, LONG = (20, 30), (230, 50)
STEPS = 10_000
SEED = 17
EVERY_MOVE = {(before, after) for before, moves in LEGAL_MOVES.items() for after in moves}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> set[Move]:
    """Return the moves that orders have made; it grows as they do."""
    moves: set[Move] = set()
    proper = Order.moved

    def moved(self: Order, status: OrderStatus, reason: str = "") -> Order:
        after = proper(self, status, reason)
        moves.add((self.status, status))
        return after

    monkeypatch.setattr(Order, "moved", moved)
    return moves


@pytest.mark.parametrize("move", sorted(EVERY_MOVE), ids=in_words)
def test_every_legal_move_is_made_on_the_way_that_is_stated_for_it(
    move: Move, made: set[Move]
) -> None:
    trading = Trading()
    try:
        for step in WAYS[move]:
            step(trading)
        assert move in made, sorted(map(in_words, made))
    finally:
        trading.teardown()  # all comes to rest and agrees, and nothing is sent twice
    assert trading.venue.violations == []
    assert made <= EVERY_MOVE | {(status, status) for status in OrderStatus}


def test_no_way_is_stated_for_a_move_that_is_not_legal() -> None:
    assert set(WAYS) == EVERY_MOVE


@pytest.mark.timeout(1200)
def test_no_order_of_events_loses_or_doubles_anything(is_long: bool, made: set[Move]) -> None:
    chosen = secrets.randbits(32) if is_long else SEED
    looks: list[int] = []
    runs: list[int] = []

    class Counted(Steered):
        def __init__(self) -> None:
            super().__init__()
            runs.append(1)

        @invariant()
        def is_looked_at_before_the_first_step_and_after_each(self) -> None:
            looks.append(1)

    print(f"seed {chosen}")
    run_state_machine_as_test(seed(chosen)(Counted), settings=_settings(is_long))
    missing = sorted(map(in_words, EVERY_MOVE - made))
    print(f"{len(EVERY_MOVE & made)} of {len(EVERY_MOVE)} moves, not made: {missing}")
    steps = len(looks) - len(runs)
    print(f"{steps} steps")
    if is_long:
        assert missing == []
        assert steps >= STEPS


def _settings(is_long: bool) -> settings:
    examples, steps = LONG if is_long else SHORT
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
        derandomize=False,
        database=None,
        print_blob=True,
        # making a failure small takes long: only where there is time
        phases=[Phase.generate, Phase.shrink] if is_long else [Phase.generate],
    )
