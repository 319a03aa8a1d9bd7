"""Read a picture for a message: a PNG or JPEG below `var/report`, and nothing else."""

import logging
from pathlib import Path

log = logging.getLogger(__name__)

#: Telegram takes photos of 10 MB, Discord less on some servers
LARGEST_BYTES = 8 * 1024 * 1024
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def read_picture(folder: Path, name: str) -> bytes | None:
    """Return a picture, None where it cannot be sent: the text is told without it."""
    root = folder.resolve()
    file = (root / name).resolve()
    try:
        if not file.is_relative_to(root) or file.stat().st_size > LARGEST_BYTES:
            log.warning("picture_left_out name=%s limit_bytes=%d", name, LARGEST_BYTES)
            return None
        content = file.read_bytes()
    except OSError as error:
        log.warning("picture_left_out name=%s reason=%s", name, type(error).__name__)
        return None
    return content if content.startswith(_BEGINNINGS) else None
