"""Clients that measure the venue's clock again after it has refused a timestamp."""

import asyncio
from typing import Any, Protocol

import ccxt


class _Client(Protocol):
    async def fetch2(self, path: str, api: Any, method: str, *rest: Any) -> Any: ...
    async def load_time_difference(self) -> Any: ...


class Resynced:
    """A ccxt client's base: a refused timestamp has had no effect, the next call comes right.

    Stands before the client's class, whose `nonce` takes `timeDifference` off.
    """

    _is_skewed = False
    _measuring: "asyncio.Task[Any] | None" = None

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", *rest: Any) -> Any:
        """Measure the clock when it is known to be wrong, then call."""
        client: _Client = super()  # type: ignore[assignment]  # the class that stands behind this one
        await self._measure(client)
        try:
            return await client.fetch2(path, api, method, *rest)
        except ccxt.BaseError as error:
            self._is_skewed = self._is_skewed or is_clock_skew(error)
            raise

    async def _measure(self, client: _Client) -> None:
        """Let one call measure, and all others wait for it."""
        if self._is_skewed and self._measuring is None:
            self._is_skewed = False
            self._measuring = asyncio.ensure_future(client.load_time_difference())
        running = self._measuring
        if running is None or asyncio.current_task() is running:
            return
        try:
            await asyncio.shield(running)
        except ccxt.BaseError:
            self._is_skewed = True
            raise
        finally:
            if running.done() and self._measuring is running:
                self._measuring = None


def is_clock_skew(error: ccxt.BaseError) -> bool:
    """Return whether the venue has refused a request for its timestamp."""
    if isinstance(error, ccxt.InvalidNonce):
        return True
    # Gate.io has one label for this and for the expiry of a placement
    return "REQUEST_EXPIRED" in str(error) and "gap between" in str(error)
