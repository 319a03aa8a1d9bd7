"""How trading went over a range of time: measured, judged, and drawn as a report."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cerberus.domain.analytics.advice import Advice, advise
from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.files import ReportFile
from cerberus.domain.analytics.report import Report
from cerberus.errors import Invalid
from cerberus.ports import Analytics
from cerberus.services.desk import Desk

MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Analysis:
    """The statistics of a range with the recommendations, and the file where they were drawn."""

    report: Report
    advice: list[Advice]
    file: ReportFile | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The range as a caller tells it: by its two ends, or by days before the end."""

    start: datetime | None = None
    end: datetime | None = None
    days: int | None = None

    def span(self, now: datetime) -> Span:
        """Return the range; without an end it ends now, and it never ends later.

        Raises
        ------
        Invalid
            It holds no time, lies in the future, or is told twice.
        """
        if self.start is not None and self.days is not None:
            raise Invalid("days", "cannot be told together with from")
        end = min(self.end or now, now).astimezone(UTC)
        start = (self.start or end - timedelta(days=self.days or 1)).astimezone(UTC)
        if start >= end:
            raise Invalid("from", f"must lie before {end.isoformat()}, was {start.isoformat()}")
        if end - start > timedelta(days=MOST_DAYS):
            days = (end - start).days
            raise Invalid("from", f"the range of {days} days exceeds limit {MOST_DAYS}")
        return Span(start, end)


async def measure(desk: Desk, analytics: Analytics, asked: Asked) -> Analysis:
    """Return the statistics of a range."""
    report = await analytics.measure(asked.span(desk.today()))
    return Analysis(report, advise(report))


async def draw_charts(desk: Desk, analytics: Analytics, asked: Asked) -> bytes:
    """Return the charts of a range as PNG; nothing is kept."""
    return await analytics.charts(asked.span(desk.today()))


async def draw_report(desk: Desk, analytics: Analytics, asked: Asked, actor: str) -> Analysis:
    """Draw the report of a range, which takes the place of a former one of the same range."""
    report, file = await analytics.draw(asked.span(desk.today()))
    now, size = desk.wall_clock.now(), f"{file.bytes} bytes"
    await desk.store.write(
        lambda transaction: transaction.facts.note(now, actor, "report", file.name, size)
    )
    return Analysis(report, advise(report), file)
