"""An alert that goes to people past the API, while the API does not take it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cerberus.domain.alerts.alert import Alert


@dataclass(frozen=True, slots=True)
class DirectAlert:
    """An alert, and on which channel it was told; what is not told waits for the API."""

    alert: Alert
    channel: str | None = None
    told_at: datetime | None = None

    def is_same(self, new: Alert) -> bool:
        """Return whether this is that alert, told under the same id again."""
        return new.external_id is not None and new.external_id == self.alert.external_id

    def counted(self, new: Alert) -> "DirectAlert":
        """Return this one with a repetition; one that is more urgent is to be told anew."""
        is_urgent = new.level.rank > self.alert.level.rank
        told_at = None if is_urgent else self.told_at
        return replace(self, alert=self.alert.repeated(new), told_at=told_at)

    def is_known(self, now: datetime, repeat_after: timedelta) -> bool:
        """Return whether people have heard of it lately enough."""
        return self.told_at is not None and now - self.told_at < repeat_after

    def told(self, channel: str, at: datetime) -> "DirectAlert":
        """Return this one as told."""
        return replace(self, channel=channel, told_at=at)


def messages_since(known: Sequence[DirectAlert], like: DirectAlert, since: datetime) -> int:
    """Return how many of a level were told on a channel after a moment."""
    return sum(
        one.channel == like.channel
        and one.alert.level is like.alert.level
        and one.told_at is not None
        and one.told_at > since
        for one in known
    )
