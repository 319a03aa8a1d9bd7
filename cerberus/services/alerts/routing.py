"""Decide by the rules who hears of what was raised, and who is told next."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from cerberus.domain.alerts.alert import Alert, AlertStatus
from cerberus.domain.alerts.delivery import Delivery, Kind
from cerberus.domain.alerts.rules import LOG, AlertRules
from cerberus.ids import new_id
from cerberus.ports import Clock, Store, Transaction

#: how many alerts one transaction routes: others write too
_AT_ONCE = 200
#: how long what is over is kept, and how long what nobody acknowledges stays open
_KEPT, _STILL = timedelta(days=30), timedelta(days=7)


async def route_alerts(
    store: Store, clock: Clock, rules: AlertRules, held: Set[str] = frozenset()
) -> int:
    """Queue what was raised and is not routed yet; return how many deliveries were queued.

    Alerts with a fingerprint that is held wait: somebody else is telling people of them.
    """
    now, queued = clock.now(), 0

    def due(transaction: Transaction) -> list[Alert]:
        found = transaction.alerts.unrouted(_AT_ONCE)
        return [one for one in found if one.fingerprint not in held]

    while await store.read(lambda transaction: bool(due(transaction))):
        queued += await store.write(lambda tx: _route_new(tx, due(tx), rules, now))
    return queued


async def follow_up(store: Store, clock: Clock, rules: AlertRules) -> int:
    """Queue what is to be told again: to the next in turn, or because it happens still."""
    now = clock.now()
    due = await store.read(lambda transaction: _due(transaction, rules, now))
    queued = 0
    if due:
        queued = await store.write(lambda transaction: _tell_due(transaction, rules, now, due))
    await _move_from_unknown(store, rules)
    return queued


async def forget_old(store: Store, clock: Clock) -> int:
    """Remove alerts that were over 30 days ago, and end what has been still for a week."""
    now = clock.now()

    def forget(transaction: Transaction) -> int:
        for alert in transaction.alerts.still_since(now - _STILL, _AT_ONCE):
            transaction.alerts.save(alert.resolved(now))
        return transaction.alerts.forget(now - _KEPT)

    return await store.write(forget)


def _route_new(
    transaction: Transaction, new: Sequence[Alert], rules: AlertRules, now: datetime
) -> int:
    queued = 0
    for alert in new:
        told = replace(alert, level=rules.level(alert.name, alert.level))
        kind = Kind.RAISED if alert.is_live else Kind.RESOLVED  # it was over before it was told
        queued += _tell(transaction, rules, told, kind, now)
    return queued


def _tell(
    transaction: Transaction, rules: AlertRules, alert: Alert, kind: Kind, now: datetime
) -> int:
    routed = replace(alert, routed_at=now)
    transaction.alerts.save(routed)
    if not rules.is_enabled(alert.name):
        return 0
    return _queue(transaction, routed, kind, rules.policy(routed).channels, now)


def _due(transaction: Transaction, rules: AlertRules, now: datetime) -> list[str]:
    due, after = [], ""
    while True:
        page = transaction.alerts.routed(_AT_ONCE, after)
        due += [
            one.alert_id for one in page if _is_late(one, rules, now) or _again(one, rules, now)
        ]
        if len(page) < _AT_ONCE:
            return due
        # the newest id of a page is where the next one begins
        after = page[-1].alert_id


def _tell_due(
    transaction: Transaction, rules: AlertRules, now: datetime, alert_ids: Sequence[str]
) -> int:
    queued = 0
    # read anew: one may have been acknowledged or resolved in between
    for alert in transaction.alerts.of(alert_ids):
        if _is_late(alert, rules, now):
            queued += _escalate(transaction, rules, now, alert)
        elif _again(alert, rules, now):
            is_seen = alert.status is AlertStatus.ACKNOWLEDGED
            present = alert.reopened() if is_seen else alert
            queued += _tell(transaction, rules, present, Kind.REMINDED, now)
    return queued


def _again(alert: Alert, rules: AlertRules, now: datetime) -> bool:
    """Whether it happens still, long enough after people heard of it."""
    known_since = alert.acknowledged_at or alert.routed_at
    if not alert.is_live or known_since is None or alert.last_at <= known_since:
        return False
    return now - known_since >= rules.policy(alert).repeat_after


def _is_late(alert: Alert, rules: AlertRules, now: datetime) -> bool:
    steps = rules.policy(alert).escalation
    is_open = alert.status is AlertStatus.OPEN and rules.is_enabled(alert.name)
    if not is_open or alert.escalated >= len(steps):
        return False
    return now - alert.created_at >= steps[alert.escalated].after


def _escalate(transaction: Transaction, rules: AlertRules, now: datetime, alert: Alert) -> int:
    channels = rules.policy(alert).escalation[alert.escalated].channels
    transaction.alerts.save(replace(alert, escalated=alert.escalated + 1))
    return _queue(transaction, alert, Kind.ESCALATED, channels, now)


def _queue(
    transaction: Transaction, alert: Alert, kind: Kind, channels: Sequence[str], now: datetime
) -> int:
    for channel in channels:
        delivery = Delivery(new_id(), alert.alert_id, channel, kind, alert.level, now)
        transaction.deliveries.add(delivery)
    return len(channels)


async def _move_from_unknown(store: Store, rules: AlertRules) -> None:
    """Let the log have what waits for a channel that was taken out of the rules."""
    waiting = await store.read(lambda transaction: transaction.deliveries.waiting_channels())
    gone = [channel for channel in waiting if channel not in rules.channels]

    def move(transaction: Transaction) -> None:
        for channel in gone:
            transaction.deliveries.move(channel, LOG)

    if gone:
        await store.write(move)
