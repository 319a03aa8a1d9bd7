"""What a channel is given to say: one alert, or several of one level."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cerberus.domain.alerts.alert import Alert, Level
from cerberus.domain.alerts.delivery import Kind


class Mood(StrEnum):
    """What a message as a whole says."""

    RAISED = "raised"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Item:
    """One alert in a message."""

    alert_id: str
    fingerprint: str
    name: str
    kind: Kind
    level: Level
    title: str
    text: str
    source: str
    at: datetime
    count: int = 1

    @property
    def heading(self) -> str:
        """The title with what is special about this time of telling it."""
        words = {
            Kind.REMINDED: f"still, {self.count} times: ",
            Kind.ESCALATED: "not acknowledged: ",
            Kind.ACKNOWLEDGED: "acknowledged: ",
            Kind.RESOLVED: "resolved: ",
        }
        return words.get(self.kind, "") + self.title

    @property
    def footing(self) -> str:
        """Where it comes from, when it happened, and the id by which it is acknowledged."""
        return f"{self.source}, {self.at:%Y-%m-%d %H:%M:%S} UTC, alert {self.alert_id}"


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """One message; its id stays the same when it is sent again."""

    message_id: str
    level: Level
    items: tuple[Item, ...]
    picture: bytes | None = None

    def __post_init__(self) -> None:
        if not self.items:
            raise ValueError("a message needs an alert")

    @property
    def mood(self) -> Mood:
        """Whether it tells nothing but good news."""
        is_over = all(item.kind is Kind.RESOLVED for item in self.items)
        return Mood.RESOLVED if is_over else Mood.RAISED

    @property
    def headline(self) -> str:
        """One line for the whole."""
        what = self.items[0].heading if len(self.items) == 1 else f"{len(self.items)} alerts"
        return f"{self.level}: {what}"


def item_of(alert: Alert, kind: Kind) -> Item:
    """Return how an alert is shown for a reason."""
    resolved = kind is Kind.RESOLVED and alert.resolved_at is not None
    return Item(
        alert_id=alert.alert_id,
        fingerprint=alert.fingerprint,
        name=alert.name,
        kind=kind,
        level=alert.level,
        title=alert.title,
        text=alert.message,
        source=alert.source,
        at=alert.resolved_at if resolved and alert.resolved_at is not None else alert.last_at,
        count=alert.count,
    )


def more(omitted: int) -> str:
    """Return the line that stands for alerts for which there is no room."""
    return f"and {omitted} more, all are at GET /api/alerts" if omitted else ""
