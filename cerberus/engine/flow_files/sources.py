"""Find and read the flow files of a folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cerberus.engine.flow_files.lines import line_of
from cerberus.engine.kestra.flows import split_documents

SUFFIXES = frozenset({".yaml", ".yml"})

#: name below the folder -> what changes when the file does
Signatures: TypeAlias = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Document:
    """One flow of a file, and the number of the file's lines before it."""

    source: str
    lines_before: int = 0


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow file as it was read: its documents, or why it cannot be read."""

    name: str
    documents: tuple[Document, ...] = ()
    problem: str | None = None


def find_files(folder: Path) -> list[Path]:
    """Return every flow file below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def read_file(path: Path, name: str) -> FlowFile:
    """Read one file."""
    try:
        return FlowFile(name, tuple(_documents(path.read_text())))
    except (OSError, UnicodeDecodeError) as error:
        return FlowFile(name, problem=f"cannot be read: {error}")


def _documents(text: str) -> Iterator[Document]:
    at = 0
    for source in split_documents(text):
        at = text.index(source, at)
        yield Document(source, text.count("\n", 0, at))
        at += len(source)


def line_in_file(document: Document, reason: str) -> int:
    """Return the line of the file that the engine's reason is about."""
    return document.lines_before + line_of(document.source, reason)


def signatures(folder: Path) -> Signatures | None:
    """Return time, size and inode of each file; None where the folder itself is not there."""
    if not folder.is_dir():
        return None
    found = {}
    for path in find_files(folder):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # it went between the listing and here
        name = path.relative_to(folder).as_posix()
        found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
