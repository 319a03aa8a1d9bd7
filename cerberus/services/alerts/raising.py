"""Raise, repeat, acknowledge and resolve alerts, inside the transaction of their cause.

    raise_alert(transaction, "quarantine", Level.CRITICAL, "ETH is in quarantine", why, at=now,
                subject="ETH/USDT:USDT")

It stores and decides nothing else: who hears of it is decided by the rules, afterwards, by
`route_alerts`. So it needs no network, and it is lost only together with its cause.
"""

from datetime import datetime

from cerberus.domain.alerts.alert import (
    MESSAGE_LENGTH,
    TITLE_LENGTH,
    Alert,
    AlertStatus,
    Level,
    fingerprint,
)
from cerberus.domain.alerts.delivery import Delivery, Kind
from cerberus.errors import NotFound
from cerberus.ids import new_id
from cerberus.ports import Transaction

API = "cerberus.api"


def raise_alert(
    transaction: Transaction,
    name: str,
    level: Level,
    title: str,
    message: str,
    *,
    at: datetime,
    subject: str = "",
    source: str = API,
) -> Alert:
    """Raise an alert about a subject, or count it onto the one that is live."""
    return take_in(
        transaction,
        Alert(
            alert_id=new_id(),
            name=name,
            fingerprint=fingerprint(name, subject),
            level=level,
            title=title[:TITLE_LENGTH],
            message=message[:MESSAGE_LENGTH],
            source=source,
            created_at=at,
            last_at=at,
        ),
    )


def take_in(transaction: Transaction, new: Alert) -> Alert:
    """Store an alert; return it, or the live one that it repeats. The same id counts once."""
    if new.external_id is not None:
        known = transaction.alerts.get(new.external_id)
        if known is not None:
            return _first(transaction, known)
    first = transaction.alerts.live(new.fingerprint)
    if first is None:
        transaction.alerts.add(new)
        return new
    repetition = _repetition(new, first)
    transaction.alerts.add(repetition)
    counted = first.repeated(new)
    transaction.alerts.save(counted)
    return counted


def resolve_alert(
    transaction: Transaction, name: str, at: datetime, subject: str = ""
) -> Alert | None:
    """Resolve the live alert about a subject, where there is one."""
    live = transaction.alerts.live(fingerprint(name, subject))
    return None if live is None else resolve(transaction, live, at)


def resolve(transaction: Transaction, alert: Alert, at: datetime) -> Alert:
    """Note that what an alert told of is over, and tell whoever was told of it."""
    over = alert.resolved(at)
    if over != alert:
        transaction.alerts.save(over)
        _tell_again(transaction, over, Kind.RESOLVED, at, tuple(_told(transaction, over)))
    return over


def acknowledge(
    transaction: Transaction, alert_id: str, by: str, at: datetime, follow: tuple[str, ...] = ()
) -> Alert:
    """Note that a person has seen an alert, which ends its escalation.

    The channels to `follow` keep their own state of it, and are told.
    """
    alert = find_alert(transaction, alert_id)
    seen = alert.acknowledged(at, by)
    if seen != alert:
        transaction.alerts.save(seen)
        transaction.facts.note(at, by, "alert_acknowledged", alert.alert_id, alert.title)
        channels = tuple(one for one in _told(transaction, seen) if one in follow)
        _tell_again(transaction, seen, Kind.ACKNOWLEDGED, at, channels)
    return seen


def find_alert(transaction: Transaction, alert_id: str) -> Alert:
    """Return an alert, for a repetition the one that it repeats.

    Raises
    ------
    NotFound
        There is none with this id.
    """
    alert = transaction.alerts.get(alert_id)
    if alert is None:
        raise NotFound(f"alert {alert_id} is not known")
    return _first(transaction, alert)


def _first(transaction: Transaction, alert: Alert) -> Alert:
    if alert.repeats is None:
        return alert
    return transaction.alerts.get(alert.repeats) or alert


def _repetition(new: Alert, first: Alert) -> Alert:
    return Alert(
        alert_id=new.alert_id,
        external_id=new.external_id,
        name=new.name,
        fingerprint=new.fingerprint,
        level=new.level,
        title=new.title,
        message=new.message,
        source=new.source,
        created_at=new.created_at,
        last_at=new.last_at,
        status=AlertStatus.REPEATED,
        repeats=first.alert_id,
        picture=new.picture,
        routed_at=new.created_at,
    )


def _told(transaction: Transaction, alert: Alert) -> list[str]:
    """Return the channels that were, or will be, told of an alert, in the order of telling."""
    return list(
        dict.fromkeys(one.channel for one in transaction.deliveries.of_alert(alert.alert_id))
    )


def _tell_again(
    transaction: Transaction, alert: Alert, kind: Kind, at: datetime, channels: tuple[str, ...]
) -> None:
    for channel in channels:
        transaction.deliveries.add(
            Delivery(new_id(), alert.alert_id, channel, kind, alert.level, at)
        )
