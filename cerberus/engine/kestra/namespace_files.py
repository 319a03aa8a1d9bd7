"""Files of namespaces, which tasks find in their working folders."""

import io
import zipfile
from typing import BinaryIO

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.filters import to_filters
from cerberus.engine.kestra.inputs import stored_copy
from cerberus.engine.kestra.java import Java, JavaError, integer, java
from cerberus.engine.kestra.json_text import JsonObject
from cerberus.engine.kestra.lookup import require_namespace
from cerberus.engine.kestra.paging import Page
from cerberus.errors import Conflict, Invalid, NotFound

#: what file systems take
LONGEST_NAME_BYTES = 200
LARGEST_ARCHIVE_BYTES = 256 * 1024 * 1024


class NamespaceFiles:
    """The files of every namespace, with their former revisions."""

    def __init__(self, beans: Beans) -> None:
        self._storage = beans.storage
        self._factory = beans.of_class("io.kestra.core.storages.NamespaceFactory")
        self._metadata = beans.of_class(
            "io.kestra.core.repositories.NamespaceFileMetadataRepositoryInterface"
        )

    def read(self, namespace: str, path: str, revision: int | None = None) -> bytes:
        """Return a file's content, of its last revision or of an older one."""
        store = self._existing(namespace, path)
        if str(store.getFileMetadata(_path(path)).getType()) == "Directory":
            raise Invalid("path", f"a file is required, {path} is a folder")
        if revision is None:
            stream = store.getFileContent(_path(path))
        else:
            stream = store.getFileContent(_path(path), integer(revision))
        try:
            return bytes(stream.readAllBytes())
        finally:
            stream.close()

    def write(self, namespace: str, path: str, content: BinaryIO) -> None:
        """Write a file, or each file of a zip whose name ends in .zip, as Kestra does."""
        if path.lower().endswith(".zip"):
            self._unpack(namespace, content)
        else:
            self._put(namespace, path, content)

    def make_directory(self, namespace: str, path: str) -> None:
        """Make a folder."""
        self._store(require_namespace(namespace)).createDirectory(_path(path))

    def list_directory(self, namespace: str, path: str | None = None) -> list[JsonObject]:
        """Return what a folder holds."""
        inside = "/" + (path or "").strip("/")
        if inside != "/":
            self._existing(namespace, inside)
            inside += "/"
        attributes = java("io.kestra.core.storages.NamespaceFileAttributes")
        found = self._store(namespace).children(inside, False)
        return [_attributes_object(attributes(each)) for each in found]

    def attributes(self, namespace: str, path: str | None = None) -> JsonObject:
        """Return name, kind, size and times of a file or folder."""
        store = self._existing(namespace, path or "/")
        return _attributes_object(store.getFileMetadata(_path(path or "/")))

    def revisions(self, namespace: str, path: str) -> list[JsonObject]:
        """Return the revisions of a file, newest first."""
        self._existing(namespace, path)
        every = java("io.kestra.core.models.FetchVersion").ALL
        wanted = [
            ("filters[namespace][EQUALS]", namespace),
            ("filters[path][EQUALS]", "/" + path.strip("/")),
        ]
        found = self._metadata.find(
            Page(1, 1000).to_java(), TENANT, to_filters(wanted), True, every
        )
        numbers = sorted({int(each.getRevision()) for each in found}, reverse=True)
        return [{"revision": number} for number in numbers]

    def move(self, namespace: str, source: str, target: str) -> None:
        """Move a file or folder."""
        store = self._existing(namespace, source)
        if store.exists(_path(target)):
            raise Conflict(f"file {target} already exists in namespace {namespace}")
        store.move(_path(source), _path(target))

    def delete(self, namespace: str, path: str) -> None:
        """Delete a file, or a folder with all that is in it."""
        self._existing(namespace, path).delete(_path(path))

    def search(self, namespace: str, text: str) -> list[str]:
        """Return the paths that hold a text."""
        found = self._store(namespace).all(text)
        return [str(each.path()) for each in found if not each.isDirectory()]

    def export(self, namespace: str) -> bytes:
        """Return all files as a zip."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in self._store(namespace).all():
                if not each.isDirectory():
                    name = str(each.path()).lstrip("/")
                    archive.writestr(name, self.read(namespace, name))
        return target.getvalue()

    def _unpack(self, namespace: str, content: BinaryIO) -> None:
        try:
            with zipfile.ZipFile(content) as archive:
                entries = [each for each in archive.infolist() if not each.is_dir()]
                size = sum(each.file_size for each in entries)
                if size > LARGEST_ARCHIVE_BYTES:
                    raise Invalid(
                        "fileContent", f"{size} bytes exceed limit {LARGEST_ARCHIVE_BYTES}"
                    )
                for each in entries:
                    _path(each.filename)
                for each in entries:
                    with archive.open(each) as file:
                        self._put(namespace, each.filename, io.BytesIO(file.read()))
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise Invalid("fileContent", f"a zip is required: {error}") from error

    def _put(self, namespace: str, path: str, content: BinaryIO) -> None:
        with stored_copy(content) as name:
            stream = java("java.io.FileInputStream")(name)
            try:
                self._store(require_namespace(namespace)).putFile(_path(path), stream)
            finally:
                stream.close()

    def _existing(self, namespace: str, path: str) -> Java:
        store = self._store(namespace)
        if path.strip("/") and not store.exists(_path(path)):
            raise NotFound(f"file {path} not found in namespace {namespace}")
        return store

    def _store(self, namespace: str) -> Java:
        return self._factory.of(TENANT, namespace, self._storage)


def _path(text: str) -> Java:
    parts = text.split("/")
    if max(len(part.encode()) for part in parts) > LONGEST_NAME_BYTES:
        raise Invalid("path", f"a name of more than {LONGEST_NAME_BYTES} bytes")
    if ".." in parts or "\\" in text or "\0" in text:
        raise Invalid("path", f"a path below the namespace is required, was {text!r}")
    try:
        return java("java.nio.file.Path").of("/" + text.strip("/"))
    except JavaError as error:
        raise Invalid("path", f"a path is required, was {text!r}") from error


def _attributes_object(found: Java) -> JsonObject:
    return {
        "fileName": str(found.getFileName()),
        "lastModifiedTime": int(found.getLastModifiedTime()),
        "creationTime": int(found.getCreationTime()),
        "type": str(found.getType()),
        "size": int(found.getSize()),
    }
