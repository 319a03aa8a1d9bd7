"""Servers for tests: found on PATH, else out of Debian's packages, never installed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: unpacked packages; below `var`, so ignored by git
TOOLS = ROOT / "var" / "tools"


def command(program: str, folder: str, packages: Sequence[str]) -> Path | None:
    """Return a program, unpacked from packages into a folder when there is none; None without."""
    on_path = shutil.which(program)
    if on_path is not None:
        return Path(on_path)
    target = TOOLS / folder
    if _unpacked(target, program) is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        TOOLS.mkdir(parents=True, exist_ok=True)
        with (TOOLS / f"{folder}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _unpacked(target, program) is None:
                _unpack(target, program, packages)
    return _unpacked(target, program)


def environment(folder: str) -> dict[str, str]:
    """Return the environment in which an unpacked program finds its libraries."""
    libraries = [str(one) for one in (TOOLS / folder).glob("usr/lib/*-linux-gnu*")]
    found = {"LD_LIBRARY_PATH": os.pathsep.join(libraries)} if libraries else {}
    return {**os.environ, **found}


def _unpacked(folder: Path, program: str) -> Path | None:
    return next((one for one in folder.glob(f"usr/*bin/{program}")), None)


def _unpack(target: Path, program: str, packages: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix=f"cerberus-{target.name}-") as folder:
        if not _download(folder, packages) and os.geteuid() == 0:
            # a fresh system has no lists of packages yet
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)
            _download(folder, packages)
        tree = Path(folder) / "tree"
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, tree], check=True, capture_output=True)
        if _unpacked(tree, program) is not None:
            shutil.rmtree(target, ignore_errors=True)
            shutil.move(tree, target)


def _download(folder: str, packages: Sequence[str]) -> bool:
    fetched = subprocess.run(
        ["apt-get", "download", "-qq", *packages], cwd=folder, capture_output=True, check=False
    )
    return fetched.returncode == 0
