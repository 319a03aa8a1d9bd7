"""The engine's folder below var, owned by one engine at a time."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import TextIO

from cerberus.errors import Misconfigured


def claim_home(home: Path) -> TextIO:
    """Make the folders and keep other engines out until this process ends.

    Raises
    ------
    Misconfigured
        Another engine owns the folder.
    """
    for name in ("h2", "storage", "tmp"):
        (home / name).mkdir(parents=True, exist_ok=True)
    # the handle stays open for the life of the process: the kernel drops the lock with it
    handle = (home / "owner").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise Misconfigured(
            f"another engine (process {owner}) runs on {home}; stop it or set CERBERUS_VAR"
        ) from error
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def sweep(tmp: Path) -> None:
    """Empty the folder of tasks that no process works in any more."""
    for left in tmp.iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def require_free_port(host: str, port: int, variable: str) -> None:
    """Refuse a port on which something listens already.

    Raises
    ------
    Misconfigured
        The message names the variable to change.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Misconfigured(f"port {port} of {host} is taken, set {variable}") from error
