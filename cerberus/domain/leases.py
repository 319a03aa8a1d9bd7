"""Leases: who alone may do something, until when, under a token that only rises."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """What one owner holds until a moment of wall time.

    Every new owner takes it under the next token: who comes back later is known by the old one.
    """

    name: str
    token: int
    owner: str
    taken_at: datetime
    renewed_at: datetime
    expires_at: datetime

    def is_over_at(self, now: datetime) -> bool:
        """Return whether it has run out."""
        return now >= self.expires_at

    def belongs_to(self, owner: str, token: int) -> bool:
        """Return whether it is still the one that an owner took under this token."""
        return (self.owner, self.token) == (owner, token)

    def renewed(self, now: datetime, lifetime: timedelta) -> "Lease":
        """Return it as it is from now on."""
        return replace(self, renewed_at=now, expires_at=now + lifetime)

    def given_up(self, now: datetime) -> "Lease":
        """Return it as its owner leaves it: free for whoever asks next."""
        return replace(self, expires_at=min(self.expires_at, now))


def taken_over(
    held: Lease | None, name: str, owner: str, now: datetime, lifetime: timedelta
) -> Lease:
    """Return the lease under its next token."""
    token = 1 if held is None else held.token + 1
    return Lease(name, token, owner, now, now, now + lifetime)
