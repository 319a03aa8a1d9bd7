"""Secrets that Cerberus generates for itself: one file each, mode 0600, below `var/secrets`."""

import base64
import os
import secrets
from pathlib import Path

from cerberus.errors import Misconfigured

#: name -> number of random bytes
GENERATED = {
    "api_token": 32,
    "admin_token": 32,
    "kestra_password": 24,
    "kestra_encryption_key": 32,
    "webhook_key": 32,
    "webhook_signing_key": 32,
    "webhook_path_token": 32,
    "telegram_webhook_secret": 32,
    "simulator_key": 16,
    "simulator_secret": 32,
}


def ensure(folder: Path) -> list[str]:
    """Generate every secret that does not exist yet and return their names."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for name, size in GENERATED.items():
        try:
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(_generate(name, size))
        made.append(name)
    return made


def read(folder: Path, name: str) -> str:
    """Return one secret.

    Raises
    ------
    Misconfigured
        The file is missing or empty.
    """
    path = folder / name
    try:
        value = path.read_text().strip()
    except FileNotFoundError as error:
        raise Misconfigured(f"secret {name} is missing, run scripts/up to generate it") from error
    if not value:
        raise Misconfigured(f"secret {name} in {path} is empty, delete the file and run scripts/up")
    return value


def _generate(name: str, size: int) -> str:
    if name == "kestra_encryption_key":
        # an AES key in standard base 64; URL-safe letters would not decode in Java
        return base64.b64encode(secrets.token_bytes(size)).decode()
    # URL-safe, so that it fits a header and a path; "Aa1" fulfils Kestra's rule for passwords
    return secrets.token_urlsafe(size) + ("Aa1" if name == "kestra_password" else "")
