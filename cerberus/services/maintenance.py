"""Maintenance: entries are held back by a person, until a moment or until it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cerberus.errors import Invalid
from cerberus.ports import Transaction
from cerberus.services.desk import Desk

MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Why entries are held back, empty when they are not; it ends by itself where `until` says."""

    reason: str = ""
    until: datetime | None = None

    def reason_at(self, now: datetime) -> str:
        """Return why entries are held back at a moment of wall time, empty when they are not."""
        if not self.reason or self.until is None:
            return self.reason
        if now >= self.until:
            return ""
        return f"{self.reason} (until {self.until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"


def maintenance_of(fact: Mapping[str, str]) -> Maintenance:
    """Return what the store keeps of it."""
    until = fact.get("until")
    return Maintenance(fact.get("reason", ""), datetime.fromisoformat(until) if until else None)


async def switch_maintenance(
    desk: Desk, wanted: Maintenance, lasting: timedelta | None, actor: str
) -> Maintenance:
    """Hold entries back, for a while where one is given, or let them through without a reason.

    Raises
    ------
    Invalid
        The end has passed already.
    """
    now = desk.wall_clock.now()
    if lasting is not None:
        wanted = Maintenance(wanted.reason, now + lasting)
    if wanted.until is not None and wanted.until <= now:
        told = f"must be later than now, {now.isoformat()}, was {wanted.until.isoformat()}"
        raise Invalid("until", told)
    fact = {"reason": wanted.reason} if wanted.reason else {}
    if wanted.until is not None:
        fact["until"] = wanted.until.astimezone(UTC).isoformat()

    def store(transaction: Transaction) -> None:
        transaction.facts.put(MAINTENANCE, fact, now)
        switch = "on" if wanted.reason else "off"
        transaction.facts.note(now, actor, MAINTENANCE, switch, wanted.reason_at(now))

    await desk.store.write(store)
    return wanted
