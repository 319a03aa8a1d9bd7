"""A process that cannot write: its files may not grow, or its disk is truly full."""

import contextlib
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: what the latch overwrites in place; every write of the database goes further
_KEPT_BYTES = 1024


@contextmanager
def no_writes(pid: int) -> Iterator[None]:
    """Let every write of a process fail by the kernel beyond the first KiB of a file."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_KEPT_BYTES, before[1]))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def small_disk(folder: Path) -> tuple[str, ...]:
    """Return a wrapper that gives a process a small disk of its own on a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return (
        "unshare",
        "-Urm",
        "sh",
        "-c",
        f'mount -t tmpfs -o size=4m none "{folder}"; exec "$@"',
        "-",
    )


def has_small_disks(folder: Path) -> bool:
    """Return whether this machine lets us have one."""
    with contextlib.suppress(OSError):
        command = [*small_disk(folder)[:-2], f'mount -t tmpfs none "{folder}"']
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@contextmanager
def filled(pid: int, folder: Path) -> Iterator[None]:
    """Fill the small disk of a process to its last byte."""
    ballast = Path(f"/proc/{pid}/root") / folder.relative_to("/") / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()
