"""Check flow files with the engine's parser; nothing is started, nothing is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cerberus.engine.flow_files.sources import (
    SUFFIXES,
    Document,
    find_files,
    line_in_file,
    read_file,
)
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {' '.join(self.reason.split())}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a whole check."""

    flows: int
    files: int
    problems: tuple[Problem, ...]


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files that paths mean; a folder means all flow files below it.

    Raises
    ------
    Invalid
        A path is not there, or is a file of another kind.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += find_files(path)
        elif path.is_file() and path.suffix in SUFFIXES:
            found.append(path)
        else:
            reason = "is not there" if not path.exists() else "is neither .yaml nor .yml"
            raise Invalid("PATH", f"{path} {reason}")
    return list(dict.fromkeys(found))


def check_files(files: Sequence[Path], validate: Callable[[str], list[JsonObject]]) -> Verdict:
    """Check every flow of the files, and that no two are the same."""
    seen: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    flows = 0
    for path in files:
        file = read_file(path, str(path))
        if file.problem is not None:
            problems.append(Problem(file.name, 1, file.problem))
        flows += len(file.documents)
        for document in file.documents:
            said = validate(document.source)[0]
            problems += _check(file.name, document, said, seen)
    return Verdict(flows, len(files), tuple(problems))


def _check(
    name: str, document: Document, said: JsonObject, seen: dict[tuple[str, str], str]
) -> Iterator[Problem]:
    if said.get("constraints"):
        reason = str(said["constraints"])
        yield Problem(name, line_in_file(document, reason), reason)
        return
    flow = str(said["namespace"]), str(said["flow"])
    if flow in seen:
        reason = f"id: flow {'.'.join(flow)} stands in {seen[flow]} already"
        yield Problem(name, line_in_file(document, reason), reason)
    seen.setdefault(flow, name)
