"""How the outbox is: what waits, what was sent, what was refused, and for how long it waits."""

from collections.abc import Iterator
from datetime import datetime

from cerberus.domain.alerts.alert import AlertStatus
from cerberus.domain.alerts.delivery import DeliveryStatus
from cerberus.domain.readings import Reading
from cerberus.ports import Transaction


def alert_readings(transaction: Transaction, now: datetime) -> Iterator[Reading]:
    """Yield the figures of alerts."""
    tally = transaction.deliveries.tally()
    help_text = "deliveries of alerts by channel and status"
    for one in tally:
        labels = {"channel": one.channel, "status": str(one.status)}
        yield "alert_deliveries_total", help_text, one.count, labels
    waiting = [one for one in tally if not one.status.is_final]
    refused = [one.count for one in tally if one.status is DeliveryStatus.REFUSED]
    _, open_alerts = transaction.alerts.find(AlertStatus.OPEN, None, None, 1, 0)
    oldest = max((now - one.oldest_at for one in waiting), default=None)
    seconds = 0.0 if oldest is None else oldest.total_seconds()
    yield "alerts_open_count", "alerts that nobody has acknowledged", open_alerts, {}
    yield "alerts_queued_count", "deliveries that wait", sum(one.count for one in waiting), {}
    yield "alerts_refused_count", "deliveries that a channel has refused", sum(refused), {}
    yield "alerts_oldest_queued_seconds", "for how long the oldest delivery waits", seconds, {}
