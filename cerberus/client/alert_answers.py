"""What the API answers about alerts; times are strings."""

from typing import TypedDict


class AlertShown(TypedDict):
    """An alert."""

    alert_id: str
    external_id: str | None
    name: str
    level: str
    title: str
    message: str
    source: str
    status: str
    count: int
    repeats: str | None
    created_at: str
    last_at: str
    escalated: int
    acknowledged_at: str | None
    acknowledged_by: str
    resolved_at: str | None


class DeliveryShown(TypedDict):
    """What became of telling an alert on a channel."""

    delivery_id: str
    channel: str
    kind: str
    status: str
    message_id: str | None
    attempts: int
    created_at: str
    attempted_at: str | None
    error: str


class AlertStory(AlertShown):
    """An alert with what became of telling it."""

    deliveries: list[DeliveryShown]


class AlertPage(TypedDict):
    """One page of alerts, newest first."""

    alerts: list[AlertShown]
    total: int
