"""Reports that were drawn, and how their files are called."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cerberus.domain.analytics.columns import Span

#: the range, so that a report that is made again takes the place of the former one
NAME = r"analytics-[0-9]{8}T[0-9]{6}Z-[0-9]{8}T[0-9]{6}Z"
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A drawn report; `picture` is the name of its charts below var/report, where it has any."""

    name: str
    start: datetime
    end: datetime
    bytes: int
    made_at: datetime
    picture: str | None


def name_of(span: Span) -> str:
    """Return the name of a range's report."""
    return f"analytics-{span.start:{_STAMP}}-{span.end:{_STAMP}}"


def range_of(name: str) -> tuple[datetime, datetime] | None:
    """Return the range that a name tells, None where it is no report's."""
    if not re.fullmatch(NAME, name):
        return None
    _, start, end = name.split("-")
    try:
        return _moment(start), _moment(end)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
