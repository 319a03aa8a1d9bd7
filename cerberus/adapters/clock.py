"""Clocks: wall time, and the market time of a simulator that runs faster."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from cerberus.errors import Transient
from cerberus.ports import Clock


class WallClock:
    """The system's clock."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Market time that runs `speed` times as fast as wall time, from an anchor on."""

    wall: Clock
    wall_anchor: datetime
    market_anchor: datetime
    speed: float

    def now(self) -> datetime:
        """Return the present market time."""
        elapsed = (self.wall.now() - self.wall_anchor).total_seconds()
        return self.market_anchor + timedelta(seconds=elapsed * self.speed)


async def market_clock(simulator_url: str, wall: Clock) -> Clock:
    """Return the simulator's market clock; at speed 1 that is wall time itself.

    Raises
    ------
    Transient
        The simulator cannot be reached.
    """
    timeout = aiohttp.ClientTimeout(total=5)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{simulator_url}/sim/clock") as response,
        ):
            told = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Transient(f"the simulator's clock cannot be read ({type(error).__name__})") from error
    speed = float(told["speed"])
    if speed == 1:
        return wall
    return ScaledClock(wall, wall.now(), datetime.fromisoformat(told["market_time"]), speed)
