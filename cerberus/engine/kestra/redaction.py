"""Secrets out of bytes, by the engine's own redactor."""

import jpype

from cerberus.engine.kestra.java import java


class Redacting:
    """One text that comes in parts; what may be the beginning of a secret waits for the rest."""

    def __init__(self) -> None:
        self._redactor = java("io.cerberus.kestra.Redactor")
        self._held = b""

    def feed(self, part: bytes, *, is_last: bool) -> bytes:
        """Return what is clean of all that came."""
        text = self._held + part
        if not text:
            return b""
        found = self._redactor.begin(jpype.JArray(jpype.JByte)(text), is_last)
        self._held = text[len(text) - int(found.held()) :]
        return bytes(found.clean())
