"""Ask for statistics in a process of their own: one at a time, with a limit on its time."""

import asyncio
import json
import logging
import os
import pickle
import signal
import sys
import tempfile
from pathlib import Path

from cerberus.adapters.analytics.folder import (
    PAGE,
    PICTURE,
    drop_oldest,
    list_reports,
    read_report,
    told,
)
from cerberus.domain.analytics.columns import Span
from cerberus.domain.analytics.files import ReportFile, name_of
from cerberus.domain.analytics.report import Report
from cerberus.errors import NotFound, StoreFailed, Transient

log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "cerberus.adapters.analytics")


class AnalyticsProcess:
    """The statistics of one store, and the drawn reports in one folder, the newest `kept`."""

    def __init__(self, url: str, folder: Path, kept: int, patience_seconds: float) -> None:
        self._url = url
        self._folder = folder
        self._kept = kept
        self._patience_seconds = patience_seconds
        self._lock = asyncio.Lock()

    async def measure(self, span: Span) -> Report:
        """Return the statistics of a range.

        Raises
        ------
        StoreFailed
            The store cannot be read.
        Transient
            It takes too long.
        """
        return await self._ask(span)

    async def draw(self, span: Span) -> tuple[Report, ReportFile]:
        """Write the report of a range, drop the oldest ones, and return what it says."""
        name = name_of(span)
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        found = await self._ask(span, folder=str(self._folder), name=name)
        await asyncio.to_thread(drop_oldest, self._folder, self._kept)
        return found, await asyncio.to_thread(told, self._folder, name)

    async def reports(self) -> list[ReportFile]:
        """Return the drawn reports, the one that was made last first."""
        return await asyncio.to_thread(list_reports, self._folder)

    async def page(self, name: str) -> bytes:
        """Return a report as HTML; may raise NotFound."""
        return await asyncio.to_thread(read_report, self._folder, name, PAGE)

    async def picture(self, name: str) -> bytes:
        """Return a report's charts as PNG; may raise NotFound."""
        return await asyncio.to_thread(read_report, self._folder, name, PICTURE)

    async def charts(self, span: Span) -> bytes:
        """Return the charts of a range as PNG and keep nothing.

        Raises
        ------
        NotFound
            What draws them is not installed.
        """
        name = name_of(span)
        with tempfile.TemporaryDirectory(prefix="cerberus-charts-") as folder:
            await self._ask(span, folder=folder, name=name)
            picture = Path(folder) / f"{name}{PICTURE}"
            if not picture.is_file():
                raise NotFound('no picture: the extra "charts" is not installed')
            return await asyncio.to_thread(picture.read_bytes)

    async def _ask(self, span: Span, **more: str) -> Report:
        asked = {"url": self._url, "start": span.start.isoformat(), "end": span.end.isoformat()}
        async with self._lock:
            answer = await self._run(json.dumps(asked | more).encode())
        found: Report = pickle.loads(answer)  # noqa: S301 - of our own process, through a pipe
        return found

    async def _run(self, question: bytes) -> bytes:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
        try:
            async with asyncio.timeout(self._patience_seconds):
                answer, words = await process.communicate(question)
        except TimeoutError:
            limit = f"{self._patience_seconds:g} s"
            raise Transient(f"the statistics took longer than {limit}: ask for less") from None
        finally:
            if process.returncode is None:
                # with the process that helps it
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode != 0:
            lines = words.decode(errors="replace").strip().splitlines() or ["no word"]
            log.error("analytics_failed code=%s reason=%s", process.returncode, lines[-1])
            raise StoreFailed(f"the statistics failed: {lines[-1][:200]}")
        return answer
