"""Basic authentication, as Kestra's open-source edition has it."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256

from fastapi import HTTPException, Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one user of the engine's API."""

    username: str
    password: str

    def match(self, header: str) -> bool:
        """Tell whether an `Authorization` header holds them, in constant time."""
        scheme, _, encoded = header.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{self.username}:{self.password}".encode()
        # hashes have one length: the comparison tells nothing about the password's
        return hmac.compare_digest(sha256(given).digest(), sha256(wanted).digest())


def require_credentials(request: Request) -> None:
    """Refuse a request without the right credentials."""
    credentials: Credentials = request.app.state.credentials
    if not credentials.match(request.headers.get("authorization", "")):
        raise HTTPException(
            401,
            "the credentials are missing or wrong",
            {"WWW-Authenticate": 'Basic realm="kestra"'},
        )
