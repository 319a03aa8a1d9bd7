"""At least once, at most the allowed messages, and a dead channel holds up only itself."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cerberus.domain.alerts.alert import AlertStatus, Level
from cerberus.domain.alerts.message import AlertMessage
from cerberus.domain.alerts.rules import AlertRules, Policy, QuietHours, RateLimit
from cerberus.errors import CerberusError, Misconfigured, Rejected, Transient, Unknown
from tests.integration.alerts.outbox import Outbox

LIMIT = RateLimit(3, timedelta(minutes=1))


async def test_a_burst_of_1000_gives_the_allowed_messages_and_loses_none(outbox: Outbox) -> None:
    outbox.rules = replace(outbox.rules, limits={("phone", level): LIMIT for level in Level})
    sent_at = []

    async def note(_: AlertMessage) -> None:
        sent_at.append(outbox.clock.now())

    outbox.phone.act = note
    levels = list(Level)
    for start in range(0, 1000, 50):
        part = range(start, start + 50)
        await outbox.tell_all([(f"alert {number}", levels[number % 4]) for number in part])
        await outbox.turn()
        outbox.clock.advance(seconds=1)
    for _ in range(5):
        await outbox.turn()
        outbox.clock.advance(seconds=61)

    assert sorted(outbox.phone.titles) == sorted(f"alert {number}" for number in range(1000))
    for level in Level:
        times = [at for at, m in zip(sent_at, outbox.phone.given, strict=True) if m.level is level]
        for first in times:
            assert sum(first <= at < first + LIMIT.per for at in times) <= LIMIT.messages
    assert await outbox.statuses() == {("phone", "sent"): 1000}


async def test_a_burst_to_a_channel_without_groups_waits_its_turn(outbox: Outbox) -> None:
    outbox.rules = replace(outbox.rules, limits={("phone", Level.CRITICAL): LIMIT})
    outbox.phone.takes_groups = False
    for number in range(7):
        await outbox.tell(f"alert {number}")

    counts = []
    for _ in range(4):
        await outbox.turn()
        counts.append(len(outbox.phone.given))
        outbox.clock.advance(seconds=61)

    assert counts == [3, 6, 7, 7]


async def test_the_same_alert_1000_times_is_one_message(outbox: Outbox) -> None:
    first, *_ = await outbox.tell_all([("again", Level.CRITICAL)] * 1000)
    await outbox.turn()

    assert len(outbox.phone.given) == 1
    assert outbox.phone.given[0].items[0].count == 1000
    assert (await outbox.alert(first.alert_id)).count == 1000
    assert await outbox.count(AlertStatus.REPEATED) == 999


async def test_the_most_urgent_goes_first(outbox: Outbox) -> None:
    for level in Level:
        await outbox.tell(str(level), level)
    await outbox.turn()

    assert outbox.phone.titles == ["EMERGENCY", "CRITICAL", "WARNING", "INFO"]


async def test_a_dead_channel_delays_no_other_and_loses_nothing(outbox: Outbox) -> None:
    outbox.rules = replace(
        outbox.rules,
        levels={level: Policy(channels=("phone", "pager")) for level in Level},
        channels=("log", "phone", "pager"),
    )
    is_dead, others_heard = asyncio.Event(), asyncio.Event()

    async def hang(_: AlertMessage) -> None:
        await is_dead.wait()
        raise Unknown("no answer")

    async def hear(_: AlertMessage) -> None:
        others_heard.set()

    outbox.phone.act, outbox.channels["pager"].act = hang, hear
    await outbox.tell("first")
    turn = asyncio.create_task(outbox.turn())
    await others_heard.wait()
    is_dead.set()
    await turn
    assert outbox.phone.given == []

    async def works(_: AlertMessage) -> None:
        return None

    outbox.phone.act = works
    outbox.clock.advance(seconds=3)
    await outbox.tell("second")
    await outbox.turn()

    assert outbox.phone.titles == ["first", "second"]
    assert outbox.channels["pager"].titles == ["first", "second"]


@pytest.mark.parametrize(
    ("error", "early", "late"),
    [
        (Transient("429", retry_after_seconds=40), 39, 41),
        (Transient("503"), 1, 3),
        (Unknown("no answer"), 1, 3),
        (Misconfigured("wrong key"), 1, 3),
    ],
)
async def test_a_failed_channel_rests_before_it_is_asked_again(
    outbox: Outbox, error: CerberusError, early: float, late: float
) -> None:
    failing = True

    async def fail(_: AlertMessage) -> None:
        if failing:
            raise error

    outbox.phone.act = fail
    await outbox.tell("first")
    await outbox.turn()
    failing = False

    outbox.clock.advance(seconds=early)
    await outbox.turn()
    too_early = list(outbox.phone.given)
    outbox.clock.advance(seconds=late - early)
    await outbox.turn()

    assert too_early == []
    assert outbox.phone.titles == ["first"]


async def test_a_kill_doubles_only_the_message_in_flight(outbox: Outbox) -> None:
    outbox.phone.takes_groups = False
    for number in range(5):
        await outbox.tell(f"alert {number}")
    arrived: list[AlertMessage] = []

    async def arrive_and_die(message: AlertMessage) -> None:
        arrived.append(message)
        if len(arrived) == 3:
            raise asyncio.CancelledError

    outbox.phone.act = arrive_and_die
    with pytest.raises(asyncio.CancelledError):
        await outbox.turn()

    # another process goes on with what the first one has left
    await outbox.turn(outbox.new_deliverer())

    ids = [message.message_id for message in arrived]
    assert ids[2] == ids[3]
    assert len(set(ids)) == 5
    assert len(ids) == 6
    assert arrived[2].items == arrived[3].items


async def test_a_refused_message_blocks_no_other_and_goes_to_the_log(outbox: Outbox) -> None:
    async def refuse_the_bad(message: AlertMessage) -> None:
        if any(item.title == "bad" for item in message.items):
            raise Rejected("can't parse it")

    outbox.phone.act = refuse_the_bad
    for title in ("good", "bad", "better"):
        await outbox.tell(title)
    for _ in range(3):
        await outbox.turn()

    assert sorted(outbox.phone.titles) == ["better", "good"]
    assert outbox.channels["log"].titles == ["bad"]
    assert (await outbox.statuses())["phone", "refused"] == 1


async def test_quiet_hours_hold_back_but_never_an_emergency(outbox: Outbox) -> None:
    night = QuietHours(
        time(22), time(7), ZoneInfo("Europe/Warsaw"), levels=frozenset(Level) - {Level.EMERGENCY}
    )
    outbox.rules = replace(outbox.rules, quiet_hours=night)
    outbox.clock.advance(hours=10)  # 23:00 in Warsaw
    await outbox.tell("small", Level.INFO)
    await outbox.tell("smaller", Level.INFO)
    await outbox.tell("grave", Level.EMERGENCY)
    await outbox.turn()
    at_night = list(outbox.phone.titles)
    outbox.clock.advance(hours=8)
    await outbox.turn()

    assert at_night == ["grave"]
    assert [len(message.items) for message in outbox.phone.given] == [1, 2]


async def test_alerts_of_a_moment_go_together(outbox: Outbox) -> None:
    policy = Policy(channels=("phone",), group_for=timedelta(seconds=10))
    outbox.rules = AlertRules(levels={Level.INFO: policy}, channels=("log", "phone"))
    await outbox.tell("one", Level.INFO)
    await outbox.turn()
    outbox.clock.advance(seconds=9)
    await outbox.tell("two", Level.INFO)
    await outbox.turn()
    before = list(outbox.phone.given)
    outbox.clock.advance(seconds=1)
    await outbox.turn()

    assert before == []
    assert [len(message.items) for message in outbox.phone.given] == [2]


async def test_no_message_holds_a_secret(outbox: Outbox) -> None:
    outbox.deliverer.redact = lambda text: text.replace("hunter2", "[secret]")
    await outbox.tell("password hunter2", message="hunter2", source="hunter2")
    await outbox.turn()

    assert "hunter2" not in repr(outbox.phone.given)
