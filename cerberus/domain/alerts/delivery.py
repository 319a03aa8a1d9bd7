"""Telling an alert on one channel: the outbox's entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cerberus.domain.alerts.alert import Level

#: a refused message is tried this often, alone, before the log takes its place
REFUSALS_LIMIT = 3
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)


class Kind(StrEnum):
    """Why an alert is told."""

    RAISED = "raised"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class DeliveryStatus(StrEnum):
    """What became of it; one that is being sent may have arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self in (DeliveryStatus.SENT, DeliveryStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert to be told on one channel, alone or in a message with others."""

    delivery_id: str
    alert_id: str
    channel: str
    kind: Kind
    level: Level
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.QUEUED
    #: the message that carries it: the id of the first delivery in it
    message_id: str | None = None
    attempts: int = 0
    refusals: int = 0
    attempted_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of a channel have a status, and when the first was queued."""

    channel: str
    status: DeliveryStatus
    count: int
    oldest_at: datetime


def pause_after(failures: int) -> timedelta:
    """Return how long a channel rests after failures in a row: 2 s, doubled up to 5 minutes."""
    doublings = min(max(failures - 1, 0), 16)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * int(2**doublings))
