"""Thousands of steps of venue and engine together, without one violation."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from cerberus.domain.orders import LEGAL_MOVES, Order, OrderStatus
from tests.model.machine import Trading

#: examples and steps of each: some 600 steps by default, 10,000 in the long version
SHORT, LONG = (20, 30), (200, 50)
EVERY_MOVE = {(before, after) for before, moves in LEGAL_MOVES.items() for after in moves}


@pytest.mark.timeout(1200)
def test_no_order_of_events_loses_or_doubles_anything(
    is_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: set[tuple[OrderStatus, OrderStatus]] = set()
    proper = Order.moved

    def moved(self: Order, status: OrderStatus, reason: str = "") -> Order:
        visited.add((self.status, status))
        return proper(self, status, reason)

    monkeypatch.setattr(Order, "moved", moved)
    run_state_machine_as_test(Trading, settings=_settings(is_long))
    missing = sorted(f"{before} -> {after}" for before, after in EVERY_MOVE - visited)
    print(f"{len(EVERY_MOVE & visited)} of {len(EVERY_MOVE)} moves, not made: {missing}")


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
        derandomize=not is_long,
        database=None,
        print_blob=True,
        # making a failure small takes long: only where there is time
        phases=[Phase.generate, Phase.shrink] if is_long else [Phase.generate],
    )
