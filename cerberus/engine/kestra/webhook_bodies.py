"""Bodies of webhook calls as the engine takes them: text, bytes, forms, or stored."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

import jpype

from cerberus.engine.kestra.beans import TENANT, Beans
from cerberus.engine.kestra.inputs import Part, stored_copy
from cerberus.engine.kestra.java import Java, array_list, java
from cerberus.errors import Invalid

_REQUEST = "io.kestra.core.http.HttpRequest$"
_BINARY = ("application/octet-stream", "image/", "audio/", "video/", "application/zip")


@dataclass(frozen=True, slots=True)
class WebhookBody:
    """What a request carried; a form is given as parts and not as bytes."""

    content: bytes = b""
    content_type: str = ""
    parts: Sequence[Part] = ()


class BodyReader:
    """Brings bodies into the shape that a webhook trigger asks for."""

    def __init__(self, beans: Beans, flow: Java, trigger: Java, execution_id: str) -> None:
        self._beans = beans
        self._flow = flow
        self._stores = str(trigger.getFetchType()) == "STORE"
        self._execution_id = execution_id

    def stored(self, body: WebhookBody) -> Java:
        """Return the URI under which the body is kept, if the trigger wants it so."""
        if not self._stores or body.parts or not body.content:
            return None
        return self._store("body", io.BytesIO(body.content))

    def read(self, body: WebhookBody) -> Java:
        """Return the body, or nothing where it is stored or empty."""
        if body.parts:
            return self._form(body)
        if not body.content or self._stores:
            return None
        if body.content_type.startswith(_BINARY):
            octets = jpype.JArray(jpype.JByte)(body.content)
            return java(_REQUEST + "ByteArrayRequestBody").of(octets)
        return java(_REQUEST + "StringRequestBody").of(_text(body.content))

    def _form(self, body: WebhookBody) -> Java:
        kind = java(_REQUEST + "MultipartFormDataRequestBody")
        utf8 = java("java.nio.charset.StandardCharsets").UTF_8
        parts = array_list([self._part(at, each) for at, each in enumerate(body.parts)])
        return kind(body.content_type, utf8, parts)

    def _part(self, at: int, part: Part) -> Java:
        kind = _REQUEST + "MultipartFormDataRequestBody$"
        content_type = part.content_type or "text/plain"
        if part.file is None:
            octets = jpype.JArray(jpype.JByte)(part.text.encode())
            return java(kind + "FormFieldPart")(part.name, content_type, octets)
        size = part.file.seek(0, io.SEEK_END)
        part.file.seek(0)
        uri = self._store(f"part-{at}", part.file)
        return java(kind + "FilePart")(part.name, part.file_name, content_type, size, uri)

    def _store(self, name: str, content: BinaryIO) -> Java:
        namespace, flow_id = str(self._flow.getNamespace()), str(self._flow.getId())
        contexts = java("io.kestra.core.storages.StorageContext")
        context = contexts.forExecution(TENANT, namespace, flow_id, self._execution_id)
        folder = str(context.getContextStorageURI().getPath()).rstrip("/")
        uri = java("java.net.URI").create(f"kestra://{folder}/trigger/{name}")
        with stored_copy(content) as path:
            stream = java("java.io.FileInputStream")(path)
            try:
                return self._beans.storage.put(TENANT, namespace, uri, stream)
            finally:
                stream.close()


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Invalid("body", f"UTF-8 text is required, byte {error.start} is not") from error
