"""Put a backup in the place of an engine's state; no engine runs meanwhile."""

import hashlib
import json
import os
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from cerberus.engine.care.backup import BESIDE, DATABASE, MANIFEST, VERSION
from cerberus.engine.jvm.home import claim_home
from cerberus.errors import Invalid

_PARTS = ("h2", *BESIDE)


def restore(file: Path, home: Path) -> Path:
    """Check every byte of a backup, then swap it in; return where the former state lies now.

    Raises
    ------
    Invalid
        The file is no whole backup. Nothing was changed.
    cerberus.errors.Misconfigured
        An engine runs on the folder.
    """
    with claim_home(home):
        fresh = home / "restoring"
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            _unpack(file, fresh)
            return _swap(fresh, home)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _unpack(file: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            hashes: dict[str, str] = manifest["sha256"]
            if manifest["version"] != VERSION or f"h2/{DATABASE}" not in hashes:
                raise Invalid("FILE", f"{file.name} is no backup of version {VERSION}")
            for name, digest in hashes.items():
                _extract(archive, name, digest, target)
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise Invalid("FILE", f"{file.name} is no whole backup: {error}") from error


def _extract(archive: zipfile.ZipFile, name: str, digest: str, target: Path) -> None:
    parts = PurePosixPath(name).parts
    if parts[0] not in _PARTS or ".." in parts:
        raise Invalid("FILE", f"a backup holds no {name}")
    place = target / name
    place.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with archive.open(name) as source, place.open("wb") as sink:
        while part := source.read(1 << 20):
            found.update(part)
            sink.write(part)
        os.fsync(sink.fileno())
    if found.hexdigest() != digest:
        raise Invalid("FILE", f"{name} in it has sha256 {found.hexdigest()}, expected {digest}")


def _swap(fresh: Path, home: Path) -> Path:
    former = home / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    former.mkdir()
    for name in _PARTS:
        if (home / name).exists():
            os.rename(home / name, former / name)
        if (fresh / name).exists():
            os.rename(fresh / name, home / name)
    return former
