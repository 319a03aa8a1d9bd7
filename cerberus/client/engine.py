"""The care of the embedded engine, over its API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import NamedTuple

from cerberus.client.http import JsonConnection
from cerberus.errors import Transient

#: a large database takes its time
TIMEOUT_SECONDS = 600.0


class BackupTaken(NamedTuple):
    """A backup, on the engine's machine."""

    file: str
    bytes: int
    sha256: str
    seconds: float


class Compacted(NamedTuple):
    """What a compaction came to."""

    bytes_before: int
    bytes_after: int
    seconds: float


class EngineCare:
    """The engine at a URL, with its user's name and password; use it in one thread."""

    def __init__(self, url: str, username: str, password: str) -> None:
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._connection = JsonConnection(url, f"Basic {credentials}", TIMEOUT_SECONDS)

    def __enter__(self) -> EngineCare:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def back_up(self) -> BackupTaken:
        """Take a backup and return it."""
        found = self._post("/engine/backups")
        return BackupTaken(
            str(found["file"]),
            int(str(found["bytes"])),
            str(found["sha256"]),
            float(str(found["seconds"])),
        )

    def compact(self) -> Compacted:
        """Compact the database's file."""
        found = self._post("/engine/compact")
        sizes = int(str(found["bytesBefore"])), int(str(found["bytesAfter"]))
        return Compacted(*sizes, float(str(found["seconds"])))

    def _post(self, path: str) -> Mapping[str, object]:
        answer = self._connection.call("POST", path)
        if not isinstance(answer, dict):
            raise Transient("the answer is no object, is this the engine?")
        return answer
