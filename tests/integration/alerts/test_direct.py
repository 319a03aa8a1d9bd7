"""While the API is dead people are told past it, once, and it learns of that afterwards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cerberus.adapters.notify.direct_files import DirectFiles
from cerberus.domain.alerts.alert import Alert, AlertStatus, Level
from cerberus.domain.alerts.direct import DirectAlert
from cerberus.domain.alerts.message import AlertMessage
from cerberus.domain.alerts.rules import AlertRule, EscalationStep, Policy, QuietHours, RateLimit
from cerberus.errors import Transient
from cerberus.services.alerts.direct import DirectTeller, route_past_direct, take_in_direct
from cerberus.services.alerts.raising import take_in
from tests.integration.alerts.outbox import Outbox


@pytest.fixture
def kept(tmp_path: Path) -> DirectFiles:
    return DirectFiles(tmp_path / "direct")


def teller(outbox: Outbox, kept: DirectFiles) -> DirectTeller:
    return DirectTeller(kept, outbox.clock, outbox.rules, outbox.channels)


def alert(outbox: Outbox, title: str = "dead", id_: str = "x1", **fields: object) -> Alert:
    new = replace(outbox.new(title, Level.CRITICAL), external_id=id_)
    return replace(new, **fields)  # type: ignore[arg-type]  # its fields


async def fail(_: AlertMessage) -> None:
    raise Transient("no line")


async def test_people_are_told_on_the_first_channel_that_takes_it(
    outbox: Outbox, kept: DirectFiles
) -> None:
    steps = (EscalationStep(timedelta(minutes=5), ("pager",)),)
    levels = {level: Policy(("log", "phone"), steps) for level in Level}
    outbox.rules = replace(outbox.rules, levels=levels, channels=("log", "phone", "pager"))
    outbox.phone.act = fail

    told = await teller(outbox, kept).tell(alert(outbox))

    assert told.channel == "pager"
    (message,) = outbox.channels["pager"].given
    assert message.items[0].alert_id == told.alert.alert_id
    assert message.items[0].source == "directly, without the API: t"
    assert outbox.channels["log"].given == []


async def test_the_same_thing_again_is_counted_until_it_is_to_be_repeated(
    outbox: Outbox, kept: DirectFiles
) -> None:
    counts = []
    for minute in range(0, 14, 2):  # the flow tells it every two minutes, the policy every ten
        told = await teller(outbox, kept).tell(alert(outbox, id_=f"x{minute}"))
        counts.append((len(outbox.phone.given), told.alert.count))
        outbox.clock.advance(minutes=2)

    assert counts == [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 6), (2, 7)]
    assert len({message.items[0].alert_id for message in outbox.phone.given}) == 1


async def test_the_same_id_counts_once(outbox: Outbox, kept: DirectFiles) -> None:
    for _ in range(2):
        told = await teller(outbox, kept).tell(alert(outbox))

    assert (len(outbox.phone.given), told.alert.count) == (1, 1)


async def test_what_has_become_more_urgent_is_told_again(outbox: Outbox, kept: DirectFiles) -> None:
    await teller(outbox, kept).tell(alert(outbox))
    await teller(outbox, kept).tell(alert(outbox, id_="x2", level=Level.EMERGENCY))

    assert [one.level for one in outbox.phone.given] == [Level.CRITICAL, Level.EMERGENCY]


async def test_the_limit_of_messages_holds_and_the_rest_waits_for_the_api(
    outbox: Outbox, kept: DirectFiles
) -> None:
    limits = {("phone", level): RateLimit(3, timedelta(hours=1)) for level in Level}
    outbox.rules = replace(outbox.rules, limits=limits)
    for number in range(10):
        await teller(outbox, kept).tell(alert(outbox, f"dead {number}", f"x{number}"))
    directly = list(outbox.phone.titles)
    outbox.rules = replace(outbox.rules, limits={})

    taken = await take_in_direct(outbox.store, kept)
    await outbox.turn()

    assert (directly, taken) == (["dead 0", "dead 1", "dead 2"], 10)
    assert sorted(outbox.phone.titles) == [f"dead {number}" for number in range(10)]
    assert await outbox.statuses() == {("phone", "sent"): 10}


@pytest.mark.parametrize("what", ["disabled", "quiet"])
async def test_what_the_rules_hold_back_is_not_told_directly(
    outbox: Outbox, kept: DirectFiles, what: str
) -> None:
    at = outbox.clock.now()
    quiet = QuietHours(
        (at - timedelta(hours=1)).time(), (at + timedelta(hours=1)).time(), at.tzinfo,  # type: ignore[arg-type]  # it is aware
        levels=frozenset({Level.CRITICAL}),
    )  # fmt: skip
    rules = {"probe": AlertRule("probe", is_enabled=what != "disabled")}
    outbox.rules = replace(
        outbox.rules, rules=rules, quiet_hours=quiet if what == "quiet" else None
    )

    told = await teller(outbox, kept).tell(alert(outbox))

    assert (told.told_at, outbox.phone.given) == (None, [])


async def test_the_api_takes_it_into_its_outbox_as_sent(outbox: Outbox, kept: DirectFiles) -> None:
    told = await teller(outbox, kept).tell(alert(outbox))

    taken = [await take_in_direct(outbox.store, kept) for _ in range(2)]
    await outbox.turn()

    assert taken == [1, 0]
    assert len(outbox.phone.given) == 1
    found = await outbox.alert("x1")
    assert (found.alert_id, found.status) == (told.alert.alert_id, AlertStatus.OPEN)
    assert found.routed_at == told.told_at
    assert await outbox.statuses() == {("phone", "sent"): 1}


async def test_an_alert_whose_answer_was_lost_is_not_told_twice(
    outbox: Outbox, kept: DirectFiles
) -> None:
    # the API had it, and died before it told anybody
    lost = alert(outbox)
    await outbox.store.write(lambda tx: take_in(tx, lost))
    told = await teller(outbox, kept).tell(alert(outbox))

    await take_in_direct(outbox.store, kept)
    await outbox.turn()

    assert len(outbox.phone.given) == 1
    assert (await outbox.alert("x1")).count == 1
    # the message shows another id, by which it is found all the same
    assert (await outbox.alert(told.alert.alert_id)).repeats == lost.alert_id


async def test_a_process_that_ends_before_it_forgets_takes_nothing_twice(
    outbox: Outbox, kept: DirectFiles
) -> None:
    told = await teller(outbox, kept).tell(alert(outbox))
    await take_in_direct(outbox.store, kept)
    kept.put(told)

    await take_in_direct(outbox.store, kept)
    await outbox.turn()

    assert len(outbox.phone.given) == 1
    assert (await outbox.alert("x1")).count == 1
    assert await outbox.statuses() == {("phone", "sent"): 1}


async def test_it_is_counted_onto_what_is_live_and_told_no_second_time(
    outbox: Outbox, kept: DirectFiles
) -> None:
    await outbox.tell("dead")
    await outbox.turn()
    await teller(outbox, kept).tell(alert(outbox))
    before = len(outbox.phone.given)

    await take_in_direct(outbox.store, kept)
    await outbox.turn()

    assert (before, len(outbox.phone.given)) == (2, 2)
    assert (await outbox.alert("x1")).repeats is not None


async def test_what_nobody_could_be_told_of_is_told_by_the_api(
    outbox: Outbox, kept: DirectFiles
) -> None:
    outbox.phone.act = fail
    told = await teller(outbox, kept).tell(alert(outbox))
    outbox.phone.act = _take

    await take_in_direct(outbox.store, kept)
    await outbox.turn()

    assert told.told_at is None
    assert outbox.phone.titles == ["dead"]


async def _take(_: AlertMessage) -> None:
    return None


async def test_while_somebody_tells_the_api_waits(outbox: Outbox, kept: DirectFiles) -> None:
    await teller(outbox, kept).tell(alert(outbox))
    with kept.claimed(wait=True):
        during = await take_in_direct(outbox.store, DirectFiles(kept._folder))

    assert (during, await take_in_direct(outbox.store, kept)) == (0, 1)


async def test_an_alert_that_comes_to_the_api_late_is_told_once(
    outbox: Outbox, kept: DirectFiles
) -> None:
    of_the_api, late = DirectFiles(kept._folder), alert(outbox)
    another = alert(outbox, "another", "x2", fingerprint="f2")

    async def pass_on() -> None:
        await route_past_direct(outbox.store, outbox.clock, outbox.rules, of_the_api)
        await outbox.turn_deliveries()

    async def answer_late(_: AlertMessage) -> None:
        outbox.phone.act = _take
        for one in (late, another):
            await outbox.store.write(lambda tx, one=one: take_in(tx, one))
        await pass_on()

    outbox.phone.act = answer_late
    await teller(outbox, kept).tell(alert(outbox))
    await pass_on()

    assert sorted(outbox.phone.titles) == ["another", "dead"]
    assert (await outbox.alert("x1")).count == 1


async def test_who_hangs_while_telling_holds_an_alert_back_for_minutes_only(
    outbox: Outbox, kept: DirectFiles
) -> None:
    of_the_api = DirectFiles(kept._folder)
    kept._folder.mkdir()
    kept.put(DirectAlert(alert(outbox)))
    await outbox.store.write(lambda tx: take_in(tx, alert(outbox)))
    queued = []
    with kept.claimed(wait=True):
        for minutes in (0, 2, 2):
            outbox.clock.advance(minutes=minutes)
            store, clock = outbox.store, outbox.clock
            queued.append(await route_past_direct(store, clock, outbox.rules, of_the_api))

    assert [bool(one) for one in queued] == [False, False, True]


def test_a_file_that_is_no_alert_is_left_where_it_is(kept: DirectFiles, tmp_path: Path) -> None:
    with kept.claimed(wait=True):
        (tmp_path / "direct" / "broken.json").write_text("{")
        found: Sequence[object] = kept.all()

    assert found == []
    assert (tmp_path / "direct" / "broken.json").exists()
