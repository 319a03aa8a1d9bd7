"""Backups of the state, and what a drill finds when one of them is restored."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: `file` is its name in the folder of backups."""

    file: str
    bytes: int
    sha256: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class BackupTaken:
    """A backup that was just taken, and how long it took."""

    backup: Backup
    seconds: float


@dataclass(frozen=True, slots=True)
class BookCheck:
    """One thing that must hold of restored books; `detail` says what was looked at, or is wrong."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Drill:
    """What restoring a backup into a scratch folder has shown."""

    file: str
    checks: tuple[BookCheck, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the backup could be relied on."""
        return all(check.holds for check in self.checks)
