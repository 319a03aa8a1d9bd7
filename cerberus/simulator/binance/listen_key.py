"""The key that opens a futures user-data stream."""

import secrets
from dataclasses import dataclass

from cerberus.simulator.binance.failures import Failed

LISTEN_KEY_MS = 3_600_000


@dataclass(slots=True)
class ListenKey:
    """The only key there is: the same one until it has run out."""

    text: str = ""
    until_ms: int = 0

    def open(self, now_ms: int) -> str:
        """Return the valid key, or a new one; it is good for another hour."""
        if not self.is_valid(self.text, now_ms):
            self.text = secrets.token_hex(32)
        self.until_ms = now_ms + LISTEN_KEY_MS
        return self.text

    def keep(self, now_ms: int) -> str:
        """Make the key good for another hour."""
        if not self.is_valid(self.text, now_ms):
            raise Failed(-1125, "This listenKey does not exist.")
        return self.open(now_ms)

    def close(self) -> None:
        """Give the key up."""
        self.until_ms = 0

    def is_valid(self, text: str, now_ms: int) -> bool:
        """Return whether a stream may be opened with it."""
        return bool(text) and text == self.text and now_ms < self.until_ms
