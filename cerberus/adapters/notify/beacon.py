"""The sign of life to a watch outside: a GET of a secret URL, which is never told."""

import aiohttp

from cerberus.errors import Transient

_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Beacon:
    """Asks for a URL and wants a good answer; whoever is behind it notices when it stays away."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def give(self) -> None:
        """Give one sign.

        Raises
        ------
        Transient
            It has not arrived, as far as is known.
        """
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            reason = type(error).__name__
            raise Transient(f"the watch outside cannot be reached: {reason}") from None
        if status >= 300:
            raise Transient(f"the watch outside answered {status}")
