"""`cerberus backup` and `cerberus restore`."""

import subprocess
import sys
import uuid
from pathlib import Path

import typer

from cerberus.client.answers import BackupTaken
from cerberus.commands.connections import BACKUP_SECONDS, api_client
from cerberus.errors import Transient


def back_up() -> int:
    """Take a backup through the API, or directly when none can be reached; return the exit code."""
    try:
        with api_client(BACKUP_SECONDS) as api:
            taken = api.back_up(idempotency_key=f"cli-{uuid.uuid4()}")
    except Transient:
        return _direct("backup")
    typer.echo(describe(taken))
    return 0


def restore(file: Path) -> int:
    """Put a backup in the place of the state, which is refused while an API runs on it."""
    return _direct("restore", str(file.resolve()))


def describe(taken: BackupTaken) -> str:
    """Return the text for a backup that was taken."""
    size, seconds = taken["bytes"], taken["seconds"]
    return f"{taken['file']} {size} bytes, sha256 {taken['sha256']}, {seconds} s"


def _direct(*arguments: str) -> int:
    command = [sys.executable, "-m", "api", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - ourselves
