"""From the kept history of metrics to what people are told of it, and to its end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from cerberus.domain.alerts.alert import Alert, Level, fingerprint
from cerberus.domain.anomalies.judging import KEPT
from cerberus.domain.anomalies.rules import AnomalyRule, Method
from cerberus.domain.anomalies.samples import Sample
from cerberus.ids import new_id
from cerberus.ports import Transaction
from cerberus.services.alerts.anomalies import ANOMALY, MetricHistory, ToTell, find_anomalies
from cerberus.services.alerts.raising import take_in
from cerberus.services.figures import Figure
from tests.integration.alerts.outbox import START, Outbox

NAME = "cerberus_probe_seconds"
RULE = AnomalyRule(NAME, "the probe is slow", {Method.ROBUST: 6.0}, least_spread=0.5)


def figure(value: float, name: str = NAME, **labels: str) -> Figure:
    return Figure(name, "", value, labels)


def history(outbox: Outbox, values: Sequence[Figure]) -> MetricHistory:
    async def figures() -> Sequence[Figure]:
        return list(values)

    outbox.rules = replace(outbox.rules, anomalies=(RULE,))
    return MetricHistory(outbox.store, outbox.clock, lambda: outbox.rules, figures)


async def kept(outbox: Outbox) -> list[Sample]:
    first, last = START - timedelta(days=365), START + timedelta(days=365)
    return await outbox.store.read(lambda tx: tx.samples.between(first, last))


async def found(outbox: Outbox) -> list[ToTell]:
    def look(transaction: Transaction) -> list[ToTell]:
        return find_anomalies(transaction, outbox.rules, outbox.clock.now())[1]

    return await outbox.store.read(look)


async def test_each_minute_is_kept_once_and_only_what_the_rules_judge(outbox: Outbox) -> None:
    figures = [figure(1.5), figure(9, "cerberus_other"), figure(9, NAME, symbol="BTC")]
    keeper = history(outbox, figures)
    for _ in range(12):
        await keeper.step()
        outbox.clock.advance(seconds=10)

    minute = timedelta(minutes=1)
    assert await kept(outbox) == [Sample(START, {NAME: 1.5}), Sample(START + minute, {NAME: 1.5})]


async def test_without_rules_nothing_is_kept(outbox: Outbox) -> None:
    keeper = history(outbox, [figure(1)])
    outbox.rules = replace(outbox.rules, anomalies=())
    await keeper.step()

    assert await kept(outbox) == []


async def test_a_number_that_is_none_is_left_out(outbox: Outbox) -> None:
    await history(outbox, [figure(float("nan"))]).step()

    assert await kept(outbox) == [Sample(START, {})]


async def test_a_restart_within_the_minute_replaces_its_sample(outbox: Outbox) -> None:
    await history(outbox, [figure(1)]).step()
    await history(outbox, [figure(2)]).step()

    assert await kept(outbox) == [Sample(START, {NAME: 2.0})]


async def test_what_is_too_old_is_forgotten(outbox: Outbox) -> None:
    old = Sample(START - KEPT - timedelta(seconds=1), {NAME: 1.0})
    edge = Sample(START - KEPT, {NAME: 1.0})
    await outbox.store.write(lambda tx: (tx.samples.put(old), tx.samples.put(edge)))

    await history(outbox, [figure(1)]).step()

    assert [one.at for one in await kept(outbox)] == [edge.at, START]


async def fill(outbox: Outbox, newest: float) -> None:
    """Give an hour of usual minutes and a newest one, as they are after so many minutes."""

    def write(transaction: Transaction) -> None:
        end = outbox.clock.now()
        for minute in range(60, 0, -1):
            at = end - timedelta(minutes=minute)
            transaction.samples.put(Sample(at, {NAME: 1.0 + minute % 2}))
        transaction.samples.put(Sample(end, {NAME: newest}))

    await outbox.store.write(write)


async def test_what_is_unusual_is_told_with_its_number_and_its_threshold(outbox: Outbox) -> None:
    history(outbox, [])
    await fill(outbox, 50)

    (told,) = await found(outbox)

    assert (told.name, told.resolved, told.level) == (ANOMALY, False, Level.WARNING)
    assert (told.title, told.fingerprint) == ("the probe is slow", NAME)
    assert told.message.startswith(f"robust: {NAME} is 50, usually 1.5 with a spread of 0.7413")
    assert told.message.endswith("score 65.4, limit 6")


async def test_a_live_alert_is_over_once_its_metric_is_usual_again(outbox: Outbox) -> None:
    history(outbox, [])
    now = outbox.clock.now()
    same = fingerprint(ANOMALY, "given", NAME)
    alert = Alert(new_id(), ANOMALY, same, Level.WARNING, "t", "m", "s", now, now)
    await outbox.store.write(lambda tx: take_in(tx, alert))
    before = await found(outbox)  # there is no history: nothing is known to be over
    await fill(outbox, 1.5)
    usual = await found(outbox)
    await outbox.store.write(lambda tx: tx.alerts.save(alert.resolved(now)))

    assert before == []
    assert [(one.resolved, one.fingerprint) for one in usual] == [(True, NAME)]
    assert await found(outbox) == []


async def test_a_score_on_the_edge_neither_calls_nor_ends(outbox: Outbox) -> None:
    history(outbox, [])
    now = outbox.clock.now()
    same = fingerprint(ANOMALY, "given", NAME)
    alert = Alert(new_id(), ANOMALY, same, Level.WARNING, "t", "m", "s", now, now)
    await outbox.store.write(lambda tx: take_in(tx, alert))
    await fill(outbox, 1.5 + 5.5 * 0.7413)

    assert await found(outbox) == []
