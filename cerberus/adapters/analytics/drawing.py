"""Write a report into its folder: a page, and a picture where charts can be drawn."""

from pathlib import Path

from cerberus.adapters.analytics.charts import draw_charts
from cerberus.adapters.analytics.folder import PAGE, PICTURE
from cerberus.adapters.analytics.page import page
from cerberus.domain.analytics.advice import advise
from cerberus.domain.analytics.report import Report


def draw(report: Report, folder: Path, name: str) -> None:
    """Write the files of a report, each whole or not at all, the page last."""
    charts = draw_charts(report)
    picture = folder / f"{name}{PICTURE}"
    if charts is None:
        picture.unlink(missing_ok=True)  # of a former drawing, whose figures may be others
    else:
        _write(picture, charts[0])
    text = page(report, advise(report), None if charts is None else charts[1])
    _write(folder / f"{name}{PAGE}", text.encode())


def _write(file: Path, content: bytes) -> None:
    # one is drawn at a time, so that what a killed process left is written over
    draft = file.with_name(f".{file.name}.draft")
    draft.write_bytes(content)
    draft.replace(file)
