"""Start flows by their webhook triggers; the URL holds the key, and stands in no message."""

import json
from collections.abc import Mapping

import aiohttp

from cerberus.errors import Rejected, Transient, Unknown

_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=3)
_LARGEST_ANSWER = 256 * 1024


class KestraWebhooks:
    """The webhook triggers of an engine that share one key; the connection opens when needed."""

    def __init__(self, url: str, key: str) -> None:
        self._base = f"{url}/api/v1/main/executions/webhook"
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def start(self, flow: str, body: Mapping[str, object], key: str | None) -> str:
        """Start a flow, `namespace/id`, and return the execution's id.

        Raises
        ------
        Transient
            Nothing was started.
        Rejected
            The flow does not take this body.
        Unknown
            It may have been started.
        """
        if self._session is None:
            # a kept connection that the engine has closed would leave a call in doubt
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            async with self._session.post(
                f"{self._base}/{flow}/{self._key}", json=body, headers=headers
            ) as response:
                text, status = await response.content.read(_LARGEST_ANSWER), response.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Transient(f"the engine cannot be reached: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            told = f"the engine gave no answer: {type(error).__name__}"
            raise Unknown(f"{told}; the flow may have been started") from error
        return _execution(flow, status, text)

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _execution(flow: str, status: int, text: bytes) -> str:
    if status in (404, 429, 503):
        why = "does not know it, or it is switched off" if status == 404 else f"answered {status}"
        raise Transient(f"{flow} was not started, the engine {why}")
    if status >= 500:
        raise Unknown(f"the engine answered {status}; {flow} may have been started")
    if status != 200:
        raise Rejected(f"{flow} did not take the body, the engine answered {status}")
    try:
        return str(json.loads(text)["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unknown(f"{flow} may have been started, the answer has no execution's id") from error
