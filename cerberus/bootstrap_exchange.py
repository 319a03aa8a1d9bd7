"""Put the way to the venue together: client, request limits, breakers, and the loops they need."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from cerberus import secret_files
from cerberus.adapters.clock import WallClock
from cerberus.adapters.exchange import (
    CcxtExchange,
    ExpiringGate,
    PacedBinance,
    Spender,
    open_binance,
    open_gate,
)
from cerberus.adapters.shared_limits import open_redis_ledger
from cerberus.coordination.crew import Crew
from cerberus.coordination.periodic import Periodic
from cerberus.errors import Misconfigured
from cerberus.resilience.breakers import Breakers
from cerberus.resilience.guard import Guard
from cerberus.resilience.guarded_exchange import GuardedExchange
from cerberus.resilience.ledger import MemoryLedger
from cerberus.resilience.limiter import Limiter
from cerberus.resilience.shared_ledger import BEAT_SECONDS, SharedLedger
from cerberus.settings import LimitSettings, Ports, TradingSettings, load

#: shorter secrets are refused where real money or a venue's test network is behind them
STRONG_SECRET_LENGTH = 20


@dataclass(slots=True)
class Connection:
    """The guarded venue; its loops run from the start on, whatever becomes of the desk."""

    exchange: GuardedExchange
    guard: Guard
    loops: list[Periodic]
    shared: SharedLedger | None = None
    crew: Crew = field(default_factory=Crew)

    def start(self) -> None:
        """Begin to look after the breakers and the ledger."""
        self.crew.start(self.loops)

    async def stop(self) -> None:
        """End the loops and close the connections."""
        await self.crew.stop()
        await self.exchange.close()
        if self.shared is not None:
            await self.shared.close()


def connect(settings: TradingSettings, ports: Ports, secrets: Path) -> Connection:
    """Build the way to the venue; nothing is sent yet.

    Raises
    ------
    Misconfigured
        The settings do not allow it; the message says what to change.
    """
    limits, wall = load(LimitSettings), WallClock()
    shared = _shared_ledger(limits)
    limiter = Limiter(shared or MemoryLedger())
    guard = Guard(limiter, Breakers(settings.exchange))
    venue = _venue(settings, ports, secrets, Spender(limiter, limits.limits_address))
    exchange = GuardedExchange(venue, guard.breakers)
    loops = [Periodic("probing", 0.5, exchange.probe, wall, 0.5)]
    if shared is not None:
        loops.append(Periodic("ledger", BEAT_SECONDS, shared.beat, wall))
    return Connection(exchange, guard, loops, shared)


def _shared_ledger(limits: LimitSettings) -> SharedLedger | None:
    if limits.redis_url is None:
        return None
    process = f"{socket.gethostname()}:{os.getpid()}"
    remote = open_redis_ledger(limits.redis_url.get_secret_value(), process)
    return SharedLedger(remote, limits.limits_processes)


def _venue(
    settings: TradingSettings, ports: Ports, secrets: Path, spender: Spender
) -> CcxtExchange:
    is_paper, testnet = settings.mode == "paper", settings.mode == "testnet"
    key, secret = _simulator_keys(secrets) if is_paper else _venue_keys(settings)
    url = ports.simulator_url if is_paper else None
    timeout = settings.venue_timeout_seconds
    client: ExpiringGate | PacedBinance
    if settings.exchange == "binance":
        # the spot testnet has no futures: whoever trades them there trades in demo mode
        spot_only = testnet and settings.market_type == "spot"
        client = open_binance(
            key,
            secret,
            url=url,
            timeout_seconds=timeout,
            testnet=testnet,
            spot_only=spot_only,
            spender=spender,
        )
    else:
        client = open_gate(
            key, secret, url=url, timeout_seconds=timeout, testnet=testnet, spender=spender
        )
    return CcxtExchange(client, WallClock())


def _simulator_keys(secrets: Path) -> tuple[str, str]:
    key = secret_files.read(secrets, "simulator_key")
    return key, secret_files.read(secrets, "simulator_secret")


def _venue_keys(settings: TradingSettings) -> tuple[str, str]:
    if not settings.enable_trading:
        raise Misconfigured(f"mode {settings.mode} needs ENABLE_TRADING=true")
    key, secret = settings.venue_keys
    name = f"CERBERUS_{settings.exchange.upper()}_API"
    if key is None or secret is None:
        raise Misconfigured(f"mode {settings.mode} needs {name}_KEY and {name}_SECRET")
    text = secret.get_secret_value()
    if len(text) < STRONG_SECRET_LENGTH or len(set(text)) < STRONG_SECRET_LENGTH // 2:
        raise Misconfigured(f"{name}_SECRET is a default or too weak to be real")
    return key.get_secret_value(), text
