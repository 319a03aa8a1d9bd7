"""Put a backup in the place of the state; no API runs meanwhile, which the caller sees to."""

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from cerberus.adapters.store.files import (
    checksum_file,
    damage,
    digest,
    sqlite_file,
    sync_folder,
    told_digest,
)
from cerberus.adapters.store.migrate import migrate
from cerberus.errors import Invalid, Misconfigured

#: what SQLite keeps beside a file
_BESIDE = ("-wal", "-shm")


def restore(backup: Path, url: str, at: datetime) -> Path | None:
    """Check a backup, swap it in, and return where the former state lies now, if there was one.

    Raises
    ------
    Invalid
        The file is no whole backup, or not of this version; nothing was changed.
    Conflict
        The state is not in SQLite.
    """
    target = sqlite_file(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="restoring-", dir=target.parent) as scratch:
        fresh = Path(scratch, "cerberus.db")
        _verified_copy(backup, fresh)
        _bring_up_to_date(fresh, at)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        former = _keep(target, at)
        os.replace(fresh, target)
    sync_folder(target.parent)
    return former


def _verified_copy(backup: Path, fresh: Path) -> None:
    if not backup.is_file():
        raise Invalid("FILE", f"there is no file {backup}")
    wanted = told_digest(backup)
    if not wanted:
        raise Invalid("FILE", f"{checksum_file(backup).name} is not beside {backup.name}")
    shutil.copyfile(backup, fresh)
    fresh.chmod(0o600)
    found = digest(fresh)
    if found != wanted:
        raise Invalid("FILE", f"{backup.name} has sha256 {found}, expected {wanted}")
    problem = damage(fresh)
    if problem:
        raise Invalid("FILE", f"{backup.name} is damaged: {problem}")


def _bring_up_to_date(fresh: Path, at: datetime) -> None:
    try:
        migrate(f"sqlite:///{fresh}", fresh.parent / "backup", at)
    except Misconfigured as error:
        raise Invalid("FILE", str(error)) from error
    # what the migration left in the log belongs into the file, which goes alone
    for left in _BESIDE:
        if (rest := fresh.with_name(fresh.name + left)).exists() and rest.stat().st_size:
            raise Invalid("FILE", f"{rest.name} was left by the migration")


def _keep(target: Path, at: datetime) -> Path | None:
    """Keep the former state under another name, with its log; at any moment one of both is whole.

    The log goes before the new file comes: SQLite would take it for that one's.
    """
    if not target.exists():
        return None
    _empty_log(target)
    former = target.with_name(f"before-restore-{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.db")
    for left in ("", *_BESIDE):
        if (file := target.with_name(target.name + left)).exists():
            _link(file, former.with_name(former.name + left))
    sync_folder(target.parent)
    for left in _BESIDE:
        target.with_name(target.name + left).unlink(missing_ok=True)
    return former


def _empty_log(target: Path) -> None:
    """Take what stands in the log into the file, where the file is sound enough for that."""
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(target)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _link(file: Path, name: Path) -> None:
    try:
        os.link(file, name)
    except OSError:  # not every file system has links
        shutil.copy2(file, name)
