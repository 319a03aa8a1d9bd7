"""The folder that all clones on a machine share, and a cheap proof that its files are unchanged."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

from cerberus.engine.install.lock import Artifact


class JarCache:
    """Verified jars, and a stamp of size and time for each, so that a start need not read 80 MB.

    A stamp is written only after the file's hash was right. A file whose size or time differs from
    its stamp is hashed again.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.jars = root / "jars"
        self._stamps_file = root / "stamps.json"

    def path(self, artifact: Artifact) -> Path:
        """Return where the jar of an artifact lies, or would lie."""
        return self.jars / artifact.file_name

    def missing(self, artifacts: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
        """Return the artifacts whose jar is absent or broken, and stamp those found intact."""
        stamps = self._read_stamps()
        fresh = dict(stamps)
        absent = []
        for artifact in artifacts:
            stamp = self._stamp(artifact)
            if stamp is None:
                absent.append(artifact)
            elif stamps.get(artifact.file_name) == stamp:
                continue
            elif sha256_of(self.path(artifact)) == artifact.sha256:
                fresh[artifact.file_name] = stamp
            else:
                absent.append(artifact)
        if fresh != stamps:
            self._write_stamps(fresh)
        return tuple(absent)

    def accept(self, artifact: Artifact, verified: Path) -> None:
        """Move a file whose hash was right into its place in one step."""
        self.jars.mkdir(parents=True, exist_ok=True)
        os.replace(verified, self.path(artifact))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep installs of other clones out; the kernel drops the lock when the process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "install.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # what installs left that were killed
            for stale in self.root.glob("partial-*"):
                shutil.rmtree(stale, ignore_errors=True)
            yield

    def _stamp(self, artifact: Artifact) -> str | None:
        try:
            found = self.path(artifact).stat()
        except FileNotFoundError:
            return None
        return f"{artifact.sha256} {found.st_size} {found.st_mtime_ns}"

    def _read_stamps(self) -> dict[str, str]:
        try:
            stamps = json.loads(self._stamps_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def _write_stamps(self, stamps: Mapping[str, str]) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        draft = self._stamps_file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(stamps, indent=0, sort_keys=True))
        os.replace(draft, self._stamps_file)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's content."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
