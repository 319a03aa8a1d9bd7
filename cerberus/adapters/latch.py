"""One short text that can be kept even on a full disk."""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cerberus.errors import StoreFailed

#: one block, taken from the disk at the first start and overwritten in place ever after
_BYTES = 1024


class FileLatch:
    """A file beside the store; it holds what the store could not take, until the store does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists() or path.stat().st_size < _BYTES:
            with contextlib.suppress(StoreFailed):
                self.put({})

    def put(self, value: Mapping[str, str]) -> None:
        """Keep a value, empty for none.

        Raises
        ------
        StoreFailed
            Not even this could be written.
        """
        text = json.dumps({name: told[:100] for name, told in value.items()})
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.write(file, text.encode()[:_BYTES].ljust(_BYTES))
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StoreFailed(f"{self._path.name}: {error.strerror}") from error

    def get(self) -> Mapping[str, str]:
        """Return what is kept, empty for none."""
        try:
            told = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in told.items()}
