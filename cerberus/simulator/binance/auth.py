"""Binance's request signature: HMAC-SHA256 over the parameters as they were sent."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from cerberus.simulator.auth import Credentials
from cerberus.simulator.binance.failures import Failed, illegal, missing
from cerberus.simulator.messages import Incoming

RECV_WINDOW_MS = 5000
RECV_WINDOW_MAX_MS = 60_000
#: how far a timestamp may lie in the future
AHEAD_MS = 1000

_SIGNATURE = re.compile(r"(?:^|&)signature=([^&]*)")


def check_key(credentials: Credentials, headers: Mapping[str, str]) -> None:
    """Refuse a request without the key."""
    key = headers.get("x-mbx-apikey", "")
    if not key:
        raise Failed(-2014, "API-key format invalid.", 401)
    if not hmac.compare_digest(_bytes(key), credentials.key.encode()):
        raise Failed(-2015, "Invalid API-key, IP, or permissions for action.", 401)


def check_signature(
    credentials: Credentials, incoming: Incoming, parameters: Mapping[str, str], now_ms: int
) -> None:
    """Refuse a request whose key, time or signature is wrong; in this order."""
    check_key(credentials, incoming.headers)
    check_time(parameters, now_ms)
    # the body is ASCII on this wire; anything else can only fail to match
    body = incoming.body.decode("utf-8", "surrogateescape")
    covered = f"{incoming.raw_query}{body}"
    found = _SIGNATURE.search(covered)
    if found is None or not found[1]:
        raise missing("signature")
    rest = covered[: found.start()] + covered[found.end() :]
    if not hmac.compare_digest(_bytes(found[1].lower()), sign(credentials.secret, rest)):
        raise Failed(-1022, "Signature for this request is not valid.")


def sign(secret: str, text: str) -> bytes:
    """Return the signature of parameters."""
    return hmac.new(secret.encode(), _bytes(text), hashlib.sha256).hexdigest().encode()


def check_time(parameters: Mapping[str, str], now_ms: int) -> None:
    """Refuse a request that is too old for its own window, or comes from the future."""
    stamp = _integer(parameters, "timestamp")
    if stamp is None:
        raise missing("timestamp")
    window = _integer(parameters, "recvWindow")
    if window is not None and window > RECV_WINDOW_MAX_MS:
        raise Failed(-1131, "recvWindow must be less than 60000.")
    if stamp >= now_ms + AHEAD_MS:
        text = f"Timestamp for this request was {AHEAD_MS}ms ahead of the server's time."
        raise Failed(-1021, text)
    if now_ms - stamp > (RECV_WINDOW_MS if window is None else window):
        raise Failed(-1021, "Timestamp for this request is outside of the recvWindow.")


def _integer(parameters: Mapping[str, str], name: str) -> int | None:
    text = parameters.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise illegal(name, "^[0-9]{1,20}$")
    return int(text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
