"""A report's files: whole, escaped, without charts where they cannot be drawn, the oldest gone."""

import builtins
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cerberus.adapters.analytics.drawing import draw
from cerberus.adapters.analytics.folder import drop_oldest, list_reports, read_report
from cerberus.domain.analytics.files import name_of
from cerberus.domain.analytics.report import Report
from cerberus.errors import NotFound
from tests.unit.domain.analytics.examples import WEEK, Told, report_of

NAME = name_of(WEEK)


def some() -> Report:
    trades = [Told(hour, str(hour % 7 - 3), strategy="<b>bold</b>") for hour in range(1, 160, 3)]
    return report_of(*trades)


@pytest.mark.parametrize("report", [some(), report_of()], ids=["trades", "nothing"])
def test_page_and_picture_are_drawn(tmp_path: Path, report: Report) -> None:
    draw(report, tmp_path, NAME)

    page = (tmp_path / f"{NAME}.html").read_text()
    drawing = page[page.index("<svg") : page.index("</svg>") + 6]
    assert ElementTree.fromstring(drawing).tag.endswith("svg")  # noqa: S314 - our own drawing
    assert (tmp_path / f"{NAME}.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{NAME}.html", f"{NAME}.png"]


def test_what_people_named_is_escaped(tmp_path: Path) -> None:
    draw(some(), tmp_path, NAME)

    page = (tmp_path / f"{NAME}.html").read_text()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>" not in page


def test_without_matplotlib_there_are_tables_and_no_old_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(some(), tmp_path, NAME)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    draw(some(), tmp_path, NAME)
    monkeypatch.undo()

    assert "no charts" in (tmp_path / f"{NAME}.html").read_text()
    (only,) = list_reports(tmp_path)
    assert only.picture is None


def test_the_reports_that_were_made_last_stay(tmp_path: Path) -> None:
    names = [f"analytics-2026010{day}T000000Z-20260110T000000Z" for day in (1, 2, 3)]
    for age, name in enumerate(names):
        for suffix in (".html", ".png"):
            (tmp_path / f"{name}{suffix}").write_text("x")
            os.utime(tmp_path / f"{name}{suffix}", (1000 - age, 1000 - age))
    (tmp_path / "notes.html").write_text("somebody's")

    drop_oldest(tmp_path, 2)

    assert [one.name for one in list_reports(tmp_path)] == names[:2]
    assert (tmp_path / "notes.html").exists()
    assert len(list(tmp_path.iterdir())) == 5


def test_only_reports_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (tmp_path / "secret.html").write_text("x")

    for name in ("../secret", NAME):
        with pytest.raises(NotFound):
            read_report(folder, name, ".html")
