"""The drawn reports in their folder: a page each, and a picture where charts could be drawn."""

from datetime import UTC, datetime
from pathlib import Path

from cerberus.domain.analytics.files import ReportFile, range_of
from cerberus.errors import NotFound

PAGE, PICTURE = ".html", ".png"


def list_reports(folder: Path) -> list[ReportFile]:
    """Return the reports, the one that was made last first."""
    found = [told for file in folder.glob(f"*{PAGE}") if (told := _told(file)) is not None]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def read_report(folder: Path, name: str, suffix: str) -> bytes:
    """Return a report's page or picture.

    Raises
    ------
    NotFound
        There is none.
    """
    if range_of(name) is None:
        raise NotFound(f"there is no report {name}")
    try:
        return (folder / f"{name}{suffix}").read_bytes()
    except FileNotFoundError:
        kind = "report" if suffix == PAGE else "picture of a report"
        raise NotFound(f"there is no {kind} {name}") from None


def drop_oldest(folder: Path, kept: int) -> None:
    """Keep the reports that were made last."""
    for old in list_reports(folder)[kept:]:
        for suffix in (PAGE, PICTURE):
            (folder / f"{old.name}{suffix}").unlink(missing_ok=True)


def told(folder: Path, name: str) -> ReportFile:
    """Return what is known of a report.

    Raises
    ------
    NotFound
        There is none.
    """
    found = _told(folder / f"{name}{PAGE}")
    if found is None:
        raise NotFound(f"there is no report {name}")
    return found


def _told(file: Path) -> ReportFile | None:
    span = range_of(file.stem)
    try:
        state = file.stat()
    except FileNotFoundError:
        return None
    if span is None:
        return None
    picture = file.with_suffix(PICTURE)
    return ReportFile(
        name=file.stem,
        start=span[0],
        end=span[1],
        bytes=state.st_size,
        made_at=datetime.fromtimestamp(state.st_mtime, UTC),
        picture=picture.name if picture.exists() else None,
    )
