"""Ask a URL on loopback whether somebody is there; the answer is a fact, never an exception."""

import http.client
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0


def answers(url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> bool:
    """Say whether a GET is answered with a 2xx in time."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=timeout_seconds
    )
    try:
        connection.request("GET", parts.path or "/", headers={"Connection": "close"})
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
