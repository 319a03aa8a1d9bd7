"""Kept answers: what makes a repeated request harmless."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The kept answer of a request; without a status it is still running."""

    scope: str
    key: str
    body_hash: str
    instance: str
    created_at: datetime
    status: int | None = None
    body: str = ""
