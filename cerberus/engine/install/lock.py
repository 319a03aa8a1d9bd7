"""The lock of the engine's artifacts: one line each, coordinate and sha256."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cerberus.errors import Misconfigured

#: compiles the task class; not on the engine's class path
COMPILER = ("org.eclipse.jdt", "ecj")

_COORDINATE = re.compile(r"[\w.-]+:[\w.-]+:[\w.+-]+(:[\w.-]+)?")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One jar, named by its coordinate; `sha256` is empty only in a lock that is being made."""

    group: str
    name: str
    version: str
    classifier: str = ""
    sha256: str = ""

    @property
    def coordinate(self) -> str:
        """Group, name, version and, where it has one, classifier."""
        tail = f":{self.classifier}" if self.classifier else ""
        return f"{self.group}:{self.name}:{self.version}{tail}"

    @property
    def file_name(self) -> str:
        """The jar's name in the cache, unique over groups."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.group}__{self.name}-{self.version}{tail}.jar"

    @property
    def is_compiler(self) -> bool:
        """Tell whether the jar is needed at install only."""
        return (self.group, self.name) == COMPILER


def read_lock(path: Path, *, hashes_required: bool = True) -> tuple[Artifact, ...]:
    """Return the artifacts of a lock file in the order of their coordinates.

    Raises
    ------
    Misconfigured
        The file is missing, a line does not parse, or a coordinate stands there twice.
    """
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError as error:
        raise Misconfigured(f"engine lock {path} is missing") from error
    artifacts = [
        _parse(line, f"{path.name}:{number}", hashes_required)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    ]
    names = [artifact.file_name for artifact in artifacts]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Misconfigured(f"{path.name} names {doubled[0]} twice")
    return tuple(sorted(artifacts, key=lambda artifact: artifact.coordinate))


def format_lock(artifacts: tuple[Artifact, ...]) -> str:
    """Return the text of a lock file."""
    head = (
        "# Artifacts of the embedded Kestra engine: coordinate and sha256 of the jar.\n"
        "# To add one, write its coordinate on a line and run: python -m cerberus.engine relock\n"
    )
    return head + "".join(f"{each.coordinate} sha256:{each.sha256}\n" for each in artifacts)


def lock_digest(artifacts: tuple[Artifact, ...]) -> str:
    """Return one hash over all coordinates and hashes."""
    return sha256(format_lock(artifacts).encode()).hexdigest()


def _parse(line: str, where: str, hash_required: bool) -> Artifact:
    coordinate, _, digest = line.strip().partition(" ")
    if not _COORDINATE.fullmatch(coordinate):
        raise Misconfigured(f"{where}: no coordinate, was {coordinate!r}")
    if not _HASH.fullmatch(digest) and (digest or hash_required):
        raise Misconfigured(f"{where}: {coordinate} has no sha256, was {digest!r}")
    group, name, version, *classifier = coordinate.split(":")
    return Artifact(group, name, version, "".join(classifier), digest.removeprefix("sha256:"))
