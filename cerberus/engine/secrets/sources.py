"""Where secrets come from: generated ones, `kestra/secrets.env`, and one file each in a folder."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cerberus import secret_files
from cerberus.errors import Misconfigured

#: name in flows -> name below var/secrets
GENERATED = {
    "CERBERUS_API_TOKEN": "api_token",
    "CERBERUS_WEBHOOK_KEY": "webhook_key",
    "CERBERUS_ENGINE_PASSWORD": "kestra_password",
}

#: Kestra's own way of writing: the value is base 64
_PREFIX = "SECRET_"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SENSITIVE = re.compile(r"(?i)key|secret|token|password|passphrase|url")


@dataclass(frozen=True, slots=True)
class SecretSources:
    """The places to read; a later one wins over an earlier one."""

    generated: Path
    file: Path
    folder: Path
    #: settings of the other processes; their values are hidden, not offered
    settings_file: Path

    def read(self) -> dict[str, str]:
        """Return name and value of each secret that flows may name.

        Raises
        ------
        Misconfigured
            A line or a file does not fit; the message names it, never its text.
        """
        found = {name: secret_files.read(self.generated, kept) for name, kept in GENERATED.items()}
        if self.file.exists():
            found |= dict(_lines(self.file))
        if self.folder.is_dir():
            found |= dict(_files(self.folder))
        return found

    def others(self) -> list[str]:
        """Return values that no flow may name and that must not be shown either."""
        values = [path.read_text().strip() for path in _visible(self.generated)]
        if self.settings_file.exists():
            for line in self.settings_file.read_text().splitlines():
                name, _, value = line.partition("=")
                if _SENSITIVE.search(name) and not name.lstrip().startswith("#"):
                    values.append(value.strip().strip("'\""))
        return [value for value in values if value]

    def signature(self) -> tuple[tuple[str, int, int, int], ...]:
        """Return what changes when a source does."""
        places = [self.file, self.settings_file]
        for folder in (self.generated, self.folder):
            places += _visible(folder) if folder.is_dir() else []
        found = []
        for place in places:
            try:
                status = place.stat()
            except FileNotFoundError:
                continue
            found.append((str(place), status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(found)


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, separator, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not separator or not _NAME.fullmatch(name):
            raise Misconfigured(f"{file.name}:{number}: the line is no NAME=value")
        if name.upper().startswith(_PREFIX):
            name, value = name[len(_PREFIX) :], _decoded(value, f"{file.name}:{number}")
        yield name.upper(), value


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in _visible(folder):
        if not _NAME.fullmatch(path.name):
            raise Misconfigured(f"{folder.name}/{path.name}: the file's name is no secret's name")
        try:
            yield path.name.upper().removeprefix(_PREFIX), path.read_text().removesuffix("\n")
        except UnicodeDecodeError as error:
            raise Misconfigured(f"{folder.name}/{path.name}: the file is no UTF-8 text") from error


def _visible(folder: Path) -> list[Path]:
    # mounted secrets have hidden folders beside them
    return sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
    )


def _decoded(value: str, place: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Misconfigured(
            f"{place}: a value of {_PREFIX}* is base 64, this one is not"
        ) from error
