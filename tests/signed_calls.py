"""Calls of webhooks as a sender signs them."""

import json
import secrets
import time
from pathlib import Path

from cerberus import secret_files
from cerberus.domain.webhooks.credentials import sign

SIGNALS = "/webhook/cerberus-trading-signal"
ALERTS = "/webhook/cerberus-external-alert"


def signed(
    var: Path, body: object, *, at: float | None = None, key: str | None = None, **more: str
) -> tuple[bytes, dict[str, str]]:
    """Return the bytes and the headers of a signed call; bytes are sent as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp, nonce = str(int(time.time() if at is None else at)), secrets.token_hex(16)
    signing_key = key or secret_files.read(var / "secrets", "webhook_signing_key")
    return content, {
        "X-Cerberus-Timestamp": timestamp,
        "X-Cerberus-Nonce": nonce,
        "X-Cerberus-Signature": sign(signing_key, timestamp, nonce, content),
        **more,
    }


def path_token(var: Path) -> str:
    """Return the token that senders put into the path."""
    return secret_files.read(var / "secrets", "webhook_path_token")
