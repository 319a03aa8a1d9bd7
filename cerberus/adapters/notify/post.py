"""One POST to a vendor: its answer as an error of ours, and never its URL, which holds a secret."""

import json
from collections.abc import Callable, Mapping

import aiohttp

from cerberus.errors import Misconfigured, Rejected, Transient, Unknown

_LARGEST_ANSWER = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)
#: a vendor that asks for more is asked again after this long
_LONGEST_WAIT_SECONDS = 3600.0


class Poster:
    """The connections of all channels; opened at the first use."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self,
        channel: str,
        url: str,
        *,
        json_body: object = None,
        form: Callable[[], aiohttp.FormData] | None = None,
    ) -> bytes:
        """Post and return the answer's body.

        Raises
        ------
        Rejected
            The vendor refuses this message.
        Misconfigured
            The vendor refuses us: the key is wrong, the channel is gone.
        Transient
            Nothing was taken; try again, after the time that the vendor asked for.
        Unknown
            It may have been taken; the same message may come twice.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            data = None if form is None else form()
            async with self._session.post(
                url, json=json_body, data=data, allow_redirects=False
            ) as response:
                body = await response.content.read(_LARGEST_ANSWER)
                status, headers = response.status, response.headers
        except aiohttp.InvalidURL as error:
            raise Misconfigured(f"{channel}: its URL is not valid") from error
        except aiohttp.ClientConnectorError as error:
            raise Transient(f"{channel} cannot be reached: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unknown(f"{channel} gave no answer: {type(error).__name__}") from error
        if status >= 300:
            _refuse(channel, status, headers, body)
        return body

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _refuse(channel: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    told = f"{channel} answered {status}: {body.decode(errors='replace')[:300]}"
    if status == 429 or status >= 500:
        raise Transient(told, _wait_seconds(headers, body))
    if status in (401, 403, 404, 405, 410) or b"chat not found" in body:
        raise Misconfigured(told)
    if status in (400, 413, 422):
        raise Rejected(told)
    raise Transient(told)


def _wait_seconds(headers: Mapping[str, str], body: bytes) -> float | None:
    """Return what the vendor asks for: a header, or a field of its answer."""
    found: object = headers.get("Retry-After")
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        parameters = answer.get("parameters")
        inner = parameters.get("retry_after") if isinstance(parameters, dict) else None
        told = answer.get("retry_after", inner)
        found = told if told is not None else found
    try:
        seconds = float(str(found))
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if seconds == seconds else None
