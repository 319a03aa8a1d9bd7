"""What failed is run once more, alone, and named; what fails again, or too much, fails the run."""

from pathlib import Path

import pytest

from tests import again

UNSTEADY = """
import pathlib, pytest
@pytest.mark.parametrize("word", ["a@b", "c"])
@pytest.mark.xdist_group("some")
def test_unsteady(word):
    seen = pathlib.Path(f"seen-{word}")
    first = not seen.exists()
    seen.touch()
    assert not first
def test_steady(): pass
"""
BROKEN = "def test_broken(): assert False\n"
MANY = "".join(f"def test_{number}(): assert False\n" for number in range(again.MOST + 1))


@pytest.mark.parametrize(
    ("source", "arguments", "result", "told", "is_named"),
    [
        (UNSTEADY, ["-p", "xdist", "-n1", "--dist=loadgroup"], 0, "once more, alone: 2 of", True),
        (UNSTEADY + BROKEN, [], 1, "once more, alone: 3 of", False),
        (MANY, [], 1, f"{again.MOST + 1} failed", False),
    ],
)
def test_only_what_fails_alone_too_fails_the_run(
    source: str,
    arguments: list[str],
    result: int,
    told: str,
    is_named: bool,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = xdist_group\n")
    (tmp_path / "test_it.py").write_text(source)
    assert again.run(tmp_path, arguments) == result
    output = capfd.readouterr().out
    assert told in output
    assert ("  test_it.py::test_unsteady[a@b]\n" in output) == is_named
