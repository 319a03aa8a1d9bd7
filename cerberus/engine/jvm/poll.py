"""A thread that looks again and again."""

import logging
import threading
from collections.abc import Callable
from typing import Self

_log = logging.getLogger(__name__)


class Poll:
    """Calls a function again and again within a `with` block; what it raises ends no thread."""

    def __init__(self, name: str, look: Callable[[], None], seconds: float) -> None:
        self._name = name
        self._look = look
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # after the call that may be under way
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._look()
            except Exception:  # the edge of the thread: the next call tries again
                _log.exception("%s failed", self._name)
