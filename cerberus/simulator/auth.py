"""Gate.io's request signature, APIv4."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from cerberus.simulator.refusals import Refused

#: the largest gap between a request's timestamp and now
TIMESTAMP_GAP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers; the query is as it came, still encoded."""

    method: str
    path: str
    raw_query: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """The only key there is."""

    key: str
    secret: str

    def check(self, signed: Signed, headers: Mapping[str, str], now_seconds: float) -> None:
        """Refuse a request whose key, time or signature is wrong; in this order."""
        for name in ("KEY", "Timestamp", "SIGN"):
            if not headers.get(name.lower()):
                message = f"Missing required header: {name}"
                raise Refused("MISSING_REQUIRED_HEADER", message, 401)
        if not hmac.compare_digest(_bytes(headers["key"]), self.key.encode()):
            raise Refused("INVALID_KEY", "Invalid key provided", 401)
        stamp = headers["timestamp"]
        _check_time(stamp, now_seconds)
        if not hmac.compare_digest(_bytes(headers["sign"].lower()), self._sign(signed, stamp)):
            raise Refused("INVALID_SIGNATURE", "Signature mismatch", 401)

    def _sign(self, signed: Signed, stamp: str) -> bytes:
        query = unquote_plus(signed.raw_query)
        digest = hashlib.sha512(signed.body).hexdigest()
        text = "\n".join((signed.method, signed.path, query, digest, stamp))
        return hmac.new(self.secret.encode(), _bytes(text), hashlib.sha512).hexdigest().encode()


def check_expiry(headers: Mapping[str, str], now_ms: int) -> None:
    """Refuse a placement that arrives after the moment its header names."""
    text = headers.get("x-gate-exptime")
    if text is None:
        return
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        message = f"Invalid header x-gate-exptime: {text[:40]}"
        raise Refused("INVALID_PARAM_VALUE", message)
    if now_ms > int(text):
        message = f"request arrived at {now_ms}, after its expiration time {text}"
        raise Refused("REQUEST_EXPIRED", message)


def _check_time(stamp: str, now_seconds: float) -> None:
    is_number = stamp.isascii() and stamp.isdecimal() and len(stamp) < 13
    if not is_number or abs(now_seconds - int(stamp)) > TIMESTAMP_GAP_SECONDS:
        message = f"gap between request Timestamp and server time exceeds {TIMESTAMP_GAP_SECONDS}"
        raise Refused("REQUEST_EXPIRED", message, 401)


def _bytes(text: str) -> bytes:
    # headers and targets may hold bytes that are not UTF-8
    return text.encode("utf-8", "surrogateescape")
