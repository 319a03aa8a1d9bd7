"""An outbox on a database of its own, with channels and a clock in the test's hand."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cerberus.adapters.store import SqlStore
from cerberus.adapters.store.migrate import migrate
from cerberus.domain.alerts.alert import Alert, AlertStatus, Level, fingerprint
from cerberus.domain.alerts.message import AlertMessage
from cerberus.domain.alerts.rules import AlertRules, Policy
from cerberus.ids import new_id
from cerberus.services.alerts.delivering import Deliverer
from cerberus.services.alerts.raising import take_in
from cerberus.services.alerts.routing import follow_up, route_alerts

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALL_LEVELS = AlertRules(
    levels={level: Policy(channels=("phone",)) for level in Level}, channels=("log", "phone")
)


@dataclass
class HandClock:
    """A clock that goes when it is told to."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


async def _quietly(_: AlertMessage) -> None:
    return None


@dataclass
class FakeChannel:
    """Keeps what it is given; `act` may fail or hang, before or after."""

    name: str = "phone"
    takes_groups: bool = True
    follows: bool = False
    act: Callable[[AlertMessage], Awaitable[None]] = _quietly
    given: list[AlertMessage] = field(default_factory=list)

    async def send(self, message: AlertMessage) -> None:
        await self.act(message)
        self.given.append(message)

    @property
    def titles(self) -> list[str]:
        return [item.title for message in self.given for item in message.items]


@dataclass
class Outbox:
    """Store, rules, channels and the deliverer between them."""

    store: SqlStore
    clock: HandClock = field(default_factory=HandClock)
    rules: AlertRules = ALL_LEVELS
    channels: dict[str, FakeChannel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channels = {name: FakeChannel(name) for name in ("log", "phone", "pager")}
        self.deliverer = self.new_deliverer()

    @property
    def phone(self) -> FakeChannel:
        return self.channels["phone"]

    def new_deliverer(self) -> Deliverer:
        """Return the deliverer that another process would have."""
        return Deliverer(self.store, self.clock, lambda: self.rules, lambda: self.channels)

    async def tell(
        self, title: str = "title", level: Level = Level.CRITICAL, **fields: object
    ) -> Alert:
        new = replace(self.new(title, level), **fields)  # type: ignore[arg-type]  # its fields
        return await self.store.write(lambda transaction: take_in(transaction, new))

    async def tell_all(self, told: Sequence[tuple[str, Level]]) -> list[Alert]:
        """Raise many in one transaction: a thousand commits would take the test's time."""
        new = [self.new(title, level) for title, level in told]
        return await self.store.write(lambda tx: [take_in(tx, one) for one in new])

    def new(self, title: str, level: Level) -> Alert:
        now = self.clock.now()
        return Alert(new_id(), "probe", fingerprint(title), level, title, "text", "t", now, now)

    async def turn(self, deliverer: Deliverer | None = None) -> None:
        """Route, follow up, and deliver until every channel rests."""
        await route_alerts(self.store, self.clock, self.rules)
        await follow_up(self.store, self.clock, self.rules)
        await self.turn_deliveries(deliverer)

    async def turn_deliveries(self, deliverer: Deliverer | None = None) -> None:
        """Deliver what is queued until every channel rests."""
        one = deliverer or self.deliverer
        await one.step()
        await asyncio.gather(*one._running.values())

    async def alert(self, alert_id: str) -> Alert:
        found = await self.store.read(lambda transaction: transaction.alerts.get(alert_id))
        assert found is not None
        return found

    async def statuses(self) -> dict[tuple[str, str], int]:
        tally = await self.store.read(lambda transaction: transaction.deliveries.tally())
        return {(one.channel, str(one.status)): one.count for one in tally}

    async def count(self, status: AlertStatus) -> int:
        return (await self.store.read(lambda tx: tx.alerts.find(status, None, None, 1, 0)))[1]


def open_outbox(folder: Path) -> Outbox:
    url = f"sqlite:///{folder / 'alerts.db'}"
    migrate(url, folder / "backup", START)
    return Outbox(SqlStore(url))
