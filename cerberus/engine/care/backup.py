"""A whole backup of the running engine in one file, proven by opening the copy."""

import hashlib
import json
import logging
import os
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import IO

from cerberus.engine.care.database import connection, rows
from cerberus.engine.kestra.java import Java, java
from cerberus.errors import CerberusError

DATABASE = "kestra.mv.db"
MANIFEST = "manifest.json"
VERSION = 1
#: part of the home that goes along: files of executions, KV values, where flows came from
BESIDE = ("storage", "flow-files.json")
_COUNTED = ("FLOWS", "EXECUTIONS", "LOGS", "TRIGGERS", "KV_METADATA", "TASK_OUTPUTS")
_PATTERN = "engine-*.zip"
_log = logging.getLogger(__name__)


class BackupFailed(CerberusError):
    """The copy cannot be opened or lacks something; no file was left."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was taken."""

    file: str
    bytes: int
    sha256: str
    seconds: float
    rows: dict[str, int]


def take_backup(context: Java, home: Path, folder: Path, kept: int) -> Backup:
    """Write a backup below the folder, check it, and drop all but the newest `kept`.

    Raises
    ------
    BackupFailed
        The copy is no whole database.
    """
    began, now = monotonic(), datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"engine-{now:%Y%m%dT%H%M%S%fZ}.zip"
    with TemporaryDirectory(prefix="partial-", dir=folder) as scratch:
        database = _copy_database(context, Path(scratch))
        counts = _open_copy(database)
        draft = Path(scratch, "draft.zip")
        _pack(draft, database, home, {"takenAt": now.isoformat(), "rows": counts})
        os.replace(draft, target)
    digest = _digest(target)
    # for `sha256sum --check`
    target.with_suffix(".zip.sha256").write_text(f"{digest}  {target.name}\n")
    _drop_old(folder, kept)
    taken = Backup(
        str(target), target.stat().st_size, digest, round(monotonic() - began, 2), counts
    )
    _log.info("backup taken %s", asdict(taken))
    return taken


def _copy_database(context: Java, scratch: Path) -> Path:
    packed = scratch / "h2.zip"
    with connection(context) as given:
        # H2 copies a state of one moment while others write
        given.createStatement().execute(f"BACKUP TO '{str(packed).replace(chr(39), chr(39) * 2)}'")
    with zipfile.ZipFile(packed) as archive:
        return Path(archive.extract(DATABASE, scratch))


def _open_copy(database: Path) -> dict[str, int]:
    properties = java("java.util.Properties")()
    properties.setProperty("user", "kestra")
    properties.setProperty("password", "")
    path = str(database).removesuffix(".mv.db")
    url = f"jdbc:h2:file:{path};MODE=LEGACY;IFEXISTS=TRUE"
    given = java("org.h2.Driver")().connect(url, properties)
    try:
        tables = rows(
            given, "select table_name from information_schema.tables where table_schema = 'PUBLIC'"
        )
        counts = {
            str(name): int(str(rows(given, f'select count(*) from "{name}"')[0][0]))  # noqa: S608 - the database's own names
            for (name,) in tables
        }
    finally:
        given.createStatement().execute("SHUTDOWN")
    if missing := set(_COUNTED) - counts.keys():
        raise BackupFailed(f"the copy lacks the tables {', '.join(sorted(missing))}")
    return {name: counts[name] for name in _COUNTED}


def _pack(draft: Path, database: Path, home: Path, about: dict[str, object]) -> None:
    hashes = {}
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(handle, "wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        hashes[f"h2/{DATABASE}"] = _add(archive, database, f"h2/{DATABASE}")
        for name in BESIDE:
            for path in _files(home / name):
                inside = path.relative_to(home).as_posix()
                try:
                    hashes[inside] = _add(archive, path, inside)
                except FileNotFoundError:
                    continue  # its execution was purged in the meantime
        manifest = {"version": VERSION, "kestra": "2.0.0", **about, "sha256": hashes}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file())


def _add(archive: zipfile.ZipFile, path: Path, inside: str) -> str:
    with path.open("rb") as source, archive.open(inside, "w", force_zip64=True) as sink:
        return _copy(source, sink)


def _copy(source: IO[bytes], sink: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := source.read(1 << 20):
        digest.update(part)
        sink.write(part)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _drop_old(folder: Path, kept: int) -> None:
    for old in sorted(folder.glob(_PATTERN))[:-kept]:
        old.unlink()
        old.with_suffix(".zip.sha256").unlink(missing_ok=True)
