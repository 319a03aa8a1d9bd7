"""Statistics come from a process of their own, and its failures are errors that say why."""

import asyncio
from pathlib import Path

import pytest

from cerberus.adapters.analytics import process
from cerberus.adapters.analytics.process import AnalyticsProcess
from cerberus.errors import StoreFailed, Transient
from tests.unit.domain.analytics.examples import WEEK


def asker(folder: Path, patience_seconds: float = 60) -> AnalyticsProcess:
    url = f"sqlite:///{folder / 'missing.db'}"
    return AnalyticsProcess(url, folder / "report", 3, patience_seconds)


async def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="unable to open database file"):
        await asker(tmp_path).measure(WEEK)


async def test_what_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_COMMAND", ("sleep", "1000"))

    with pytest.raises(Transient, match=r"longer than 0\.1 s"):
        await asker(tmp_path, patience_seconds=0.1).measure(WEEK)


async def test_one_that_is_asked_no_more_is_ended_and_the_next_may_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asker(tmp_path)
    monkeypatch.setattr(process, "_COMMAND", ("sleep", "1000"))
    waiting = asyncio.create_task(asked.measure(WEEK))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    monkeypatch.setattr(process, "_COMMAND", ("false",))
    with pytest.raises(StoreFailed, match="no word"):
        await asked.measure(WEEK)
