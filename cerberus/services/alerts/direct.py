"""Tell people past a dead API, and let the API know once it lives again.

What is told directly is written down first, under the id that the message shows. The API takes it
into its outbox as sent, so that nobody hears of it twice; what could not be told is queued there.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from cerberus.domain.alerts.alert import Alert, AlertStatus
from cerberus.domain.alerts.delivery import Delivery, DeliveryStatus, Kind
from cerberus.domain.alerts.direct import DirectAlert, messages_since
from cerberus.domain.alerts.message import AlertMessage, item_of
from cerberus.domain.alerts.rules import LOG, AlertRules
from cerberus.errors import CerberusError
from cerberus.ids import new_id
from cerberus.ports import Clock, Notifier, Store, Transaction
from cerberus.services.alerts.raising import take_in
from cerberus.services.alerts.routing import route_alerts

log = logging.getLogger(__name__)

SEND_SECONDS = 15.0
#: so long an alert waits for the process that tells people of it; one that hangs holds none back
TELLING = timedelta(minutes=3)


class DirectAlerts(Protocol):
    """What was told past the API and is not in its outbox yet; one process at a time changes it."""

    def claimed(self, *, wait: bool) -> AbstractContextManager[bool]:
        """Keep others out; False where another one is at it and is not waited for."""
        ...

    def all(self) -> list[DirectAlert]:
        """Return all, oldest first."""
        ...

    def put(self, one: DirectAlert, /) -> None:
        """Store or replace one."""
        ...

    def remove(self, one: DirectAlert, /) -> None:
        """Forget one."""
        ...


@dataclass(frozen=True, slots=True)
class DirectTeller:
    """Tells people by the rules of the outbox: repetitions, rate limits, quiet hours."""

    kept: DirectAlerts
    clock: Clock
    rules: AlertRules
    channels: Mapping[str, Notifier]

    async def tell(self, new: Alert) -> DirectAlert:
        """Tell an alert on the first channel that takes it, and return what became of it."""
        with self.kept.claimed(wait=True):
            known = self.kept.all()
            level = self.rules.level(new.name, new.level)
            one = _found(known, replace(new, level=level))
            self.kept.put(one)
            now = self.clock.now()
            if one.is_known(now, self.rules.policy(one.alert).repeat_after):
                return one
            for name in self._open_channels(one, known, now):
                if await self._send(self.channels[name], one.alert):
                    one = one.told(name, self.clock.now())
                    self.kept.put(one)
                    break
            return one

    def _open_channels(
        self, one: DirectAlert, known: list[DirectAlert], now: datetime
    ) -> Iterator[str]:
        """Yield who is told at once, then whom it would escalate to; never the API's own log."""
        policy, alert = self.rules.policy(one.alert), one.alert
        later = [name for step in policy.escalation for name in step.channels]
        for name in dict.fromkeys((*policy.channels, *later)):
            is_open = name != LOG and name in self.channels and self.rules.is_enabled(alert.name)
            if not is_open or self.rules.is_held(alert.level, name, now):
                continue
            limit = self.rules.limit(name, alert.level)
            like = replace(one, channel=name)
            if limit is None or messages_since(known, like, now - limit.per) < limit.messages:
                yield name

    @staticmethod
    async def _send(channel: Notifier, alert: Alert) -> bool:
        item = item_of(alert, Kind.RAISED)
        item = replace(item, source=f"directly, without the API: {item.source}")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(AlertMessage(alert.alert_id, alert.level, (item,)))
        except (CerberusError, TimeoutError) as error:
            log.warning("direct_failed channel=%s reason=%s", channel.name, type(error).__name__)
            return False
        return True


def _found(known: list[DirectAlert], new: Alert) -> DirectAlert:
    for one in known:
        if one.is_same(new):
            return one
        if one.alert.fingerprint == new.fingerprint:
            return one.counted(new)
    return DirectAlert(new)


async def take_in_direct(store: Store, kept: DirectAlerts) -> int:
    """Take what was told past this process into the outbox, as sent; return how many."""
    with kept.claimed(wait=False) as is_ours:
        found = await asyncio.to_thread(kept.all) if is_ours else []
        for one in found:
            await store.write(lambda tx, one=one: _take_in(tx, one))  # type: ignore[misc]  # mypy loses the lambda
            kept.remove(one)
    return len(found)


async def route_past_direct(
    store: Store, clock: Clock, rules: AlertRules, kept: DirectAlerts
) -> int:
    """Take in what was told directly, then route alerts; return how many deliveries were queued.

    An alert may come to the API late, when the flow has given it up and people are told past it:
    it is not routed before that is over, so that it is told once.
    """
    await take_in_direct(store, kept)
    return await route_alerts(store, clock, rules, await _being_told(kept, clock.now()))


async def _being_told(kept: DirectAlerts, now: datetime) -> frozenset[str]:
    left = await asyncio.to_thread(kept.all)
    recent = (one.alert for one in left if now - one.alert.last_at < TELLING)
    return frozenset(one.fingerprint for one in recent)


def _take_in(transaction: Transaction, one: DirectAlert) -> None:
    # it may be there: an answer of ours was lost, or this process ended before it could forget it
    known = transaction.alerts.get(one.alert.external_id or one.alert.alert_id)
    if known is None:
        known = take_in(transaction, one.alert)
    first = known if known.repeats is None else transaction.alerts.get(known.repeats)
    if first is not None and transaction.alerts.get(one.alert.alert_id) is None:
        transaction.alerts.add(_under_told_id(one, first))
    if first is None or one.told_at is None or one.channel is None:
        return
    if first.routed_at is None:
        transaction.alerts.save(replace(first, routed_at=one.told_at))
    _mark_sent(transaction, first, one.channel, one.told_at)


def _under_told_id(one: DirectAlert, first: Alert) -> Alert:
    """Return what lets people find an alert by the id that their message shows."""
    return replace(
        one.alert,
        external_id=None,
        status=AlertStatus.REPEATED,
        repeats=first.alert_id,
        routed_at=one.told_at or one.alert.created_at,
    )


def _mark_sent(transaction: Transaction, alert: Alert, channel: str, at: datetime) -> None:
    there = [d for d in transaction.deliveries.of_alert(alert.alert_id) if d.channel == channel]
    queued = [one for one in there if one.status is DeliveryStatus.QUEUED]
    if queued:
        sent = [replace(one, status=DeliveryStatus.SENT, attempted_at=at) for one in queued]
        transaction.deliveries.save(sent)
    if not there:
        id_ = new_id()
        transaction.deliveries.add(
            Delivery(
                id_,
                alert.alert_id,
                channel,
                Kind.RAISED,
                alert.level,
                at,
                DeliveryStatus.SENT,
                message_id=id_,
                attempts=1,
                attempted_at=at,
            )
        )
