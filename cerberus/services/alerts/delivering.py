"""Deliver what is queued: every channel at its own pace, at least once, in as few messages."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cerberus.domain.alerts.alert import Level
from cerberus.domain.alerts.delivery import (
    REFUSALS_LIMIT,
    Delivery,
    DeliveryStatus,
    Kind,
    pause_after,
)
from cerberus.domain.alerts.message import AlertMessage, Item, item_of
from cerberus.domain.alerts.rules import LOG, AlertRules
from cerberus.errors import CerberusError, Rejected, StoreFailed, Transient
from cerberus.ids import new_id
from cerberus.ports import Clock, Notifier, Store, Transaction

log = logging.getLogger(__name__)

#: how many alerts one message may stand for
GROUP_LIMIT = 500
SEND_SECONDS = 30.0


@dataclass(slots=True)
class ChannelState:
    """How a channel has been lately; forgotten at a restart."""

    failures: int = 0
    rests_until: datetime | None = None
    problem: str = ""


@dataclass(slots=True)
class Deliverer:
    """The loop that empties the outbox; a dead channel holds up nobody but itself.

    A message is marked as being sent before its first byte, and as sent after its answer: a process
    that is killed in between sends that one message again, under the same ids.
    """

    store: Store
    clock: Clock
    rules: Callable[[], AlertRules]
    channels: Callable[[], Mapping[str, Notifier]]
    redact: Callable[[str], str] = str
    picture: Callable[[str], bytes | None] = lambda _: None
    states: dict[str, ChannelState] = field(default_factory=dict)
    _running: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def step(self) -> None:
        """Let every channel that is free and has something to say go on."""
        waiting = await self.store.read(lambda tx: tx.deliveries.waiting_channels())
        channels = self.channels()
        for name in waiting:
            running = self._running.get(name)
            if name in channels and (running is None or running.done()):
                work = self._drain(channels[name])
                self._running[name] = asyncio.create_task(work, name=f"deliver-{name}")

    async def stop(self, patience_seconds: float = 1.0) -> None:
        """Let what is being sent arrive; what is broken off is sent again after the next start."""
        running = [task for task in self._running.values() if not task.done()]
        if running:
            _, late = await asyncio.wait(running, timeout=patience_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _drain(self, channel: Notifier) -> None:
        try:
            while await self.deliver_next(channel):
                pass
        except StoreFailed as error:
            log.warning("delivery_waits channel=%s reason=%s", channel.name, error)
        except Exception:
            # an edge: a channel that breaks in an unknown way must not be given up
            log.exception("delivery_failed channel=%s", channel.name)
            self._fail(channel.name, "an unexpected error", None)

    async def deliver_next(self, channel: Notifier) -> bool:
        """Send the next message of a channel; False when there is nothing to be sent now."""
        state = self.states.setdefault(channel.name, ChannelState())
        now = self.clock.now()
        if state.rests_until is not None and now < state.rests_until:
            return False
        chosen = await self.store.read(lambda tx: self._choose(tx, channel, now))
        if not chosen:
            return False
        sending = _marked(chosen, now)
        items, picture = await self.store.write(lambda tx: _claim(tx, sending))
        message = AlertMessage(
            message_id=sending[0].message_id or sending[0].delivery_id,
            level=sending[0].level,
            items=tuple(self._clean(item) for item in items),
            picture=None if picture is None else await asyncio.to_thread(self.picture, picture),
        )
        return await self._send(channel, message, sending)

    async def _send(
        self, channel: Notifier, message: AlertMessage, sending: Sequence[Delivery]
    ) -> bool:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.send(message)
        except Rejected as error:
            await self._refused(channel.name, sending, self.redact(str(error)))
            return True
        except (CerberusError, TimeoutError) as error:
            wait = error.retry_after_seconds if isinstance(error, Transient) else None
            reason = self.redact(str(error)) or f"no answer within {SEND_SECONDS:g} s"
            self._fail(channel.name, reason, wait)
            back = [replace(one, status=DeliveryStatus.QUEUED, error=reason) for one in sending]
            await self.store.write(lambda tx: tx.deliveries.save(back))
            return False
        sent = [replace(one, status=DeliveryStatus.SENT, error="") for one in sending]
        await self.store.write(lambda tx: tx.deliveries.save(sent))
        if self.states[channel.name].problem:
            log.info("channel_recovered channel=%s", channel.name)
        self.states[channel.name] = ChannelState()
        return True

    async def _refused(self, channel: str, sending: Sequence[Delivery], reason: str) -> None:
        """Try what was refused alone; at last leave it to the log: one message blocks no other."""
        log.warning("message_refused channel=%s reason=%s", channel, reason)
        now = self.clock.now()

        def store(transaction: Transaction) -> None:
            for one in sending:
                refusals = one.refusals + 1
                is_over = refusals >= REFUSALS_LIMIT
                status = DeliveryStatus.REFUSED if is_over else DeliveryStatus.QUEUED
                after = replace(one, status=status, refusals=refusals, error=reason)
                transaction.deliveries.save([after])
                if is_over and channel != LOG:
                    instead = Delivery(new_id(), one.alert_id, LOG, one.kind, one.level, now)
                    transaction.deliveries.add(instead)

        await self.store.write(store)

    def _choose(
        self, transaction: Transaction, channel: Notifier, now: datetime
    ) -> Sequence[Delivery]:
        """Return the deliveries of the next message: what was being sent first, then by level."""
        broken_off = transaction.deliveries.sending(channel.name)
        if broken_off:
            first = broken_off[0].message_id
            return [one for one in broken_off if one.message_id == first]
        rules = self.rules()
        for level in reversed(Level):
            waiting = transaction.deliveries.queued(channel.name, level, GROUP_LIMIT)
            if not waiting or rules.is_held(level, channel.name, now):
                continue
            oldest = waiting[0].created_at
            if now - oldest < rules.group_for(level) or not self._may(transaction, waiting[0], now):
                continue
            return _group(waiting, together=channel.takes_groups)
        return ()

    def _may(self, transaction: Transaction, one: Delivery, now: datetime) -> bool:
        limit = self.rules().limit(one.channel, one.level)
        if limit is None:
            return True
        given = transaction.deliveries.messages_since(one.channel, one.level, now - limit.per)
        return given < limit.messages

    def _fail(self, channel: str, reason: str, wait_seconds: float | None) -> None:
        state = self.states.setdefault(channel, ChannelState())
        if not state.problem:
            log.warning("channel_failed channel=%s reason=%s", channel, reason)
        state.failures += 1
        state.problem = reason
        pause = pause_after(state.failures)
        if wait_seconds is not None:
            pause = max(timedelta(seconds=wait_seconds), timedelta(seconds=1))
        state.rests_until = self.clock.now() + pause

    def _clean(self, item: Item) -> Item:
        clean = self.redact
        title, text, source = clean(item.title), clean(item.text), clean(item.source)
        return replace(item, title=title, text=text, source=source)


def _group(waiting: Sequence[Delivery], *, together: bool) -> Sequence[Delivery]:
    """Return what goes into one message; what was refused before goes alone."""
    if not together or waiting[0].refusals:
        return waiting[:1]
    return [one for one in waiting if not one.refusals]


def _marked(chosen: Sequence[Delivery], now: datetime) -> list[Delivery]:
    return [
        replace(
            one,
            status=DeliveryStatus.SENDING,
            message_id=chosen[0].delivery_id,
            attempts=one.attempts + 1,
            attempted_at=now,
        )
        for one in chosen
    ]


def _claim(transaction: Transaction, sending: Sequence[Delivery]) -> tuple[list[Item], str | None]:
    """Mark deliveries as being sent and return what they say; only a lone one has a picture."""
    transaction.deliveries.save(sending)
    alerts = {one.alert_id: one for one in transaction.alerts.of({d.alert_id for d in sending})}
    items = [item_of(alerts[one.alert_id], one.kind) for one in sending]
    with_picture = alerts[sending[0].alert_id].picture if len(sending) == 1 else None
    return items, with_picture if sending[0].kind is Kind.RAISED else None
