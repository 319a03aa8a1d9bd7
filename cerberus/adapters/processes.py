"""Names of processes by which a later one on the same machine knows that they are gone.

    host/ab12cd34/4711/99120     host, boot and process ids' space, pid, start

A name of another machine, another container or an earlier boot tells nothing: its owner's lease has
to run out.
"""

import hashlib
import os
import socket
from pathlib import Path

import psutil

_PROC = Path("/proc")


def this_process() -> str:
    """Return the name of this process; no other one ever has it."""
    pid = os.getpid()
    return f"{_here()}/{pid}/{_started(pid)}"


def is_gone(name: str) -> bool:
    """Return whether a process is known to have ended; False where that cannot be told."""
    place, _, rest = name.rpartition("/")[0].rpartition("/")
    started = name.rpartition("/")[2]
    return place == _here() and rest.isdecimal() and _started(int(rest)) != started


def _here() -> str:
    """Return what processes have in common among which a pid means the same."""
    told = []
    for path in ("sys/kernel/random/boot_id", "self/ns/pid"):
        file = _PROC / path
        try:
            told.append(str(file.readlink()) if file.is_symlink() else file.read_text().strip())
        except OSError:
            told.append("")
    return f"{socket.gethostname()}/{hashlib.sha256('|'.join(told).encode()).hexdigest()[:8]}"


def _started(pid: int) -> str:
    """Return when a process was started, empty for one that has ended."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        stat = _PROC / str(pid) / "stat"
        if stat.exists():
            # ticks since the boot, which no change of the clock moves
            return stat.read_text().rpartition(")")[2].split()[19]
        return f"{process.create_time():.0f}"
    except (psutil.NoSuchProcess, OSError):
        return ""
