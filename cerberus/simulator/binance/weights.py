"""The venue's request weights and order counts, in fixed windows of wall time."""

from dataclasses import dataclass, field

from cerberus.simulator.binance.failures import Failed
from cerberus.simulator.entities import FUTURES, SPOT, Account

MINUTE = 60
ORDER_SECONDS = 10
#: request weight per minute and address
WEIGHT_LIMIT: dict[Account, int] = {SPOT: 6000, FUTURES: 2400}
#: new orders per 10 seconds and account
ORDER_LIMIT: dict[Account, int] = {SPOT: 100, FUTURES: 300}
#: this many calls into a limit that was told of are a ban
_PATIENCE = 10
BAN_SECONDS = 120


@dataclass(slots=True)
class _Window:
    number: int = 0
    used: int = 0
    refused: int = 0

    def enter(self, number: int) -> None:
        if number != self.number:
            self.number, self.used, self.refused = number, 0, 0


@dataclass(slots=True)
class Weights:
    """Counts what an address and an account use of one of the two APIs."""

    account: Account
    _weights: dict[str, _Window] = field(default_factory=dict)
    _orders: _Window = field(default_factory=_Window)
    _banned_until: dict[str, float] = field(default_factory=dict)

    def take(self, peer: str, weight: int, now: float, headers: dict[str, str]) -> None:
        """Count a request, or refuse it with 429, and with 418 a client that goes on."""
        until = self._banned_until.get(peer, 0.0)
        if now < until:
            raise _banned(until, now)
        window = self._weights.setdefault(peer, _Window())
        window.enter(int(now) // MINUTE)
        limit = WEIGHT_LIMIT[self.account]
        if window.used + weight > limit:
            window.refused += 1
            if window.refused > _PATIENCE:
                self._banned_until[peer] = now + BAN_SECONDS
                raise _banned(now + BAN_SECONDS, now)
            headers["X-MBX-USED-WEIGHT-1M"] = str(window.used)
            rest = MINUTE - int(now) % MINUTE
            text = (
                f"Too much request weight used; current limit is {limit} request weight per"
                " 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
            )
            raise Failed(-1003, text, 429, rest)
        window.used += weight
        headers["X-MBX-USED-WEIGHT-1M"] = str(window.used)
        if self.account == SPOT:
            headers["X-MBX-USED-WEIGHT"] = str(window.used)

    def take_order(self, now: float, headers: dict[str, str]) -> None:
        """Count a new order of the account."""
        self._orders.enter(int(now) // ORDER_SECONDS)
        limit = ORDER_LIMIT[self.account]
        if self._orders.used >= limit:
            text = f"Too many new orders; current limit is {limit} orders per 10 SECOND."
            rest = ORDER_SECONDS - int(now) % ORDER_SECONDS
            raise Failed(-1015, text, 429, rest)
        self._orders.used += 1
        headers["X-MBX-ORDER-COUNT-10S"] = str(self._orders.used)


def _banned(until: float, now: float) -> Failed:
    text = (
        f"Way too much request weight used; IP banned until {int(until * 1000)}. Please use"
        " WebSocket Streams for live updates to avoid bans."
    )
    return Failed(-1003, text, 418, max(1, int(until - now)))
