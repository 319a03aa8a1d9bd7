"""JSON over HTTP with the standard library; one connection, opened when it is needed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

from cerberus.client.errors import ApiProblem
from cerberus.errors import CerberusError, Transient, Unknown

#: parsed JSON; callers narrow it to the type that the route answers
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Query: TypeAlias = Mapping[str, str | int | bool | None]

#: methods that change nothing, so that a lost answer is harmless
_SAFE = frozenset({"GET", "HEAD"})
#: an answer beyond this is not one of ours
_LARGEST_BYTES = 32 * 2**20


class JsonConnection:
    """A connection to one server; use it in one thread, and close it or use it as a context.

    Parameters
    ----------
    url
        Scheme, host and port, and a path that all calls share.
    authorization
        The header of that name, for example ``Bearer ...``.
    """

    def __init__(self, url: str, authorization: str = "", timeout_seconds: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"expected a URL like http://127.0.0.1:8080, was {url!r}")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = kind(parts.hostname, parts.port, timeout=timeout_seconds)
        self._base = parts.path.rstrip("/")
        self._shown = f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}"
        self._headers = {"Accept": "application/json"}
        if authorization:
            self._headers["Authorization"] = authorization

    def __enter__(self) -> JsonConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Json:
        """Send one request and return the parsed answer; a body of bytes is sent as it is.

        Raises
        ------
        ApiProblem
            The server answered 4xx or 5xx.
        Transient
            The server could not be reached, or a reading call was cut off.
        Unknown
            A changing call was cut off: it may have had its effect.
        """
        sent = self._headers | dict(headers or {})
        data = body if isinstance(body, bytes) else None
        if body is not None and data is None:
            data = json.dumps(body, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        status, answered, text = self._exchange(method, self._target(path, query), data, sent)
        if status >= 400:
            raise _problem(status, answered, text)
        return _parse(text) if text else None

    def fetch(self, path: str, *, query: Query | None = None) -> bytes:
        """Return what a path gives, as it is; raises what `call` does."""
        status, answered, content = self._exchange(
            "GET", self._target(path, query), None, self._headers
        )
        if status >= 400:
            raise _problem(status, answered, content)
        return content

    def _target(self, path: str, query: Query | None) -> str:
        wanted = {
            name: _written(value) for name, value in (query or {}).items() if value is not None
        }
        return self._base + path + (f"?{urlencode(wanted)}" if wanted else "")

    def _exchange(
        self, method: str, target: str, data: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            if self._connection.sock is None:
                self._connection.connect()
        except OSError as error:
            self.close()
            raise Transient(f"{self._shown} cannot be reached: {error}") from error
        try:
            self._connection.request(method, target, data, dict(headers))
            response = self._connection.getresponse()
            return response.status, dict(response.headers), response.read(_LARGEST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._cut_off(method, target, error) from error

    def _cut_off(self, method: str, target: str, error: Exception) -> CerberusError:
        told = f"{method} {self._shown}{target} was cut off: {error or type(error).__name__}"
        return Transient(told) if method in _SAFE else Unknown(told)


def _written(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(status: int, headers: Mapping[str, str], text: bytes) -> ApiProblem:
    body = _parse(text)
    told = body if isinstance(body, dict) else {"detail": str(body)[:500]}
    found = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return ApiProblem(status, dict(told), float(found) if found.isdigit() else None)


def _parse(text: bytes) -> Json:
    try:
        parsed: Json = json.loads(text)
    except ValueError:
        return text.decode(errors="replace")
    return parsed
