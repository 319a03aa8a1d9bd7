"""Who hears of it, who is next, what happens still, and what is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cerberus.domain.alerts.alert import AlertStatus, Level
from cerberus.domain.alerts.delivery import Kind
from cerberus.domain.alerts.rules import AlertRule, AlertRules, EscalationStep, Policy
from cerberus.errors import NotFound
from cerberus.services.alerts.raising import acknowledge, resolve, take_in
from cerberus.services.alerts.routing import forget_old
from tests.integration.alerts.outbox import Outbox

STEPS = (
    EscalationStep(timedelta(minutes=5), ("pager",)),
    EscalationStep(timedelta(minutes=15), ("phone", "pager")),
)
ESCALATING = AlertRules(
    levels={level: Policy(("phone",), STEPS, timedelta(minutes=30)) for level in Level},
    channels=("log", "phone", "pager"),
)


def _kinds(outbox: Outbox, channel: str) -> list[Kind]:
    return [item.kind for one in outbox.channels[channel].given for item in one.items]


async def _acknowledge(outbox: Outbox, alert_id: str) -> None:
    now = outbox.clock.now()
    await outbox.store.write(lambda tx: acknowledge(tx, alert_id, "a person", now, ("pager",)))


async def _resolve(outbox: Outbox, alert_id: str) -> None:
    alert, now = await outbox.alert(alert_id), outbox.clock.now()
    await outbox.store.write(lambda tx: resolve(tx, alert, now))


async def test_nobody_acknowledges_and_the_next_in_turn_is_told(outbox: Outbox) -> None:
    outbox.rules = ESCALATING
    await outbox.tell()
    for _ in range(20):
        await outbox.turn()
        outbox.clock.advance(minutes=1)

    assert _kinds(outbox, "phone") == [Kind.RAISED, Kind.ESCALATED]
    assert _kinds(outbox, "pager") == [Kind.ESCALATED, Kind.ESCALATED]


async def test_an_acknowledged_alert_calls_nobody_else(outbox: Outbox) -> None:
    outbox.rules = ESCALATING
    alert = await outbox.tell()
    await outbox.turn()
    await _acknowledge(outbox, alert.alert_id)
    outbox.clock.advance(minutes=20)
    await outbox.turn()

    seen = await outbox.alert(alert.alert_id)
    assert seen.status is AlertStatus.ACKNOWLEDGED
    assert seen.acknowledged_by == "a person"
    assert outbox.channels["pager"].given == []


async def test_a_channel_that_keeps_state_hears_of_the_acknowledgement(outbox: Outbox) -> None:
    outbox.rules = ESCALATING
    alert = await outbox.tell()
    await outbox.turn()
    outbox.clock.advance(minutes=6)
    await outbox.turn()
    await _acknowledge(outbox, alert.alert_id)
    await outbox.turn()

    assert _kinds(outbox, "pager") == [Kind.ESCALATED, Kind.ACKNOWLEDGED]
    assert _kinds(outbox, "phone") == [Kind.RAISED]


async def test_whoever_was_told_hears_that_it_is_over(outbox: Outbox) -> None:
    outbox.rules = ESCALATING
    alert = await outbox.tell()
    await outbox.turn()
    await _resolve(outbox, alert.alert_id)
    await _resolve(outbox, alert.alert_id)
    outbox.clock.advance(hours=1)
    await outbox.turn()

    assert _kinds(outbox, "phone") == [Kind.RAISED, Kind.RESOLVED]
    assert outbox.channels["pager"].given == []


async def test_what_was_over_before_it_was_told_is_told_as_over(outbox: Outbox) -> None:
    alert = await outbox.tell()
    await _resolve(outbox, alert.alert_id)
    await outbox.turn()

    assert _kinds(outbox, "phone") == [Kind.RESOLVED]


async def test_what_happens_still_is_told_again_after_its_time(outbox: Outbox) -> None:
    await outbox.tell()
    for _ in range(25):
        await outbox.turn()
        outbox.clock.advance(minutes=1)
        await outbox.tell()

    assert _kinds(outbox, "phone") == [Kind.RAISED, Kind.REMINDED, Kind.REMINDED]


async def test_an_acknowledged_alert_that_goes_on_is_opened_again(outbox: Outbox) -> None:
    alert = await outbox.tell()
    await outbox.turn()
    await _acknowledge(outbox, alert.alert_id)
    outbox.clock.advance(minutes=11)
    await outbox.tell()
    await outbox.turn()

    assert (await outbox.alert(alert.alert_id)).status is AlertStatus.OPEN
    assert _kinds(outbox, "phone") == [Kind.RAISED, Kind.REMINDED]


async def test_a_higher_level_is_told_at_once(outbox: Outbox) -> None:
    await outbox.tell(level=Level.WARNING)
    await outbox.turn()
    await outbox.tell(level=Level.EMERGENCY)
    await outbox.turn()

    assert [one.level for one in outbox.phone.given] == [Level.WARNING, Level.EMERGENCY]


async def test_the_same_id_counts_once(outbox: Outbox) -> None:
    first = await outbox.tell(external_id="execution-1-task")
    again = await outbox.tell("another title", external_id="execution-1-task")
    repeated = await outbox.tell(external_id="execution-2-task")
    once_more = await outbox.tell(external_id="execution-2-task")

    assert again == first
    assert (repeated.alert_id, repeated.count) == (first.alert_id, 2)
    assert once_more == repeated


async def test_a_rule_gives_its_alert_a_level_and_channels_or_nobody(outbox: Outbox) -> None:
    rules = {
        "probe": AlertRule("probe", level=Level.EMERGENCY, channels=("pager",)),
        "mute": AlertRule("mute", is_enabled=False),
    }
    outbox.rules = replace(ESCALATING, rules=rules)
    await outbox.tell("one", Level.INFO)
    await outbox.tell("two", name="mute")
    await outbox.turn()

    assert [one.level for one in outbox.channels["pager"].given] == [Level.EMERGENCY]
    assert outbox.phone.given == []
    assert await outbox.count(AlertStatus.OPEN) == 2


async def test_the_log_has_what_waited_for_a_channel_that_is_no_more(outbox: Outbox) -> None:
    await outbox.tell("one")
    del outbox.channels["phone"]
    await outbox.turn()
    outbox.rules = AlertRules(channels=("log",))
    await outbox.turn()

    assert outbox.channels["log"].titles == ["one"]


async def test_an_alert_that_is_rolled_back_with_its_cause_never_was(outbox: Outbox) -> None:
    alert = await outbox.tell("kept")

    def fail(transaction: object) -> None:
        take_in(transaction, replace(alert, alert_id="x", fingerprint="y"))  # type: ignore[arg-type]  # a transaction
        raise NotFound("the cause did not come about")

    with pytest.raises(NotFound):
        await outbox.store.write(fail)
    await outbox.turn()

    assert outbox.phone.titles == ["kept"]


async def test_old_alerts_are_forgotten_and_still_ones_end(outbox: Outbox) -> None:
    over = await outbox.tell("over")
    await outbox.turn()
    await _resolve(outbox, over.alert_id)
    await outbox.turn()
    outbox.clock.advance(days=24)
    await outbox.tell("still")
    await outbox.turn()
    outbox.clock.advance(days=8)
    removed = await forget_old(outbox.store, outbox.clock)

    assert removed == 1
    assert await outbox.count(AlertStatus.RESOLVED) == 1
