"""Conditions that hold long enough call a person, and their end is told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.delivery import Kind
from cerberus.domain.alerts.rules import AlertRule, AlertRules, Heartbeat, MetricRule
from cerberus.domain.performance import Performance
from cerberus.domain.risk import RiskLimits
from cerberus.ports import Transaction
from cerberus.services.alerts.conditions import metric_conditions
from cerberus.services.alerts.halts import halts
from cerberus.services.alerts.watching import (
    Condition,
    Watcher,
    heartbeat_fact,
    silent_heartbeats,
)
from cerberus.services.figures import Figure
from tests.integration.alerts.outbox import START, Outbox

HOLDS = Condition("dark", Level.CRITICAL, "it is dark", "no light", lasting=timedelta(seconds=5))
TODAY = START.date()


def _watcher(outbox: Outbox, found: list[Condition]) -> Watcher:
    return Watcher(
        store=outbox.store,
        clock=outbox.clock,
        rules=lambda: outbox.rules,
        names=lambda: {"dark"},
        sense=lambda _tx, _now: list(found),
    )


async def test_a_condition_is_told_once_it_has_held_and_once_it_is_over(outbox: Outbox) -> None:
    found = [HOLDS]
    watcher = _watcher(outbox, found)
    counts = []
    for second in range(10):
        if second == 8:
            found.clear()
        await watcher.step()
        await outbox.turn()
        counts.append(len(outbox.phone.given))
        outbox.clock.advance(seconds=1)

    assert counts == [0, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert [one.items[0].kind for one in outbox.phone.given] == [Kind.RAISED, Kind.RESOLVED]


async def test_a_condition_that_comes_and_goes_is_not_told(outbox: Outbox) -> None:
    found: list[Condition] = []
    watcher = _watcher(outbox, found)
    for second in range(20):
        found[:] = [HOLDS] if second % 4 else []
        await watcher.step()
        outbox.clock.advance(seconds=1)
    await outbox.turn()

    assert outbox.phone.given == []


async def test_the_threshold_of_the_rule_wins(outbox: Outbox) -> None:
    outbox.rules = replace(outbox.rules, rules={"dark": AlertRule("dark", threshold=Decimal(60))})
    watcher = _watcher(outbox, [HOLDS])
    await watcher.step()
    outbox.clock.advance(seconds=59)
    await watcher.step()
    await outbox.turn()
    early = list(outbox.phone.given)
    outbox.clock.advance(seconds=1)
    await watcher.step()
    await outbox.turn()

    assert early == []
    assert outbox.phone.titles == ["it is dark"]


async def test_two_processes_find_one_alert(outbox: Outbox) -> None:
    now = replace(HOLDS, lasting=timedelta(0))
    await _watcher(outbox, [now]).step()
    await _watcher(outbox, [now]).step()
    await outbox.turn()

    assert outbox.phone.titles == ["it is dark"]
    assert outbox.phone.given[0].items[0].count == 1


@pytest.mark.parametrize(
    ("is_from_start", "beat_at", "api_started_at", "silent_at"),
    [
        (True, None, 0, 300),
        (False, None, 0, None),
        (False, 0, 0, 300),
        # the API was down from 100 to 1000: nobody could give a sign
        (False, 100, 1000, 1300),
    ],
)
async def test_a_sign_of_life_that_is_missed_is_noticed(
    outbox: Outbox,
    is_from_start: bool,
    beat_at: int | None,
    api_started_at: int,
    silent_at: int | None,
) -> None:
    expected = Heartbeat("monitoring", timedelta(minutes=5), is_from_start=is_from_start)
    rules = AlertRules(heartbeats=(expected,))
    started = START + timedelta(seconds=api_started_at)

    def silent(transaction: Transaction, at: datetime) -> Iterable[Condition]:
        return list(silent_heartbeats(transaction, rules, started, at))

    if beat_at is not None:
        beat = START + timedelta(seconds=beat_at)
        fact = {"at": beat.isoformat()}
        await outbox.store.write(lambda tx: tx.facts.put(heartbeat_fact("monitoring"), fact, beat))
    noticed = []
    for second in range(api_started_at, 2000, 100):
        at = START + timedelta(seconds=second)
        if await outbox.store.read(lambda tx, at=at: silent(tx, at)):  # type: ignore[misc]  # mypy loses the lambda
            noticed.append(second)

    assert noticed[:1] == ([] if silent_at is None else [silent_at])


def test_a_metric_beyond_its_threshold_is_a_condition() -> None:
    rules = AlertRules(
        metrics=(
            MetricRule("deficit", "cerberus_deficit_usdt", "gone", above=Decimal(0)),
            MetricRule("poor", "cerberus_equity_usd", "poor", below=Decimal(100)),
        )
    )
    figures = [
        Figure("cerberus_deficit_usdt", "", 1.5, {}),
        Figure("cerberus_equity_usd", "", 100, {}),
        Figure("cerberus_deficit_usdt", "", 9, {"other": "labels"}),
    ]

    found = list(metric_conditions(rules, figures))

    assert [one.message for one in found] == ["cerberus_deficit_usdt is 1.5, limit above 0"]


def test_every_limit_of_losses_is_told_when_it_is_reached() -> None:
    limits = RiskLimits()
    sums = Performance(
        starting_equity=Decimal(1000),
        peak_equity=Decimal(1000),
        drawdown_latched=True,
        day=TODAY,
        day_pnl=-limits.daily_loss_usd,
        losses_in_a_row=limits.losses_in_a_row,
    )

    assert [name for name, _, _ in halts(sums, limits, TODAY)] == [
        "daily_loss",
        "drawdown",
        "losses_in_a_row",
    ]
    assert list(halts(Performance(), limits, TODAY)) == []
