"""What the API makes of the supervisor's file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cerberus.adapters.watch_file import WatchFile

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def told(path: Path, **values: object) -> WatchFile:
    path.write_text(json.dumps(values))
    return WatchFile(path, lambda: NOW)


def written(seconds_ago: float) -> str:
    return (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(("age", "is_stale"), [(0, False), (30, False), (31, True), (-5, False)])
def test_a_file_older_than_30_seconds_says_that_nobody_watches(
    tmp_path: Path, age: float, is_stale: bool
) -> None:
    file = told(tmp_path / "s.json", updated_at=written(age), given_up=[])
    assert bool(file.problem()) == is_stale
    assert file.given_up() == ""


def test_processes_given_up_block_entries(tmp_path: Path) -> None:
    file = told(tmp_path / "s.json", updated_at=written(1), given_up=["engine", "simulator"])
    assert file.given_up() == "the supervisor has given up on engine, simulator"
    assert file.problem() == ""


@pytest.mark.parametrize("broken", [{}, {"a.yaml": "line 3: no tasks"}])
def test_broken_flow_files_are_told_and_block_nothing(
    tmp_path: Path, broken: dict[str, str]
) -> None:
    file = told(tmp_path / "s.json", updated_at=written(1), broken_flow_files=broken)
    assert file.broken_flow_files() == broken
    assert (file.given_up(), file.problem()) == ("", "")


def test_without_a_file_nothing_is_wrong(tmp_path: Path) -> None:
    file = WatchFile(tmp_path / "none.json", lambda: NOW)
    assert (file.given_up(), file.problem(), file.broken_flow_files()) == ("", "", {})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"given_up": 3, "broken_flow_files": 3}'])
def test_a_file_of_no_use_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.json").write_text(text)
    file = WatchFile(tmp_path / "s.json", lambda: NOW)
    assert (file.given_up(), file.problem(), file.broken_flow_files()) == ("", "", {})


def test_a_time_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "tells no time" in told(tmp_path / "s.json", updated_at="soon").problem()
