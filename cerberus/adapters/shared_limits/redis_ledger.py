"""The remote ledger in Redis: one script, run by the server in its own time."""

import math
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from cerberus.errors import Misconfigured
from cerberus.resilience.ledger import Budget, Charge
from cerberus.resilience.shared_ledger import Answer, LedgerGone

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: a cancel waits no longer for the ledger before it goes by its share
TIMEOUT_SECONDS = 0.25
#: a process that has been silent for so long shares no budget any more
PRESENCE_SECONDS = 10.0
PREFIX = "cerberus:limits"

_MICRO = 1_000_000


class RedisLedger:
    """One process's view of the ledger; it retries nothing."""

    def __init__(self, client: "Redis", process: str) -> None:
        self._client = client
        self._process = process
        text = files(__package__).joinpath("ledger.lua").read_text()
        self._script = client.register_script(text)

    async def take(
        self, charges: Sequence[Charge], scopes: Sequence[str], *, urgent: bool
    ) -> Answer:
        """Count a call that fits, else count nothing and tell the wait."""
        budgets = [charge.budget for charge in charges]
        asked = [(charge.budget.most(urgent=urgent), charge.weight) for charge in charges]
        return await self._run(budgets, asked, scopes, counts=True)

    async def look(self, budgets: Sequence[Budget]) -> Answer:
        """Tell how much of each budget is used, and count nothing."""
        asked = [(budget.limit, 0) for budget in budgets]
        return await self._run(budgets, asked, (), counts=False)

    async def rest(self, scope: str, seconds: float) -> None:
        """Let no call of a scope pass for so long; a shorter order changes nothing."""
        milliseconds = math.ceil(seconds * 1000)
        if milliseconds <= 0:
            return
        key = f"{PREFIX}:rest:{scope}"
        with _translated():
            # set where nothing is, else lengthen what is there
            if not await self._client.set(key, "1", px=milliseconds, nx=True):
                await self._client.pexpire(key, milliseconds, gt=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _run(
        self,
        budgets: Sequence[Budget],
        asked: Sequence[tuple[int, int]],
        scopes: Sequence[str],
        *,
        counts: bool,
    ) -> Answer:
        keys = [f"{PREFIX}:epoch", f"{PREFIX}:processes"]
        words: list[str | int] = [uuid.uuid4().hex, self._process]
        words += [int(PRESENCE_SECONDS * _MICRO), int(counts), len(budgets)]
        for budget, (most, weight) in zip(budgets, asked, strict=True):
            keys += [f"{PREFIX}:calls:{budget.name}", f"{PREFIX}:sum:{budget.name}"]
            words += [int(budget.seconds * _MICRO), most, weight]
        keys += [f"{PREFIX}:rest:{scope}" for scope in scopes]
        with _translated():
            wait, processes, epoch, used = await self._script(keys=keys, args=words)
        micros = int(wait)
        return Answer(
            wait=math.inf if micros < 0 else micros / _MICRO,
            processes=int(processes),
            epoch=str(epoch),
            used=tuple(int(one) for one in used),
        )


def open_redis_ledger(url: str, process: str) -> RedisLedger:
    """Return the ledger behind a URL; it connects with the first call.

    Raises
    ------
    Misconfigured
        The optional package is missing, or the URL is none.
    """
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ModuleNotFoundError as error:
        text = "CERBERUS_REDIS_URL needs the package redis: .venv/bin/python -m pip install redis"
        raise Misconfigured(text) from error
    options: dict[str, Any] = {
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "decode_responses": True,
        # what cannot be reached at once is gone: the share goes on without it
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        client = Redis.from_url(url, **options)
    except ValueError as error:
        raise Misconfigured(
            "CERBERUS_REDIS_URL is no redis://, rediss:// or unix:// URL"
        ) from error
    return RedisLedger(client, process)


@contextmanager
def _translated() -> Iterator[None]:
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        # the text may hold the URL and with it a password
        raise LedgerGone(f"redis: {type(error).__name__}") from error
