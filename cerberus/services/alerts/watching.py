"""Watch the state for what no single transaction causes, and end what is over."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from cerberus.domain.alerts.alert import WATCH, Alert, Level, fingerprint
from cerberus.domain.alerts.rules import AlertRules
from cerberus.ports import Clock, Store, Transaction
from cerberus.services.alerts.raising import raise_alert, resolve


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds now and calls for a person once it has held for long enough."""

    name: str
    level: Level
    title: str
    message: str
    subject: str = ""
    #: how long it must hold; the rule's threshold in seconds wins
    lasting: timedelta = timedelta(0)

    @property
    def fingerprint(self) -> str:
        """What the alert about it is found by."""
        return fingerprint(self.name, self.subject)


Sense = Callable[[Transaction, datetime], Iterable[Condition]]


@dataclass(slots=True)
class Watcher:
    """Raises an alert when a condition has held for its time, and resolves it when it is over.

    It owns the live alerts of its names that have the source WATCH, whoever has raised them: what
    is raised with its cause may leave its end to the watcher.
    """

    store: Store
    clock: Clock
    rules: Callable[[], AlertRules]
    names: Callable[[], Collection[str]]
    sense: Sense
    _since: dict[str, datetime] = field(default_factory=dict)

    async def step(self) -> None:
        """Compare what holds with what is alive; write only when they differ."""
        now = self.clock.now()
        found, live = await self.store.read(lambda transaction: self._look(transaction, now))
        holding = {one.fingerprint: one for one in found}
        self._since = {one: self._since.get(one, now) for one in holding}
        known = {alert.fingerprint for alert in live}
        due = [one for key, one in holding.items() if key not in known and self._is_due(one, now)]
        over = [alert for alert in live if alert.fingerprint not in holding]
        if due or over:
            await self.store.write(lambda transaction: self._settle(transaction, due, over, now))

    def _look(
        self, transaction: Transaction, now: datetime
    ) -> tuple[Sequence[Condition], Sequence[Alert]]:
        names = self.names()
        live = [one for one in transaction.alerts.live_from(WATCH) if one.name in names]
        return list(self.sense(transaction, now)), live

    def _is_due(self, one: Condition, now: datetime) -> bool:
        seconds = Decimal(str(one.lasting.total_seconds()))
        limit = timedelta(seconds=float(self.rules().threshold(one.name, seconds)))
        return now - self._since[one.fingerprint] >= limit

    @staticmethod
    def _settle(
        transaction: Transaction, due: Sequence[Condition], over: Sequence[Alert], now: datetime
    ) -> None:
        for one in due:
            raise_alert(
                transaction,
                one.name,
                one.level,
                one.title,
                one.message,
                at=now,
                subject=one.subject,
                source=WATCH,
            )
        for alert in over:
            present = transaction.alerts.get(alert.alert_id)
            if present is not None and present.is_live:
                resolve(transaction, present, now)


def heartbeat_fact(name: str) -> str:
    """Return the name of the fact that keeps a sign of life."""
    return f"heartbeat:{name}"


def silent_heartbeats(
    transaction: Transaction, rules: AlertRules, started_at: datetime, now: datetime
) -> Iterable[Condition]:
    """Return who should have given a sign of life and has not."""
    for expected in rules.heartbeats:
        fact: Mapping[str, str] = transaction.facts.get(heartbeat_fact(expected.name))
        if not fact and not expected.is_from_start:
            continue
        told = datetime.fromisoformat(fact["at"]) if fact else started_at
        # while the API was down nobody could give a sign
        silent = now - max(told, started_at)
        if silent >= expected.silent_for:
            seconds, limit = silent.total_seconds(), expected.silent_for.total_seconds()
            last = fact.get("at", "never")
            yield Condition(
                "heartbeat",
                expected.level,
                f"{expected.name} is silent",
                f"last sign of life {last}, {seconds:.0f} s ago, limit {limit:.0f} s",
                subject=expected.name,
            )
