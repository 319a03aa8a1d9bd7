"""Keep below a venue's request limits, and away from it when it has said to wait."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from cerberus.adapters.exchange.binance_weights import Parameters
from cerberus.adapters.exchange.limits import Cost, Table
from cerberus.resilience.ledger import Budget, Charge, MemoryLedger
from cerberus.resilience.limiter import PATIENCE_SECONDS, Limiter
from cerberus.resilience.urgency import is_urgent

#: of what the venue allows; the rest is left for clocks that differ and calls under way
SAFETY_MARGIN = 0.9
#: after a 418 that names no time
BAN_SECONDS = 60.0

#: which endpoint is being called, and its window, for the answer that says to wait
_calling: ContextVar[tuple[str, float]] = ContextVar("calling", default=("", BAN_SECONDS))


@dataclass(frozen=True, slots=True)
class Spender:
    """Who spends: the limiter, and what the venue counts by beside its endpoints."""

    limiter: Limiter
    #: whoever shares an address towards the venue shares this name
    address: str = "default"


class Pacing:
    """The pace of one client of a venue: its table, its key and its address."""

    def __init__(self, venue: str, table: Table, key: str, spender: Spender | None = None) -> None:
        self._spender = spender or Spender(Limiter(MemoryLedger()))
        # a name that is shown and kept elsewhere must not hold the key
        shown = hashlib.sha256(key.encode()).hexdigest()[:8]
        self._account = f"{venue} key {shown}"
        self._address = f"{venue} address {self._spender.address}"
        self._table = table

    async def wait(
        self,
        path: str,
        api: Sequence[str] | str,
        method: str,
        parameters: Parameters,
        expires_at_ms: int | None = None,
    ) -> None:
        """Count a call and wait until it may go; one that would come too late is given back."""
        sections = [api] if isinstance(api, str) else list(api)
        endpoint = f"{self._account} {method} {'/'.join(sections)}/{path}"
        costs = self._table(path, sections, method, parameters)
        _calling.set((endpoint, min((cost.seconds for cost in costs), default=BAN_SECONDS)))
        patience = PATIENCE_SECONDS
        if expires_at_ms is not None and method == "POST":
            patience = min(patience, max(0.0, expires_at_ms / 1000 - time.time()))
        await self._spender.limiter.acquire(
            [self._charge(cost) for cost in costs],
            (self._account, endpoint),
            urgent=is_urgent() or method == "DELETE",
            patience_seconds=patience,
        )

    def cool_off(self, seconds: float | None, *, everything: bool) -> float:
        """Let nothing go for so long, or nothing of the endpoint that was just called.

        Where the venue names no time, it is the endpoint's window, or a minute after a ban.
        """
        endpoint, window = _calling.get()
        rest = (BAN_SECONDS if everything else window) if seconds is None else seconds
        self._spender.limiter.cool_off(
            self._account if everything or not endpoint else endpoint, rest
        )
        return rest

    def _charge(self, cost: Cost) -> Charge:
        owner = self._account if cost.by_key else self._address
        limit = int(cost.limit * SAFETY_MARGIN)
        return Charge(Budget(f"{owner} {cost.name}", limit, cost.seconds), cost.weight)


def told_wait(headers: Mapping[str, str]) -> float | None:
    """Return how long the venue says to wait: `Retry-After`, else Gate.io's time of reset."""
    told = {name.lower(): value for name, value in headers.items()}
    after, reset = told.get("retry-after", ""), told.get("x-gate-ratelimit-reset-timestamp", "")
    if after.isdecimal():
        return float(after)
    if reset.isdecimal():
        return max(1.0, float(reset) - time.time())
    return None
