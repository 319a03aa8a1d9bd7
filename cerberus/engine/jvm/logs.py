"""Logs of the Python side: standard error, the same shape as the Java side, no secret in them."""

import logging
import time
from collections.abc import Mapping, Sequence


class RedactingFormatter(logging.Formatter):
    """Replaces every known secret value, in tracebacks too."""

    def __init__(self, hidden: Sequence[str]) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)-5s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime
        self._hidden = tuple(hidden)

    def hide(self, _: Mapping[str, str], hidden: Sequence[str]) -> None:
        """Replace other values from now on."""
        self._hidden = tuple(hidden)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        line = super().format(record)
        for secret in self._hidden:
            line = line.replace(secret, "******")
        return line


def set_up_logging() -> RedactingFormatter:
    """Send everything from level INFO to standard error; return what takes the secrets out."""
    handler = logging.StreamHandler()
    formatter = RedactingFormatter(())
    handler.setFormatter(formatter)
    logging.addLevelName(logging.WARNING, "WARN")
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    return formatter
