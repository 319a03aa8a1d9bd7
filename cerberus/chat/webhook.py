"""Telegram's webhook: which calls are Telegram's, and each update once."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass, field

#: below the public address of the API
PATH = "/webhook/telegram"
#: updates that are known again; Telegram repeats what was not answered with 200
_REMEMBERED = 1000


@dataclass(slots=True)
class Webhook:
    """Where Telegram calls, and the token by which it is known."""

    url: str
    secret: str
    _seen: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def is_telegram(self, secret: str) -> bool:
        """Return whether a caller has the token; compared in constant time."""
        return hmac.compare_digest(secret.encode(), self.secret.encode())

    def is_new(self, number: int) -> bool:
        """Return whether an update has not come before, and remember it."""
        if number in self._seen:
            return False
        self._seen[number] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True
