"""Backups of a SQLite store: copied while it is used, checked, counted, and drilled."""

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from cerberus.adapters.store.drill import drill
from cerberus.adapters.store.files import (
    checksum_file,
    damage,
    digest,
    sqlite_file,
    sync_folder,
    told_digest,
)
from cerberus.domain.backups import Backup, BackupTaken, Drill
from cerberus.errors import NotFound, StoreFailed

Result = TypeVar("Result")

_STAMP = "%Y%m%dT%H%M%S%fZ"
_PREFIX, _SUFFIX = "cerberus-", ".db"
#: what a process that was killed left behind is older than this
_STALE_SECONDS = 86_400
#: what a backup leaves free for trading to go on
_ROOM_BYTES = 32 * 2**20


class StoreBackups:
    """The backups of one store in one folder, the newest `kept` of them; one at work at a time."""

    def __init__(self, url: str, folder: Path, kept: int) -> None:
        self._url = url
        self._folder = folder
        self._kept = kept
        self._lock = asyncio.Lock()

    async def take(self, at: datetime) -> BackupTaken:
        """Copy the store as it is at one moment, check the copy and drop the oldest ones.

        Raises
        ------
        Conflict
            The state is not in SQLite.
        StoreFailed
            The copy is not whole, or the disk is full; nothing was left.
        """
        source = sqlite_file(self._url)
        return await self._work(lambda: take_backup(source, self._folder, self._kept, at))

    async def all(self) -> list[Backup]:
        """Return the backups, newest first."""
        sqlite_file(self._url)
        return await asyncio.to_thread(list_backups, self._folder)

    async def drill(self, file: str | None, at: datetime) -> Drill:
        """Restore a backup, by default the newest, into a scratch folder and check its books.

        Raises
        ------
        NotFound
            There is no such backup.
        """
        sqlite_file(self._url)
        return await self._work(lambda: self._drill(file, at))

    def _drill(self, file: str | None, at: datetime) -> Drill:
        names = [path.name for path in _files(self._folder)]
        if not names or file not in (None, *names):
            raise NotFound(f"there is no backup {file}" if file else "there is no backup yet")
        name = file or names[-1]
        with TemporaryDirectory(prefix="drill-", dir=self._folder) as scratch:
            return drill(self._folder / name, Path(scratch), at)

    async def _work(self, work: Callable[[], Result]) -> Result:
        async with self._lock:
            try:
                return await asyncio.to_thread(work)
            except (OSError, sqlite3.Error) as error:
                raise StoreFailed(f"the folder of backups cannot be used: {error}") from error


def take_backup(source: Path, folder: Path, kept: int, at: datetime) -> BackupTaken:
    """Back one SQLite file up into a folder."""
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _drop_stale(folder)
    _ensure_room(source, folder)
    target = folder / f"{_PREFIX}{at.astimezone(UTC):{_STAMP}}{_SUFFIX}"
    with TemporaryDirectory(prefix="partial-", dir=folder) as scratch:
        draft = Path(scratch, target.name)
        _copy(source, draft)
        found = damage(draft)
        if found:
            raise StoreFailed(f"the copy is damaged ({found}), no backup was made")
        told = f"{digest(draft)}  {target.name}\n"
        checksum_file(draft).write_text(told)
        # a backup without its checksum would be refused: the checksum goes first
        os.replace(checksum_file(draft), checksum_file(target))
        os.replace(draft, target)
    sync_folder(folder)
    for old in _files(folder)[:-kept]:
        old.unlink()
        checksum_file(old).unlink(missing_ok=True)
    return BackupTaken(_backup(target), round(time.monotonic() - began, 3))


def list_backups(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first."""
    return [_backup(file) for file in reversed(_files(folder))]


def _copy(source: Path, target: Path) -> None:
    """Copy in one step: a reader's snapshot, beside which the writer goes on."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as copy,
    ):
        old.backup(copy)
        # one file that needs no log beside it
        copy.execute("PRAGMA journal_mode=DELETE")
    with target.open("rb") as written:
        os.fsync(written.fileno())


def _ensure_room(source: Path, folder: Path) -> None:
    log = source.with_name(f"{source.name}-wal")
    needed = sum(file.stat().st_size for file in (source, log) if file.exists())
    free = shutil.disk_usage(folder).free
    if free < needed + _ROOM_BYTES:
        raise StoreFailed(f"a backup needs {needed + _ROOM_BYTES} free bytes, there are {free}")


def _drop_stale(folder: Path) -> None:
    for left in (*folder.glob("partial-*"), *folder.glob("drill-*")):
        if left.is_dir() and time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob(f"{_PREFIX}*{_SUFFIX}") if _taken_at(file))


def _backup(file: Path) -> Backup:
    taken = _taken_at(file) or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Backup(file.name, file.stat().st_size, told_digest(file), taken)


def _taken_at(file: Path) -> datetime | None:
    stamp = file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
