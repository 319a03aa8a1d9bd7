"""The outbox of alerts, and the history of metrics, that a transaction holds, in domain words."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from cerberus.domain.alerts.alert import Alert, AlertStatus, Level
from cerberus.domain.alerts.delivery import Delivery, Tally
from cerberus.domain.anomalies.samples import Sample


class Alerts(Protocol):
    """Alerts; at most one that is live for a fingerprint."""

    def add(self, alert: Alert, /) -> None:
        """Store a new alert."""
        ...

    def save(self, alert: Alert, /) -> None:
        """Store an alert's new state."""
        ...

    def get(self, alert_id: str) -> Alert | None:
        """Return an alert by our id, or by the id of its caller."""
        ...

    def live(self, fingerprint: str) -> Alert | None:
        """Return the live alert of a fingerprint."""
        ...

    def live_from(self, source: str) -> list[Alert]:
        """Return the live alerts of a source."""
        ...

    def of(self, alert_ids: Collection[str]) -> list[Alert]:
        """Return some alerts."""
        ...

    def unrouted(self, limit: int) -> list[Alert]:
        """Return the alerts whose channels are to be chosen, oldest first."""
        ...

    def routed(self, limit: int, after: str) -> list[Alert]:
        """Return live alerts that were routed, by id, behind an id."""
        ...

    def still_since(self, before: datetime, limit: int) -> list[Alert]:
        """Return the live alerts that were not repeated since a moment, those watched apart."""
        ...

    def find(
        self,
        status: AlertStatus | None,
        level: Level | None,
        name: str | None,
        limit: int,
        offset: int,
    ) -> tuple[list[Alert], int]:
        """Return the newest alerts and the total."""
        ...

    def forget(self, before: datetime) -> int:
        """Remove what was over before a moment; return how many alerts."""
        ...


class Deliveries(Protocol):
    """What is to be told on which channel."""

    def add(self, delivery: Delivery, /) -> None:
        """Queue a delivery."""
        ...

    def save(self, deliveries: Sequence[Delivery], /) -> None:
        """Store the new state of deliveries."""
        ...

    def of_alert(self, alert_id: str) -> list[Delivery]:
        """Return the deliveries of an alert, oldest first."""
        ...

    def sending(self, channel: str) -> list[Delivery]:
        """Return what was being sent on a channel, oldest first."""
        ...

    def queued(self, channel: str, level: Level, limit: int) -> list[Delivery]:
        """Return what waits for a channel, oldest first."""
        ...

    def waiting_channels(self) -> list[str]:
        """Return the channels for which something waits."""
        ...

    def messages_since(self, channel: str, level: Level, since: datetime) -> int:
        """Return how many messages a channel was given after a moment."""
        ...

    def tally(self) -> list[Tally]:
        """Return how many deliveries there are, by channel and status."""
        ...

    def move(self, old: str, new: str) -> int:
        """Give another channel what waits for one that is no more; return how many."""
        ...


class Samples(Protocol):
    """The history of metrics, one sample a minute."""

    def put(self, sample: Sample, /) -> None:
        """Store or replace the sample of a minute."""
        ...

    def between(self, first: datetime, last: datetime) -> list[Sample]:
        """Return the samples from one moment to another, both included, oldest first."""
        ...

    def forget(self, before: datetime) -> int:
        """Remove what is older than a moment; return how many."""
        ...
