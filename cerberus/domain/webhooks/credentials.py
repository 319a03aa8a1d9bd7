"""Who may call a webhook: a signature over time, nonce and body, or a token in the path."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: how old a signed call may be, and how far its sender's clock may be ahead
OLDEST = timedelta(minutes=5)
AHEAD = timedelta(minutes=1)

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_SCHEME = "sha256="


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signed call carries beside its body, as it was sent."""

    #: seconds since 1970
    timestamp: str
    nonce: str
    digest: str

    @property
    def has_form(self) -> bool:
        """Whether time and nonce are what they have to be."""
        is_time = _TIMESTAMP.fullmatch(self.timestamp) is not None
        return is_time and _NONCE.fullmatch(self.nonce) is not None

    @property
    def at(self) -> datetime:
        """When it was signed."""
        return datetime.fromtimestamp(int(self.timestamp), UTC)


def sign(key: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return the digest of a call, as it stands in the header."""
    text = f"{timestamp}.{nonce}.".encode(errors="surrogatepass") + body
    return _SCHEME + hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def is_signed(key: str, signature: Signature, body: bytes, now: datetime) -> bool:
    """Return whether a call is signed with the key, and lately; the digest in constant time."""
    right = sign(key, signature.timestamp, signature.nonce, body)
    is_right = is_same(right, signature.digest)
    if not is_right or not signature.has_form:
        return False
    try:
        return now - OLDEST <= signature.at <= now + AHEAD
    except (OverflowError, ValueError):  # a year that no calendar has
        return False


def is_same(right: str, given: str) -> bool:
    """Compare a secret in constant time, whatever characters were given."""
    return hmac.compare_digest(right.encode(), given.encode(errors="surrogatepass"))


def nonce_name(nonce: str) -> str:
    """Return the short name under which a spent nonce is kept."""
    return hashlib.sha256(nonce.encode()).hexdigest()[:32]


def unspent(spent: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the spent nonces that a call could still be repeated with; the others are too old."""
    oldest = (now - OLDEST).timestamp()
    return {name: at for name, at in spent.items() if int(at) >= oldest}
