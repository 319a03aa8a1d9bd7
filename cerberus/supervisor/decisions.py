"""What is to be done about one process; pure, with time passed in.

supervisord restarts what dies and waits between restarts. Left to decide here: whether a process
that lives is stuck, and whether its restarts are too many.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cerberus.supervisor.stack import Limits

#: a machine that slept makes every process look silent; only repeated misses count
MISSES_NEEDED = 3


class Phase(StrEnum):
    """Where a process is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    SILENT = "silent"
    RESTARTING = "restarting"
    GIVEN_UP = "given_up"


class Action(StrEnum):
    """What the watch process should ask of supervisord."""

    NOTHING = "nothing"
    TERMINATE = "terminate"
    KILL = "kill"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Health:
    """All that is remembered about one process."""

    name: str
    phase: Phase
    since: datetime
    answered_at: datetime
    deaths: tuple[datetime, ...] = ()
    last_reason: str = ""
    terminated_at: datetime | None = None
    misses: int = 0

    def restarts(self, now: datetime, limits: Limits) -> int:
        """Return how many deaths fall into the window that ends now."""
        window = timedelta(seconds=limits.restart_window_seconds)
        return sum(1 for death in self.deaths if now - death < window)


def seen_alive(health: Health, now: datetime, *, same: bool) -> Health:
    """Note that a process lives; `same` when it is the one that was known before.

    Events come late and in any order with what is seen, so that a new process may be noticed before
    the death of the old one is heard of.
    """
    if health.phase is Phase.GIVEN_UP:
        return health
    if same and health.phase in {Phase.STARTING, Phase.READY, Phase.SILENT}:
        return health
    return _starting(health, now)


def started_by_hand(health: Health, now: datetime) -> Health:
    """Note that a person started what was stopped, which forgets what went before."""
    if health.phase not in {Phase.GIVEN_UP, Phase.STOPPED}:
        return health
    return _starting(replace(health, deaths=()), now)


def died(health: Health, now: datetime, reason: str, limits: Limits) -> Health:
    """Note a death that nobody asked for, and give up when it is one too many."""
    window = timedelta(seconds=limits.restart_window_seconds)
    deaths = (*(death for death in health.deaths if now - death < window), now)
    if health.terminated_at is not None:
        reason = f"silent for {_silence(health, health.terminated_at):.0f} s, {reason}"
    too_many = len(deaths) > limits.restart_limit or health.phase is Phase.GIVEN_UP
    return replace(
        health,
        phase=Phase.GIVEN_UP if too_many else Phase.RESTARTING,
        since=now,
        deaths=deaths,
        last_reason=reason,
        terminated_at=None,
    )


def ended_to_restart(health: Health, now: datetime, reason: str) -> Health:
    """Note that the process ended because it was asked to be started again: that is no death."""
    return replace(health, phase=Phase.RESTARTING, since=now, last_reason=f"{reason}, as asked")


def stopped(health: Health, now: datetime) -> Health:
    """Note that the process was stopped because somebody asked for it."""
    if health.phase is Phase.GIVEN_UP:
        return health
    return replace(health, phase=Phase.STOPPED, since=now, terminated_at=None)


def gave_up(health: Health, now: datetime) -> Health:
    """Note that supervisord itself will not start the process again."""
    if health.phase is Phase.GIVEN_UP:
        return health
    return replace(health, phase=Phase.GIVEN_UP, since=now)


def probed(health: Health, now: datetime, *, answered: bool, limits: Limits) -> Health:
    """Note whether the process answered its health URL."""
    if health.phase not in {Phase.STARTING, Phase.READY, Phase.SILENT}:
        return health
    if answered and health.phase is Phase.READY:
        return replace(health, answered_at=now, misses=0)
    if answered:
        return replace(
            health, phase=Phase.READY, since=now, answered_at=now, terminated_at=None, misses=0
        )
    health = replace(health, misses=health.misses + 1)
    quiet = _silence(health, now) >= limits.silent_seconds and health.misses >= MISSES_NEEDED
    if health.phase is Phase.READY and quiet:
        return replace(health, phase=Phase.SILENT, since=now)
    return health


def action_for(health: Health, now: datetime, limits: Limits, stop_seconds: float) -> Action:
    """Return what is to be done now; asked again and again, so it may repeat itself."""
    if health.phase is Phase.GIVEN_UP:
        return Action.STOP
    never_ready = health.phase is Phase.STARTING and (_silence(health, now) >= limits.ready_seconds)
    if health.phase is not Phase.SILENT and not never_ready:
        return Action.NOTHING
    if health.terminated_at is None:
        return Action.TERMINATE
    if (now - health.terminated_at).total_seconds() >= stop_seconds:
        return Action.KILL
    return Action.NOTHING


def terminated(health: Health, now: datetime) -> Health:
    """Note that the process was asked to end because it is silent."""
    return replace(health, terminated_at=health.terminated_at or now)


def _starting(health: Health, now: datetime) -> Health:
    return replace(
        health, phase=Phase.STARTING, since=now, answered_at=now, terminated_at=None, misses=0
    )


def _silence(health: Health, now: datetime) -> float:
    return (now - health.answered_at).total_seconds()
