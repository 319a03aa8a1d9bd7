"""The second step of what must not happen by a slip of the thumb."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cerberus.chat.asked import Asked

LIFETIME = timedelta(seconds=60)


@dataclass(slots=True)
class Confirmations:
    """Codes that were given out, at most one for a person and an action."""

    _open: dict[tuple[int, int, str], tuple[str, datetime]] = field(default_factory=dict)

    def offer(self, asked: Asked, action: str, now: datetime) -> str:
        """Return a code that does an action when the same person sends it back in time."""
        code = secrets.token_hex(3)
        self._open[asked.user, asked.chat, action] = code, now + LIFETIME
        return code

    def take(self, asked: Asked, action: str, code: str, now: datetime) -> bool:
        """Return whether a code is right; right or wrong, it is good for one try."""
        kept, until = self._open.pop((asked.user, asked.chat, action), ("", now))
        return now < until and hmac.compare_digest(kept.encode(), code.lower().encode())
