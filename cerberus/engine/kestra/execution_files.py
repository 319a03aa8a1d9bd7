"""Files of executions, read from the engine's storage."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.java import Java, JavaError, java
from cerberus.engine.kestra.json_text import JsonObject, to_text
from cerberus.engine.kestra.lookup import find_execution
from cerberus.errors import Invalid, NotFound

CHUNK_BYTES = 64 * 1024
PREVIEW_ROWS = 100
PREVIEW_BYTES = 1024 * 1024

_KINDS = {"md": "MARKDOWN", "json": "TEXT", "txt": "TEXT", "log": "TEXT", "html": "HTML"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that belongs to an execution."""

    namespace: str
    uri: Java

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(str(self.uri.getPath())).name


class ExecutionFiles:
    """Reads files, but only those that belong to the execution that is asked about."""

    def __init__(self, beans: Beans) -> None:
        self._beans = beans

    def find(self, id_: str, path: str) -> StoredFile:
        """Return the file at a `kestra://` URI of an execution.

        Raises
        ------
        Invalid
            The URI belongs to something else.
        NotFound
            There is no such file.
        """
        execution = find_execution(self._beans, id_)
        try:
            uri = java("java.net.URI").create(path)
        except JavaError as error:
            raise Invalid("path", f"a URI is required, was {path!r}") from error
        namespace = str(execution.getNamespace())
        context = java("io.kestra.core.storages.StorageContext").forExecution(execution)
        folder = str(context.getContextStorageURI().getPath()).rstrip("/") + "/"
        inside = str(uri.getPath() or "")
        if str(uri.getScheme()) != "kestra" or not inside.startswith(folder) or ".." in inside:
            raise Invalid("path", f"a file of execution {id_} is required, was {path!r}")
        if not self._beans.storage.exists(TENANT, namespace, uri):
            raise NotFound(f"file {path} not found")
        return StoredFile(namespace, uri)

    def size(self, file: StoredFile) -> int:
        """Return a file's size in bytes."""
        return int(self._beans.storage.getAttributes(TENANT, file.namespace, file.uri).getSize())

    def chunks(self, file: StoredFile) -> Iterator[bytes]:
        """Yield a file's content; it is closed at the end, also when the reader goes away."""
        stream = self._beans.storage.get(TENANT, file.namespace, file.uri)
        try:
            while part := bytes(stream.readNBytes(CHUNK_BYTES)):
                yield part
        finally:
            stream.close()

    def preview(
        self, file: StoredFile, rows: int = PREVIEW_ROWS, encoding: str = "UTF-8"
    ) -> JsonObject:
        """Return the beginning of a file in the form that fits its kind."""
        suffix = PurePosixPath(file.name).suffix.lstrip(".").lower()
        if suffix == "ion":
            content = list(islice(self._records(file, rows), rows))
            return {"extension": suffix, "type": "LIST", "content": content, "truncated": False}
        try:
            text = b"".join(self._beginning(file)).decode(encoding, errors="replace")
        except LookupError as error:
            raise Invalid("encoding", f"unknown encoding {encoding!r}") from error
        lines = text.splitlines(keepends=True)
        return {
            "extension": suffix,
            "type": _KINDS.get(suffix, "TEXT"),
            "content": "".join(lines[:rows]),
            "truncated": len(lines) > rows or self.size(file) > PREVIEW_BYTES,
        }

    def _beginning(self, file: StoredFile) -> Iterator[bytes]:
        return islice(self.chunks(file), PREVIEW_BYTES // CHUNK_BYTES)

    def _records(self, file: StoredFile, rows: int) -> Iterator[object]:
        serde = java("io.kestra.core.serializers.FileSerde")
        stream = self._beans.storage.get(TENANT, file.namespace, file.uri)
        try:
            for record in serde.readAll(stream).take(rows).toIterable():
                yield json.loads(to_text(record))
        finally:
            stream.close()
