"""How the parts of a process are, and what the process uses."""

from dataclasses import dataclass
from datetime import datetime

#: a part that gives no sign of life for so long, beyond its own pause, is begun anew
SILENT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process uses; the ratio is that of its machine, or of its container's limit."""

    cpu_percent: float
    resident_bytes: int
    memory_used_ratio: float
    threads: int


@dataclass(frozen=True, slots=True)
class Component:
    """How one loop is; `seconds` is its pause between two steps."""

    name: str
    seconds: float
    steps: int
    failures: int
    errors_a_minute: int
    silent_seconds: float
    restarts: int
    problem: str
    succeeded_at: datetime | None

    @property
    def is_silent(self) -> bool:
        """Whether it should have given a sign of life and has not."""
        return self.silent_seconds > SILENT_SECONDS + self.seconds
