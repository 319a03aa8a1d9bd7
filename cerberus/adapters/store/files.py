"""A SQLite file as a whole: its checksum, its soundness, the one that a URL names."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from cerberus.errors import Conflict

_OWN_TOOLS = "the state is in {0}: back it up and restore it with its own tools"
_TOOLS = {"postgresql": " (pg_dump and pg_restore)"}


def sqlite_file(url: str) -> Path:
    """Return the file behind a URL.

    Raises
    ------
    Conflict
        The state is in another database, which has tools of its own.
    """
    file = file_of(url)
    if file is None:
        name = make_url(url).get_backend_name()
        raise Conflict(_OWN_TOOLS.format(name) + _TOOLS.get(name, ""))
    return file


def file_of(url: str) -> Path | None:
    """Return the file behind a URL, none where the state is in another database."""
    told = make_url(url)
    return Path(told.database) if told.get_backend_name() == "sqlite" and told.database else None


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def checksum_file(file: Path) -> Path:
    """Return where the checksum of a file lies, as `sha256sum --check` reads it."""
    return file.with_name(f"{file.name}.sha256")


def told_digest(file: Path) -> str:
    """Return the SHA-256 that lies beside a file, empty when there is none."""
    try:
        return (checksum_file(file).read_text().split() or [""])[0]
    except (OSError, UnicodeDecodeError):
        return ""


def damage(file: Path) -> str:
    """Return what SQLite finds wrong with a file, empty when it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
            found = str(opened.execute("PRAGMA integrity_check").fetchone()[0])
            if found != "ok":
                return found.splitlines()[0][:200]
            lost = opened.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "" if lost is None else f"a row of {lost[0]} refers to nothing"


def sync_folder(folder: Path) -> None:
    """Let the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
