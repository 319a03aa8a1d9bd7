"""Orders: what stands on the way of each of them, against the libraries that do the same."""

import statistics
import time
from collections.abc import Callable
from functools import cache

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pyrate_limiter import Duration, InMemoryBucket, Limiter, Rate

from bench._duplicates import duplicate_seconds, new_signals_a_second
from bench._protecting import seconds_unprotected, seconds_unprotected_after_kills
from bench._reconciling import seconds_to_reconcile
from bench._stopping import Command, by_api, by_api_on_a_full_disk, directly, stopped
from bench._suites import Swept, moves_of_the_model, sweep
from bench.harness import Measurement, benchmark
from cerberus.resilience.rate_limiter import SlidingWindow

ROUNDS = 9
CALLS = 20_000
NEW_SIGNALS = 300
TRADES, KILLS = 30, 20
POSITIONS = 50
#: of the case in which all calls pass, and of the case in which nearly none does
ROOMY, TIGHT = 10_000_000, 100

#: makes a limiter of a budget a minute, asks it so many times and returns the seconds it took
Run = Callable[[int], float]


def _ours(limit: int) -> float:
    take, clock = SlidingWindow(limit, 60.0).take, time.monotonic
    began = time.perf_counter()
    for _ in range(CALLS):
        take(clock())
    return time.perf_counter() - began


def _pyrate(limit: int) -> float:
    limiter = Limiter(InMemoryBucket([Rate(limit, Duration.MINUTE)]))
    acquire = limiter.try_acquire
    began = time.perf_counter()
    for _ in range(CALLS):
        acquire("key", blocking=False)
    seconds = time.perf_counter() - began
    limiter.close()
    return seconds


def _limits(limit: int) -> float:
    hit, item = MovingWindowRateLimiter(MemoryStorage()).hit, RateLimitItemPerMinute(limit)
    began = time.perf_counter()
    for _ in range(CALLS):
        hit(item, "key")
    return time.perf_counter() - began


@benchmark(group="orders", name="limiter_against_pyrate", unit="x", goal=">= 10")
def limiter_against_pyrate() -> Measurement:
    """How many times as many calls a second pass the exact window as pass pyrate-limiter's."""
    return _side_by_side("pyrate-limiter InMemoryBucket", _pyrate, ROOMY)


@benchmark(group="orders", name="limiter_against_limits", unit="x", goal=">= 10")
def limiter_against_limits() -> Measurement:
    """How many times as many calls a second pass the exact window as pass `limits`' moving one."""
    return _side_by_side("limits MovingWindowRateLimiter", _limits, ROOMY)


@benchmark(group="orders", name="limiter_refusing_against_pyrate", unit="x", goal=">= 10")
def limiter_refusing_against_pyrate() -> Measurement:
    """The same where the budget is spent and nearly every call is refused."""
    return _side_by_side("pyrate-limiter InMemoryBucket", _pyrate, TIGHT)


@benchmark(group="orders", name="limiter_refusing_against_limits", unit="x", goal=">= 10")
def limiter_refusing_against_limits() -> Measurement:
    """The same where the budget is spent and nearly every call is refused."""
    return _side_by_side("limits MovingWindowRateLimiter", _limits, TIGHT)


@benchmark(group="orders", name="cached_duplicates", unit="signals/s", goal=">= 200000")
def cached_duplicates() -> Measurement:
    """Fingerprints found in a full memory; what the fingerprint itself costs is told beside."""
    seconds, with_fingerprint = zip(*(duplicate_seconds(CALLS) for _ in range(ROUNDS)), strict=True)
    rate = CALLS / statistics.median(seconds)
    whole = CALLS / statistics.median(with_fingerprint)
    return Measurement(rate, notes={"with_fingerprint": round(whole), "rounds": ROUNDS})


@benchmark(group="orders", name="new_signals", unit="signals/s")
def new_signals() -> Measurement:
    """Signals looked for, stored and committed one after the other: bound by the commit."""
    per_second, commits = new_signals_a_second(NEW_SIGNALS)
    return Measurement(per_second, notes={"small_commits_a_second": round(commits)})


@benchmark(group="orders", name="seconds_unprotected", unit="s", goal="<= 2")
def seconds_unprotected_worst() -> Measurement:
    """The longest time of some trades between the first fill and all exits in place."""
    seconds = seconds_unprotected(TRADES)
    notes = {"median": round(statistics.median(seconds), 3), "trades": TRADES}
    return Measurement(max(seconds), notes=notes)


@benchmark(group="orders", name="seconds_unprotected_after_kill", unit="s", goal="<= 2")
def seconds_unprotected_beyond_restart() -> Measurement:
    """The longest such time beyond the restart, the API being killed in the middle of entries."""
    found = seconds_unprotected_after_kills(KILLS)
    longest, restart = max(found, key=lambda one: one[0])
    hit = sum(seconds > 1 for seconds, _ in found)
    notes = {"longest": round(longest, 2), "its_restart": round(restart, 2), "kills": KILLS}
    beyond = max(seconds - restart for seconds, restart in found)
    return Measurement(max(0.0, beyond), notes=notes | {"between_fill_and_exits": hit})


@benchmark(group="orders", name="emergency_50_positions_seconds", unit="s", goal="<= 1")
def emergency_50_positions() -> Measurement:
    """From the command until the last close and cancel came, each answer taking 50 ms."""
    return _stopped(by_api)


@benchmark(group="orders", name="emergency_50_positions_disk_full_seconds", unit="s", goal="<= 1")
def emergency_50_positions_disk_full() -> Measurement:
    """The same when the API can write nothing any more."""
    return _stopped(by_api_on_a_full_disk)


@benchmark(group="orders", name="emergency_50_positions_direct_seconds", unit="s")
def emergency_50_positions_direct() -> Measurement:
    """The same by a new process, the API being dead: from its first call to the venue on."""
    found = stopped(POSITIONS, directly)
    notes = {"closes": found.closes, "cancels": found.cancels}
    whole = round(found.seconds, 3)
    return Measurement(found.seconds_of_calls, notes=notes | {"from_the_command": whole})


def _stopped(command: Command) -> Measurement:
    found = stopped(POSITIONS, command)
    notes = {"closes": found.closes, "cancels": found.cancels}
    return Measurement(found.seconds, notes=notes)


@benchmark(group="orders", name="reconcile_1000_orders", unit="s", goal="<= 2")
def reconcile_1000_orders() -> Measurement:
    """The slowest of some runs over 1,000 resting orders, all of which agree with the books."""
    seconds = seconds_to_reconcile(1000, ROUNDS)
    notes = {"median": round(statistics.median(seconds), 3), "rounds": ROUNDS}
    return Measurement(max(seconds), notes=notes)


def _side_by_side(name: str, peer: Run, limit: int) -> Measurement:
    # in turn, so that both see the same machine
    pairs = [(CALLS / _ours(limit), CALLS / peer(limit)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(one) for one in zip(*pairs, strict=True))
    rates = {"calls_per_second": round(ours), "peer_calls_per_second": round(theirs)}
    return Measurement(ours / theirs, name, 1.0, notes=rates | {"rounds": ROUNDS, "n": CALLS})


@benchmark(group="orders", name="sweep_failed_cases", unit="cases", goal="== 0")
def sweep_failed_cases() -> Measurement:
    """Every fault at every call of the venue and every commit, from signal to exit; recovered."""
    found = _swept()
    notes = {"points": found.points, "cases": found.run, "killed": found.killed}
    return Measurement(found.failed, notes=notes)


@benchmark(group="orders", name="sweep_seconds", unit="s", goal="<= 900")
def sweep_seconds() -> Measurement:
    """What the same sweep takes."""
    return Measurement(_swept().seconds)


@benchmark(group="orders", name="moves_not_made_by_the_model", unit="moves", goal="== 0")
def moves_not_made_by_the_model() -> Measurement:
    """Legal moves of orders that 10,000 steps of the stateful model have not visited."""
    made, legal, missing = moves_of_the_model()
    return Measurement(legal - made, notes={"legal": legal, "missing": missing})


@cache
def _swept() -> Swept:
    return sweep()
