"""What was told past the API: one file an alert, below var/data/direct, until the API has it."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from cerberus.domain.alerts.direct import DirectAlert

log = logging.getLogger(__name__)

_FORM = TypeAdapter(DirectAlert)


class DirectFiles:
    """Files named by the alert's id, so that their order is that of time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def claimed(self, *, wait: bool) -> Iterator[bool]:
        """Keep other processes out; False where another one is at it and is not waited for."""
        if not wait and not self._folder.is_dir():
            yield False  # nothing was ever told directly
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True

    def all(self) -> list[DirectAlert]:
        """Return all, oldest first; a file that is no alert stays, and is told in the log."""
        found = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                found.append(_FORM.validate_json(file.read_bytes()))
            except (OSError, ValidationError) as error:
                log.warning("direct_unreadable file=%s reason=%s", file.name, type(error).__name__)
        return found

    def put(self, one: DirectAlert) -> None:
        """Store or replace one, whole or not at all."""
        file = self._file(one)
        part = file.with_suffix(".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as written:
            written.write(_FORM.dump_json(one))
            written.flush()
            os.fsync(written.fileno())
        part.replace(file)

    def remove(self, one: DirectAlert) -> None:
        """Forget one."""
        self._file(one).unlink(missing_ok=True)

    def _file(self, one: DirectAlert) -> Path:
        return self._folder / f"{one.alert.alert_id}.json"
