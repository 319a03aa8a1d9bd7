"""An alert: raised, told, repeated, acknowledged, resolved."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

TITLE_LENGTH = 200
MESSAGE_LENGTH = 8000
#: the source of alerts that are live exactly as long as a condition holds
WATCH = "cerberus.watch"


class Level(StrEnum):
    """How urgent it is; CRITICAL and above want a person."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
    EMERGENCY = "EMERGENCY"

    @property
    def rank(self) -> int:
        """The place in the order of urgency, 0 for the lowest."""
        return list(Level).index(self)


class AlertStatus(StrEnum):
    """Where an alert is in its life; a repeated one is counted onto the one that is open."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person has to know.

    There is at most one alert of a fingerprint that is neither resolved nor a repetition.
    """

    alert_id: str
    #: which alert it is, as the rules name it
    name: str
    fingerprint: str
    level: Level
    title: str
    message: str
    source: str
    created_at: datetime
    last_at: datetime
    #: the id by which its caller knows it
    external_id: str | None = None
    status: AlertStatus = AlertStatus.OPEN
    count: int = 1
    #: the alert that this one repeats
    repeats: str | None = None
    #: a picture below `var/report`
    picture: str | None = None
    #: when its channels were chosen last
    routed_at: datetime | None = None
    #: how many steps of its escalation are taken
    escalated: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether it still calls for something."""
        return self.status in (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)

    def repeated(self, again: "Alert") -> "Alert":
        """Return this one with a repetition counted; a higher level calls people anew."""
        counted = replace(self, count=self.count + 1, last_at=again.created_at)
        if again.level.rank <= self.level.rank:
            return replace(counted, message=again.message)
        return replace(
            counted.reopened(),
            level=again.level,
            title=again.title,
            message=again.message,
            picture=again.picture,
            routed_at=None,
        )

    def reopened(self) -> "Alert":
        """Return this one as if nobody had seen it yet; its escalation begins again."""
        return replace(
            self,
            status=AlertStatus.OPEN,
            acknowledged_at=None,
            acknowledged_by="",
            escalated=0,
            routed_at=None,
        )

    def acknowledged(self, at: datetime, by: str) -> "Alert":
        """Return this one as seen by a person; the first one to see it stays."""
        if self.status is not AlertStatus.OPEN:
            return self
        status = AlertStatus.ACKNOWLEDGED
        return replace(self, status=status, acknowledged_at=at, acknowledged_by=by)

    def resolved(self, at: datetime) -> "Alert":
        """Return this one as over."""
        if not self.is_live:
            return self
        return replace(self, status=AlertStatus.RESOLVED, resolved_at=at)


def fingerprint(name: str, *subject: str) -> str:
    """Return what two alerts about the same thing have in common."""
    return hashlib.sha256("\0".join((name, *subject)).encode()).hexdigest()
