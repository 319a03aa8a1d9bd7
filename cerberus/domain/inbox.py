"""Signals that come as messages: how one is read, and what may become of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cerberus.domain.webhooks.bodies import Told, read_object, read_text

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 15.0


@dataclass(frozen=True, slots=True)
class Received:
    """One message; its name stays the same however often it is delivered."""

    name: str
    data: bytes
    #: when it reached the bus
    at: datetime
    #: how often it was delivered, this time included
    tries: int = 1
    #: by which its sender knows it
    message_id: str | None = None


class Outcome(StrEnum):
    """What becomes of a message."""

    #: decided and committed: it may be forgotten
    DONE = "done"
    #: nothing could be decided now; it comes again
    LATER = "later"
    #: something broke; it comes again, but not for ever
    BROKEN = "broken"
    #: it can never be a signal: a person looks at it
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Handled:
    """What has become of a message, and why."""

    outcome: Outcome
    reason: str = ""

    def after(self, tries: int, most: int) -> "Handled":
        """Return this, or that it is dead when it broke too often."""
        if self.outcome is not Outcome.BROKEN or tries < most:
            return self
        return Handled(Outcome.DEAD, f"given up after {tries} tries: {self.reason}")


def read_message(received: Received) -> Told:
    """Return the signal of a message: with an id, and with the time at which it was told.

    Raises
    ------
    Invalid
        It is no JSON object.
    """
    told = read_object(read_text(received.data))
    # a message that has waited is as old as it is, and not from now
    moment = received.at.astimezone(UTC).isoformat()
    defaults = {"id": received.message_id or received.name, "created_at": moment}
    return defaults | {name: value for name, value in told.items() if value is not None}


def pause_before(tries: int) -> float:
    """Return after how many seconds a message is to come again."""
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 10), _LONGEST_PAUSE_SECONDS)
